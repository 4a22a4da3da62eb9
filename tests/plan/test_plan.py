"""A plan holds every request as it will be sent, and names what belongs to whom."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.model import Endpoint, Json, Pack, Place, Plan, PlannedAssertion, Shot
from harness.plan import first_call, plan
from harness.util.errors import FileProblems
from tests.support.inline_pack import PACK, TARGET, USER, case, make_plan, with_panel

TOKENS = "$.usage.prompt_tokens"
TOOLS = PACK.define["tools"]
COMPARED = {"control": {"omit": ["x"]}, "paths": [TOKENS]}
WITH = replace(PACK, define={**PACK.define, "dollar": "$$x", "one": {"two": [1, "$base.user"]}})


def bodies(made: Plan, tag: str = "probe", mode: str = "plain") -> list[Json]:
    return [s.call.body for s in made.shots if s.tag == tag and s.mode == mode]


def own(made: Plan) -> list[Shot]:
    return [shot for shot in made.shots if shot.id.startswith("small/")]


def assertion(made: Plan, rule: str, stage: str = "rest") -> PlannedAssertion:
    return next(d for d in made.assertions if d.rule == rule and d.stage == stage)


# a case's keys, and the body that is sent in plain mode
SENT: list[tuple[str, dict[str, Any], Json]] = [
    ("the base", {}, {"model": "m-1", "messages": [USER]}),
    ("merged over", {"request": {"body": {"a": 1}}}, {"model": "m-1", "messages": [USER], "a": 1}),
    ("key by key", {"request": {"body": {"messages": []}}}, {"model": "m-1", "messages": []}),
    (
        "null is sent",
        {"request": {"body": {"a": None}}},
        {"model": "m-1", "messages": [USER], "a": None},
    ),
    ("left out", {"request": {"omit": ["model"]}}, {"messages": [USER]}),
    (
        "left out last",
        {"request": {"body": {"a": 1}, "omit": ["a"]}},
        {"model": "m-1", "messages": [USER]},
    ),
    (
        "a name keeps its type",
        {"request": {"body": {"a": "$tools"}, "omit": ["messages", "model"]}},
        {"a": TOOLS},
    ),
    (
        "names in names",
        {"request": {"body": {"messages": "$one.two"}, "omit": ["model"]}},
        {"messages": [1, USER]},
    ),
    (
        "a value at its place",
        {"values": [0.5], "field": "$.messages[0].name"},
        {"model": "m-1", "messages": [{**USER, "name": 0.5}]},
    ),
    (
        "a value with a name",
        {"values": [["$base.user"]], "field": "$.messages"},
        {"model": "m-1", "messages": [USER]},
    ),
    (
        "a value at the end of a list",
        {"values": [USER], "field": "$.messages[1]"},
        {"model": "m-1", "messages": [USER, USER]},
    ),
    (
        "a value in place of another",
        {"values": ["hi"], "field": "$.messages[0]"},
        {"model": "m-1", "messages": ["hi"]},
    ),
    (
        "a key with a slash",
        {"values": [1], "field": "$['a/b~c']"},
        {"model": "m-1", "messages": [USER], "a/b~c": 1},
    ),
]


@pytest.mark.parametrize(("spec", "body"), [row[1:] for row in SENT], ids=[row[0] for row in SENT])
def test_body_is_base_then_case_then_value(spec: dict[str, Any], body: Json) -> None:
    assert bodies(make_plan("supported", WITH, **spec)) == [body]


def test_mode_is_merged_between_base_and_request() -> None:
    made = make_plan("supported", request={"body": {"stream": "yes"}, "omit": ["stream_options"]})
    [body] = bodies(made, mode="stream")
    assert body == {"model": "m-1", "messages": [USER], "stream": "yes"}
    [body] = bodies(make_plan("supported"), mode="stream")
    assert body["stream_options"] == {"include_usage": True}


def test_field_inside_a_defined_value_can_be_dropped() -> None:
    made = make_plan("required", field="$.messages[0].role")
    assert bodies(made) == [{"model": "m-1", "messages": [{"content": USER["content"]}]}]
    assert bodies(make_plan("required", field="$.messages[0]")) == [
        {"model": "m-1", "messages": []}
    ]


def test_definitions_are_not_modified_by_a_request() -> None:
    make_plan("ignored", values=[1], field="$.messages[0].name")
    make_plan("required", field="$.messages[0].role")
    assert set(USER) == {"role", "content"}


def test_escaped_dollar_is_kept_until_sending() -> None:
    [body] = bodies(
        make_plan("supported", WITH, request={"body": {"a": "$$price", "b": "$dollar"}})
    )
    assert (body["a"], body["b"]) == ("$$price", "$$x")


def test_names_in_a_path_are_filled_in_and_get_has_no_body() -> None:
    [shot] = own(make_plan("supported", request={"method": "GET", "path": "/models/$model"}))
    assert (shot.call.method, shot.call.path, shot.call.body) == ("GET", "/models/m-1", None)


def test_special_requests_are_sent_in_plain_mode_only() -> None:
    request = {"method": "PUT", "path": "/x", "headers": {"a": "b"}, "auth": "none", "raw": "{"}
    [shot] = own(make_plan("supported", request=request))
    call = shot.call
    assert (call.method, call.path, call.headers, call.auth) == ("PUT", "/x", (("a", "b"),), "none")
    assert (call.raw, call.body, shot.mode) == ("{", None, "plain")


def test_case_selects_its_modes() -> None:
    assert [shot.mode for shot in own(make_plan("supported"))] == ["plain", "stream"]
    assert [shot.mode for shot in own(make_plan("supported", modes=["stream"]))] == ["stream"]
    streamed = make_plan("supported", modes=["plain", "stream"], request={"headers": [["a", "b"]]})
    assert [shot.mode for shot in own(streamed)] == ["plain", "stream"]


def test_shot_id_has_case_value_mode_turn_and_step() -> None:
    made = make_plan("supported", values=[1], repeat=2, modes=["plain"])
    assert [s.id for s in own(made)] == [f"small/one/probe=1/plain/{turn}" for turn in (1, 2)]
    steps = [{"name": "ask"}, {"name": "answer"}]
    made = make_plan("supported", steps=steps, modes=["plain"])
    assert [(s.id, s.step) for s in own(made)] == [
        ("small/one/plain/ask", "ask"),
        ("small/one/plain/answer", "answer"),
    ]


def test_capture_is_usable_in_later_steps_only() -> None:
    steps = [
        {"name": "ask", "capture": {"call": "$.id"}},
        {"name": "answer", "request": {"path": "/x/$call", "body": {"a": "$call"}}},
    ]
    made = make_plan("supported", steps=steps, modes=["plain"])
    ask, answer = own(made)
    assert ask.capture == {"call": "$.id"}
    assert (answer.call.body["a"], answer.call.path) == ("$call", "/x/$call")


# an impossible request, and the message
IMPOSSIBLE: list[tuple[str, dict[str, Any], str]] = [
    ("supported", {"request": {"body": {"a": "$gone"}}}, "nothing defines $gone"),
    ("supported", {"request": {"path": "/x/$gone"}}, "nothing defines $gone"),
    ("supported", {"request": {"body": {"a": "$base.usr"}}}, "did you mean $base.user?"),
    ("supported", {"request": {"body": {"a": "$loop"}}}, "refers to itself"),
    *(
        ("supported", {"request": {"headers": written}}, "the headers are no object of texts")
        for written in ("$one", "$tools", "$gone", {"x-a": "$one"}, [["x-a", "$base.user"]])
    ),
    (
        "supported",
        {"steps": [{"name": "a", "request": {"body": {"x": "$c"}}, "capture": {"c": "$"}}]},
        "$c",
    ),
    ("supported", {"steps": [{"name": "a", "capture": {"model": "$"}}]}, "hides the pack's $model"),
    ("supported", {"steps": [{"name": "a", "capture": {"base": "$"}}]}, "hides the pack's $base"),
    ("supported", {"values": [1], "field": "$.messages[7].name"}, "there is nothing at `7`"),
    ("supported", {"values": [1], "field": "$.gone.name"}, "there is nothing at `gone`"),
    ("supported", {"values": [1], "field": "$.model.name"}, "nothing can be put at /model/name"),
    ("supported", {"values": [1], "field": "$.messages.x"}, "nothing can be put at /messages/x"),
    ("required", {"field": "$.gone"}, "no /gone to leave out"),
    ("required", {"field": "$.messages[3]"}, "no /messages/3 to leave out"),
    ("required", {"field": "$.messages[0].x.y"}, "there is nothing at `x`"),
    ("supported", {"values": [1, 2, 1]}, "probe=1 is listed twice"),
    ("rejected", {"values": [1], "request": {"raw": "{"}}, "`raw` is the whole body"),
    ("supported", {"request": {"body": {"a": 1}, "raw": "{"}}, "`raw` is the whole body"),
    ("always", {"path": "$.a", "value": 1, "answers": ["error"]}, "no sample answer for `error`"),
]


@pytest.mark.parametrize(
    ("behaviour", "spec", "message"),
    IMPOSSIBLE,
    ids=[f"{i}-{row[2]}" for i, row in enumerate(IMPOSSIBLE)],
)
def test_impossible_request_is_an_error_with_a_reason(
    behaviour: str, spec: dict[str, Any], message: str
) -> None:
    panel = {"plain": PACK.panel["plain"]}
    pack = replace(PACK, define={**PACK.define, "loop": "$loop", "one": 1}, panel=panel)
    with pytest.raises(FileProblems) as caught:
        make_plan(behaviour, pack, **spec)
    [(place, text)] = caught.value.problems
    assert message in text
    assert text.startswith("one: ")
    assert place.path == "cases/small/a.yaml"


def test_request_error_has_the_place_of_its_key() -> None:
    places = {"/field": Place("a.yaml", 9, 3), "/steps/1": Place("a.yaml", 12, 3)}
    wrong = replace(case("supported", values=[1], field="$.gone.x"), places=places)
    with pytest.raises(FileProblems, match=r"a\.yaml:9:3"):
        plan(wrong, PACK, TARGET)
    steps = [{"name": "a"}, {"name": "b", "request": {"body": {"x": "$y"}}}]
    with pytest.raises(FileProblems, match=r"a\.yaml:12:3"):
        plan(replace(case("supported", steps=steps), places=places), PACK, TARGET)


def test_lacking_feature_skips_the_case_with_a_reason() -> None:
    poor = replace(TARGET, lacks=("tools",))
    made = make_plan("supported", target=poor, feature="tools")
    assert (made.shots, made.assertions) == ((), ())
    assert "lack tools" in made.skip


def test_sample_answer_of_a_lacking_feature_is_left_out() -> None:
    poor = replace(TARGET, lacks=("tools",))
    names = [shot.id.split("/")[1] for shot in make_plan("present", target=poor, path="$.id").shots]
    assert names == ["plain", "plain", "error"]
    only = make_plan("present", with_panel(tool={"feature": "tools"}), poor, path="$.id")
    assert "lack" in only.skip


def test_sample_answers_are_sent_by_group_and_mode() -> None:
    made = make_plan("present", path="$.id", answers=["plain", "stream", "error"])
    assert [(s.label, s.mode, s.tag) for s in made.shots] == [
        ("plain", "plain", "panel"),
        ("tool", "plain", "panel"),
        ("plain", "stream", "panel"),
        ("tool", "stream", "panel"),
        ("error", "plain", "panel"),
    ]


def test_panel_entry_can_omit_keys() -> None:
    pack = with_panel(plain={"omit": ["model"]})
    assert bodies(make_plan("present", pack, path="$.id"), "panel") == [{"messages": [USER]}]


def test_equal_controls_of_two_cases_are_one_shot() -> None:
    first = make_plan("supported", request={"body": {"x": 1}}, expect={"same_as": COMPARED})
    second = make_plan("ignored", id="two", row="y", values=[1])
    ids = [{s.id for s in made.shots if s.id.startswith("shared/")} for made in (first, second)]
    assert ids[0] == ids[1]
    assert len(ids[0]) == 4


def test_controls_with_other_captures_or_step_names_are_not_shared() -> None:
    def controls(name: str, capture: Json) -> set[str]:
        steps = [{"name": name, "capture": capture}, {"name": "b"}]
        made = make_plan("supported", steps=steps, expect={"same_as": COMPARED})
        return {script.id for script in made.scripts if script.id.startswith("shared/")}

    first = controls("a", {"x": "$.id"})
    assert first == controls("a", {"x": "$.id"})
    assert first.isdisjoint(controls("other", {"x": "$.id"}))
    assert first.isdisjoint(controls("a", {"x": "$.model"}))


def test_assertion_is_compared_with_controls_of_its_mode() -> None:
    made = make_plan("supported", request={"body": {"x": 1}}, expect={"same_as": COMPARED})
    plain, stream = (d for d in made.assertions if d.check == "same_as")
    assert plain.shots == ("small/one/plain",)
    assert [shot.split("/")[2] for shot in plain.against] == ["plain", "plain"]
    assert [shot.split("/")[2] for shot in stream.against] == ["stream", "stream"]


def test_effect_is_compared_with_controls_of_both_modes() -> None:
    untouched = assertion(make_plan("ignored", values=[1]), "ignored.effect")
    assert {shot.split("/")[2] for shot in untouched.against} == {"plain", "stream"}
    assert len(untouched.against) == 4


def test_alternatives_have_shots_places_and_controls() -> None:
    parts = [{"body": {"$.a": {}}}, {"more_than": COMPARED}]
    made = make_plan(
        "supported", request={"body": {"x": 1}}, modes=["plain"], expect={"any_of": parts}
    )
    either = assertion(made, "any_of")
    assert [[(d.rule, d.shots, d.grade) for d in part] for part in either.parts] == [
        [("body $.a", ("small/one/plain",), "effect")],
        [("more_than", ("small/one/plain",), "differential")],
    ]
    assert either.grade == "differential"
    assert len(either.against) == 2
    assert either.against == either.parts[1][0].against


def test_assertion_applies_to_the_shot_of_its_step_or_the_last_one() -> None:
    steps = [
        {"name": "a", "expect": {"any_of": [{"status": "ok"}, {"status": 400}]}},
        {"name": "b"},
    ]
    made = make_plan("supported", steps=steps, modes=["plain"], expect={"body": {"$.x": {}}})
    assert assertion(made, "any_of").shots == ("small/one/plain/a",)
    assert assertion(made, "any_of").parts[0][0].shots == ("small/one/plain/a",)
    assert assertion(made, "body $.x").shots == ("small/one/plain/b",)


def test_error_schema_is_that_of_the_protocol() -> None:
    assert assertion(make_plan("rejected", values=[1]), "rejected.error").args == "openai/error"


def implicit(made: Plan) -> list[tuple[str, str, str, str]]:
    return [
        (d.rule, str(d.args), d.level, d.shots[0])
        for d in made.assertions
        if d.stage == "status" and not d.rule.startswith(("ignored", "rejected"))
    ]


def test_every_shot_has_a_status_assertion() -> None:
    assert implicit(make_plan("supported", modes=["plain"])) == [
        ("status", "ok", "must", "small/one/plain")
    ]
    assert implicit(make_plan("supported", modes=["plain"], expect={"status": 400})) == [
        ("status", "400", "must", "small/one/plain")
    ]
    steps = [{"name": "a"}, {"name": "b", "expect": {"status": 400}}]
    assert implicit(make_plan("supported", modes=["plain"], steps=steps)) == [
        ("status", "400", "must", "small/one/plain/b"),
        ("prerequisite", "ok", "must", "small/one/plain/a"),
    ]


def test_plain_and_error_sample_answers_are_required() -> None:
    made = implicit(make_plan("present", path="$.id", answers=["plain", "error"]))
    assert [(args, level) for _, args, level, _ in made] == [
        ("ok", "must"),
        ("ok", "may"),
        ("refused", "must"),
    ]


# a case with a control, and the level of the control's status assertion
NEEDS: list[tuple[dict[str, Any], str]] = [
    ({"expect": {"same_as": COMPARED}}, "must"),
    ({"should": {"same_as": COMPARED}}, "should"),
    ({"expect": {"any_of": [{"same_as": COMPARED}, {"status": "ok"}]}}, "may"),
    ({"should": {"same_as": COMPARED}, "expect": {"more_than": COMPARED}}, "must"),
    ({"control": {"omit": ["x"], "expect": {"body": {"$.id": {}}}}}, "must"),
]


@pytest.mark.parametrize(("spec", "level"), NEEDS)
def test_control_has_the_level_of_the_assertions_that_need_it(
    spec: dict[str, Any], level: str
) -> None:
    made = implicit(make_plan("supported", modes=["plain"], request={"body": {"x": 1}}, **spec))
    controls = [row[:3] for row in made if row[3].startswith("shared/")]
    assert controls == [("prerequisite", "control", level)] * 2


def shapes(made: Plan) -> dict[str, tuple[str, int]]:
    """Level and number of excuses, by shot."""
    return {d.shots[0]: (d.level, len(d.against)) for d in made.assertions if d.stage == "shape"}


def test_every_chat_answer_is_checked_against_its_schema() -> None:
    made = make_plan("supported", request={"body": {"x": 1}})
    assert shapes(made) == {"small/one/plain": ("must", 2), "small/one/stream": ("must", 2)}
    assert shapes(make_plan("supported", request={"method": "GET", "path": "/models"})) == {}


def test_base_answers_do_not_excuse_a_case_about_the_schema() -> None:
    message = make_plan("supported", expect={"schema": "openai/completion"})
    assert set(shapes(message).values()) == {("must", 0)}
    assert ("must", 0) not in shapes(make_plan("supported")).values()


def test_schema_of_controls_and_sample_answers_is_only_recorded() -> None:
    made = make_plan("ignored", values=[1], modes=["plain"])
    assert {level for shot, (level, _) in shapes(made).items() if "shared" in shot} == {"may"}
    assert set(shapes(make_plan("present", path="$.id")).values()) == {("may", 0)}


def test_error_schema_is_asserted_once() -> None:
    assert shapes(make_plan("rejected", values=[1])) == {}
    lowered = make_plan("rejected", values=[1], level="should", modes=["plain"])
    assert list(shapes(lowered).values()) == [("must", 2)]
    schema_case = make_plan("supported", should={"schema": "openai/error"}, modes=["plain"])
    assert shapes(schema_case) == {}


def test_base_answers_are_last_and_unique() -> None:
    made = make_plan("supported")
    assert [(s.tag, s.label, s.mode) for s in made.shots][-3:] == [
        ("base", "plain", "plain"),
        ("base", "plain", "stream"),
        ("base", "error", "plain"),
    ]
    assert len({script.id for script in made.scripts}) == len(made.scripts)


def test_pack_without_a_panel_has_no_base_answers() -> None:
    made = make_plan("supported", with_panel(), request={"body": {"x": 1}}, modes=["plain"])
    assert shapes(made) == {"small/one/plain": ("must", 0)}


def test_first_call_is_the_plain_base_request() -> None:
    [shot] = first_call(PACK, TARGET).shots
    assert shot.call.body == {"model": "m-1", "messages": [USER]}
    assert shot.id.startswith("shared/")


def test_controls_of_two_models_are_different() -> None:
    other = replace(TARGET, endpoints={"openai": Endpoint("openai", "http://x/v1", model="m-2")})
    assert first_call(PACK, TARGET).id != first_call(PACK, other).id


def test_place_of_an_assertion_is_its_line_in_the_file() -> None:
    places = {"/expect/body/$.a": Place("a.yaml", 7, 9)}
    made = plan(
        replace(case("supported", expect={"body": {"$.a": {}}}), places=places), PACK, TARGET
    )
    assert assertion(made, "body $.a").place.line == 7
    assert assertion(made, "schema", "shape").place.line == 3


def test_planning_does_not_modify_the_pack() -> None:
    before: Pack = replace(PACK)
    make_plan("ignored", values=[1], field="$.messages[0].x")
    assert before == PACK


def test_repetitions_of_a_request_are_sent_one_after_the_other() -> None:
    plan = make_plan("supported", modes=["plain"], repeat=3, expect={"unique": ["$.id"]})
    own = [script for script in plan.scripts if not script.shared]
    assert [[shot.id for shot in script.shots] for script in own] == [
        ["small/one/plain/1", "small/one/plain/2", "small/one/plain/3"]
    ]
    [assertion] = [a for a in plan.assertions if a.check == "unique"]
    assert assertion.shots == tuple(shot.id for shot in own[0].shots)


def test_ids_of_all_steps_of_a_conversation_are_compared() -> None:
    steps = [{"name": "first"}, {"name": "second"}]
    plan = make_plan("supported", modes=["plain"], steps=steps, expect={"unique": ["$.id"]})
    [assertion] = [a for a in plan.assertions if a.check == "unique"]
    assert [shot.rpartition("/")[2] for shot in assertion.shots] == ["first", "second"]
