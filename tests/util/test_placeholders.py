"""Placeholders are replaced by values of any type."""

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
    ("value", "expected"),
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
def test_placeholder_is_replaced_by_a_value_of_its_type(value: Json, expected: Json) -> None:
    result = fill(value, NAMES)
    assert result == expected
    assert type(result) is type(expected)


def test_arguments_are_not_changed() -> None:
    value = {"messages": ["$base.user"]}
    fill(value, NAMES)
    assert value == {"messages": ["$base.user"]}
    assert NAMES["base"] == {"user": {"role": "user", "content": "$say"}}


@pytest.mark.parametrize("name", ["unknown", "tools.unknown", "n.deeper", "tools.weather.type.x"])
def test_unknown_name_is_an_error(name: str) -> None:
    with pytest.raises(UnknownName, match=r"is not defined") as caught:
        fill([f"${name}"], NAMES)
    assert caught.value.name == name
    assert isinstance(caught.value, KeyError)


def test_error_for_an_unknown_name_suggests_a_similar_one() -> None:
    with pytest.raises(UnknownName, match=r"did you mean \$tools\.weather\?"):
        fill("$tools.wether", NAMES)
    with pytest.raises(UnknownName, match=r"write \$\$ for a literal dollar sign"):
        fill("$xyzzy", {})


@pytest.mark.parametrize(
    "names",
    [{"a": "$a"}, {"a": "$b", "b": ["$a"]}, {"a": {"b": "$a"}}, {"a": "$a.b"}],
)
def test_definition_that_refers_to_itself_is_an_error(names: dict[str, Json]) -> None:
    with pytest.raises(CircularName, match=r"refers to itself: \$a -> .*\$a"):
        fill("$a", names)


def test_name_can_be_used_twice() -> None:
    assert fill(["$n", "$n", {"x": "$alias"}], NAMES)[0] == 3


def test_kept_names_are_left_for_a_later_call() -> None:
    def keep(name: str) -> bool:
        return name.split(".")[0] in ("turn", "call")

    first = fill(["$base.user", "$turn", "$call.id", "$$n"], NAMES, keep)
    assert first == [{"role": "user", "content": "hello"}, "$turn", "$call.id", "$$n"]
    assert fill(first, {"turn": 1, "call": {"id": 2}}, nested=False)[1:] == [1, 2, "$n"]


def test_values_sent_by_the_target_are_not_filled() -> None:
    captured = {"turn": {"content": "$HOME and $$", "list": ["$unknown"]}, "text": "$unknown"}
    assert fill(["$turn", "$text"], captured, nested=False) == [captured["turn"], "$unknown"]


def test_names_in_data_are_listed_with_their_members() -> None:
    value = {"a": ["$base.user", "$$no", "no $no"], "b": "$turn", "c": ("$x",), "$key": 1}
    assert names_in(value) == {"base.user", "turn", "x"}


def test_path_segments_are_filled_and_percent_encoded() -> None:
    assert fill_path("/models/$model", {"model": "org/m 1"}) == "/models/org%2Fm%201"
    assert fill_path("/a/$later/b$model", {"model": "m"}) == "/a/$later/b$model"
    assert fill_path("/a?limit=1&after=$id", {"id": "a b&c"}) == "/a?limit=1&after=a%20b%26c"
