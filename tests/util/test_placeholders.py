"""`$name` stands for a value, and keeps its type."""

from __future__ import annotations

import pytest

from harness.model import Json
from harness.util.placeholders import CircularName, UnknownName, fill, fill_path, names_in

NAMES: dict[str, Json] = {
    "model": "m-1",
    "n": 3,
    "off": None,
    "tools": {"weather": {"type": "function"}, "list": ["$tools.weather"]},
    "base": {"user": {"role": "user", "content": "$say"}},
    "say": "hello",
    "a.b": {"c": "dotted"},
    "alias": "$tools",
    "price": "$$5",
}


@pytest.mark.parametrize(
    ("value", "filled"),
    [
        ("$model", "m-1"),
        ("$n", 3),
        ("$off", None),
        ("$tools.weather", {"type": "function"}),
        ("$tools.list", [{"type": "function"}]),
        ("$base.user", {"role": "user", "content": "hello"}),
        ("$a.b.c", "dotted"),
        ("$alias.weather.type", "function"),
        (["$n", {"x": "$n"}, ("$n",)], [3, {"x": 3}, [3]]),
        ({"$n": 1}, {"$n": 1}),
        ("$$model", "$model"),
        ("$$", "$"),
        ("$$$5", "$$5"),
        ("$price", "$5"),
        ("costs $n", "costs $n"),
        ("$n dollars", "$n dollars"),
        ("$", "$"),
        ("$5", "$5"),
        ("$.choices[0]", "$.choices[0]"),
        (1.5, 1.5),
        (True, True),
    ],
)
def test_a_whole_text_is_replaced_and_keeps_its_type(value: Json, filled: Json) -> None:
    result = fill(value, NAMES)
    assert result == filled
    assert type(result) is type(filled)


def test_what_was_given_is_not_changed() -> None:
    value = {"messages": ["$base.user"]}
    fill(value, NAMES)
    assert value == {"messages": ["$base.user"]}
    assert NAMES["base"] == {"user": {"role": "user", "content": "$say"}}


@pytest.mark.parametrize("name", ["nobody", "tools.nobody", "n.deeper", "tools.weather.type.x"])
def test_an_unknown_name_is_an_error(name: str) -> None:
    with pytest.raises(UnknownName, match=r"nothing is named \$") as caught:
        fill([f"${name}"], NAMES)
    assert caught.value.name == name
    assert isinstance(caught.value, KeyError)


def test_an_unknown_name_gets_the_nearest_known_one() -> None:
    with pytest.raises(UnknownName, match=r"did you mean \$tools\.weather\?"):
        fill("$tools.wether", NAMES)
    with pytest.raises(UnknownName, match=r"write \$\$ for a plain dollar"):
        fill("$xyzzy", {})


@pytest.mark.parametrize(
    "names",
    [{"a": "$a"}, {"a": "$b", "b": ["$a"]}, {"a": {"b": "$a"}}, {"a": "$a.b"}],
)
def test_a_definition_that_needs_itself_is_an_error(names: dict[str, Json]) -> None:
    with pytest.raises(CircularName, match=r"needs itself: \$a -> .*\$a"):
        fill("$a", names)


def test_a_name_used_twice_is_no_circle() -> None:
    assert fill(["$n", "$n", {"x": "$alias"}], NAMES)[0] == 3


@pytest.mark.parametrize(
    "keep", [{"turn", "call"}, lambda name: name.split(".")[0] in ("turn", "call")]
)
def test_kept_names_wait_for_a_later_call(keep: Json) -> None:
    first = fill(["$base.user", "$turn", "$call.id", "$$n"], NAMES, keep)
    assert first == [{"role": "user", "content": "hello"}, "$turn", "$call.id", "$$n"]
    assert fill(first, {"turn": 1, "call": {"id": 2}}, again=False)[1:] == [1, 2, "$n"]


def test_a_dollar_that_the_target_sent_is_a_dollar() -> None:
    captured = {"turn": {"content": "$HOME and $$", "list": ["$nobody"]}, "text": "$nobody"}
    assert fill(["$turn", "$text"], captured, again=False) == [captured["turn"], "$nobody"]


def test_names_are_listed_whole() -> None:
    value = {"a": ["$base.user", "$$no", "no $no"], "b": "$turn", "c": ("$x",), "$key": 1}
    assert names_in(value) == {"base.user", "turn", "x"}


def test_a_path_is_filled_segment_by_segment_and_encoded() -> None:
    assert fill_path("/models/$model", {"model": "org/m 1"}) == "/models/org%2Fm%201"
    assert fill_path("/a/$later/b$model", {"model": "m"}) == "/a/$later/b$model"
