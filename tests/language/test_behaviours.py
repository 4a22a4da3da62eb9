"""Every behaviour expands to its probes and assertions."""

from __future__ import annotations

from typing import Any

import pytest

from harness.language.behaviours import BEHAVIOURS, BY_ID, Assertion, Expansion
from harness.model import GRADES
from tests.support.inline_pack import case

CONTENT = "$.choices[0].message.content"
TOKENS = "$.usage.prompt_tokens"

Expected = list[tuple[str, str, str, str]]
# behaviour, its keys, [(tag, value or label, times)], [(rule, stage, level, tags)]
EXPANSIONS: list[tuple[str, dict[str, Any], list[tuple[str, Any, int]], Expected]] = [
    ("supported", {}, [("probe", None, 1)], []),
    ("supported", {"values": [1, 2]}, [("probe", 1, 1), ("probe", 2, 1)], []),
    ("supported", {"repeat": 3}, [("probe", None, 3)], []),
    (
        "honoured_or_refused",
        {
            "values": [1],
            "boundary_values": [0, 2],
            "value": 3,
            "expect": {"body": {"$.x": 1}, "forwarded": {"openai": {"body": {"$.x": 1}}}},
        },
        [("probe", 1, 1), ("more-0", 0, 1), ("more-1", 2, 1), ("default", 3, 1)],
        [
            ("honoured_or_refused.status", "status", "must", "probe more-0 more-1 default"),
            ("honoured_or_refused.named", "rest", "must", "probe more-0 more-1 default"),
            ("honoured_or_refused.consistent", "rest", "must", "probe more-0 more-1"),
            ("body $.x", "rest", "must", "probe"),
            ("forwarded $.x", "rest", "must", "probe"),
        ],
    ),
    (
        "ignored",
        {"values": [1], "boundary_values": [99], "wrong_type_values": ["x"]},
        [("legal", 1, 1), ("extreme", 99, 1), ("wrong", "x", 1), ("control", None, 2)],
        [
            ("ignored.refused", "status", "must", "legal extreme"),
            ("ignored.wrong-type", "status", "should", "wrong"),
            ("ignored.effect", "rest", "should", "legal extreme wrong"),
            ("ignored.forwarded", "rest", "must", "legal extreme wrong"),
        ],
    ),
    (
        "clamped",
        {"range": [0, 1], "values": [2]},
        [("in", 0, 1), ("in", 1, 1), ("over", 2, 1)],
        [
            ("clamped.bounds", "status", "must", "in"),
            ("clamped.refused", "status", "must", "over"),
            ("clamped.forwarded", "rest", "must", "in over"),
        ],
    ),
    (
        "exactly",
        {"value": 1, "values": [0, 2]},
        [("value", 1, 1), ("others", 0, 1), ("others", 2, 1)],
        [
            ("exactly.value", "status", "must", "value"),
            ("exactly.others", "status", "must", "others"),
            ("exactly.quiet", "rest", "should", "others"),
            ("exactly.choices", "rest", "must", "value others"),
            ("exactly.named", "rest", "should", "others"),
        ],
    ),
    (
        "echoed",
        {"field": "$.temperature", "values": [0.5]},
        [("probe", 0.5, 1)],
        [
            ("echoed.status", "status", "must", "probe"),
            ("echoed.named", "rest", "must", "probe"),
            ("echoed.value", "rest", "must", "probe"),
        ],
    ),
    (
        "stateful",
        {"field": "$.a", "steps": [{"name": "x"}, {"name": "y"}], "expect": {"body": {"$.x": 1}}},
        [("probe", None, 1)],
        [
            ("stateful.status", "status", "must", "probe"),
            ("stateful.named", "rest", "should", "probe"),
            ("body $.x", "rest", "must", "probe"),
        ],
    ),
    (
        "rejected",
        {"values": ["x"]},
        [("probe", "x", 1)],
        [
            ("rejected.refused", "status", "must", "probe"),
            ("rejected.status", "rest", "must", "probe"),
            ("rejected.error", "rest", "must", "probe"),
            ("rejected.named", "rest", "should", "probe"),
        ],
    ),
    (
        "rejected",
        {"request": {"raw": "{"}, "level": "should"},
        [("probe", None, 1)],
        [
            ("rejected.refused", "status", "should", "probe"),
            ("rejected.status", "rest", "should", "probe"),
            ("rejected.error", "rest", "should", "probe"),
        ],
    ),
    (
        "required",
        {"field": "$.model"},
        [("probe", None, 1)],
        [
            ("required.refused", "status", "must", "probe"),
            ("required.status", "rest", "must", "probe"),
            ("required.error", "rest", "must", "probe"),
            ("required.named", "rest", "should", "probe"),
        ],
    ),
    (
        "always_empty",
        {"path": "$.x", "request": {"body": {"x": 1}}},
        [("panel", None, 1), ("panel", None, 1), ("trigger", None, 1)],
        [
            ("always_empty", "rest", "must", "panel"),
            ("status", "status", "must", "trigger"),
            ("always_empty", "rest", "must", "trigger"),
        ],
    ),
    (
        "always",
        {"path": "header h", "value": "1", "answers": ["plain", "stream", "error"]},
        [("panel", None, 1)] * 3,
        [("always", "rest", "must", "panel")],
    ),
    (
        "present",
        {"path": "$.id"},
        [("panel", None, 1)] * 2,
        [("present", "rest", "must", "panel")],
    ),
    (
        "hoisted",
        {
            "request": {"body": {"a": 1}},
            "control": {"body": {"a": 2}},
            "schema": {"pattern": "x"},
        },
        [("probe", None, 1), ("equivalent", None, 2)],
        [
            ("hoisted.refused", "status", "must", "probe"),
            ("hoisted.lost", "rest", "must", "probe"),
            ("hoisted.tokens", "rest", "should", "probe"),
            ("hoisted.forwarded", "rest", "must", "probe"),
            ("model", "assume", "must", "equivalent"),
        ],
    ),
    (
        "stripped",
        {"request": {"body": {"a": 1}}, "control": {"body": {"a": 2}}},
        [("probe", None, 1), ("equivalent", None, 2)],
        [
            ("stripped.refused", "status", "must", "probe"),
            ("stripped.tokens", "rest", "should", "probe"),
            ("stripped.forwarded", "rest", "must", "probe"),
        ],
    ),
    (
        "limited",
        {"repeat": 40, "when": {"status": 429, "schema": "openai/error"}},
        [("burst", None, 40)],
        [
            ("status", "status", "must", "burst"),
            ("limited.provoked", "assume", "must", "burst"),
            ("limited.when", "rest", "must", "burst"),
        ],
    ),
]


def expand(behaviour: str, **spec: Any) -> Expansion:
    return BY_ID[behaviour].expand(case(behaviour, **spec))


def rules(expansion: Expansion) -> list[str]:
    return [assertion.rule for assertion in expansion.assertions]


def assertion_with(expansion: Expansion, rule: str) -> Assertion:
    return next(assertion for assertion in expansion.assertions if assertion.rule == rule)


@pytest.mark.parametrize(
    ("behaviour", "spec", "probes", "assertions"), EXPANSIONS, ids=[row[0] for row in EXPANSIONS]
)
def test_behaviour_expands_to_probes_and_assertions(
    behaviour: str, spec: dict[str, Any], probes: list[tuple[str, Any, int]], assertions: Expected
) -> None:
    made = expand(behaviour, **spec)
    assert [(p.tag, p.value, p.times) for p in made.probes] == probes
    assert [(a.rule, a.stage, a.level, " ".join(a.tags)) for a in made.assertions] == assertions


def test_every_behaviour_is_in_the_table() -> None:
    assert {row[0] for row in EXPANSIONS} == set(BY_ID)


def test_value_is_put_at_the_field_or_at_the_row() -> None:
    [probe] = expand("supported", values=[5], row="top_p").probes
    assert probe.put == (("/top_p", 5),)
    [probe] = expand("supported", values=[5], field="$.messages[0].name").probes
    assert probe.put == (("/messages/0/name", 5),)


def test_required_field_is_dropped() -> None:
    [probe] = expand("required", field="$.messages").probes
    assert probe.drop == ("/messages",)


def test_level_lowers_only_the_musts_of_the_behaviour() -> None:
    made = expand("ignored", values=[1], level="may", expect={"status": 200})
    levels = {assertion.rule: assertion.level for assertion in made.assertions}
    assert levels["ignored.refused"] == "may"
    assert levels["ignored.effect"] == "should"
    assert levels["status"] == "must"


def test_repeat_multiplies_the_burst() -> None:
    spec = {"repeat": 3, "when": {"status": 429, "schema": "openai/error"}}
    assert expand("limited", **spec).probes[0].times == 3
    assert expand("limited", **spec | {"repeat": 6}).probes[0].times == 6


def test_burst_is_sent_with_the_limited_key() -> None:
    when = {"status": 429, "headers": {"retry-after": True}}
    made = expand("limited", repeat=3, when=when, request={"path": "/x"})
    assert made.probes[0].steps[-1]["request"] == {"path": "/x", "auth": "limited"}
    assert made.probes[0].modes == ("plain",)
    assert [part.rule for part in assertion_with(made, "limited.when").parts[0]] == [
        "headers retry-after"
    ]


def test_refused_value_must_be_named_in_the_error() -> None:
    assert (
        assertion_with(expand("rejected", values=[1], field="$.a[0]"), "rejected.named").args[
            "field"
        ]
        == "/a/0"
    )
    named = expand("rejected", request={"raw": "{"}, error_names="json")
    assert assertion_with(named, "rejected.named").args == {"field": "json"}


def test_panel_assertion_is_on_a_header_or_a_path() -> None:
    empty = expand("always_empty", path="header x-ms").assertions[0]
    assert (empty.check, list(empty.args), empty.pointer) == ("headers", ["x-ms?"], "/path")
    present = expand("present", path="$.id", schema={"type": "string"}).assertions[0]
    assert (present.check, present.args) == ("body", {"$.id": {"type": "string"}})


def test_refused_trigger_is_not_a_failure() -> None:
    assertions = expand("always_empty", path="$.x", request={"body": {"x": 1}}).assertions
    assert [assertion.args for assertion in assertions if assertion.tags == ("trigger",)] == [
        "ok-or-refused",
        {"status": "ok"},
    ]


# checks as they stand under `expect`, and the asks that they become: (rule, check, args, pointer)
WRITTEN: list[tuple[dict[str, Any], list[tuple[str, str, Any, str]]]] = [
    ({"status": "ok"}, [("status", "status", "ok", "/expect/status")]),
    (
        {"headers": {"a?": False, "b/c": True}},
        [
            ("headers a", "headers", {"a?": False}, "/expect/headers/a?"),
            ("headers b/c", "headers", {"b/c": True}, "/expect/headers/b~1c"),
        ],
    ),
    (
        {"schema": "openai/error"},
        [("schema openai/error", "schema", "openai/error", "/expect/schema")],
    ),
    ({"body": {"$.a?": {}}}, [("body $.a", "body", {"$.a?": {}}, "/expect/body/$.a?")]),
    ({"events": {"$[*]": {}}}, [("events $[*]", "events", {"$[*]": {}}, "/expect/events/$[*]")]),
    ({"sum": {"$.a": ["$.b"]}}, [("sum $.a", "sum", {"$.a": ["$.b"]}, "/expect/sum/$.a")]),
    ({"unique": ["$.a"]}, [("unique $.a", "unique", "$.a", "/expect/unique/0")]),
    ({"same": ["$.a"]}, [("same $.a", "same", "$.a", "/expect/same/0")]),
    (
        {"when": {"status": 429, "body": {"$.a": {}}}},
        [("when", "when", {"status": 429}, "/expect/when")],
    ),
    ({"any_of": [{"status": "ok"}, {"status": 400}]}, [("any_of", "any_of", {}, "/expect/any_of")]),
    (
        {"same_as": {"control": {"omit": ["a"]}, "paths": [TOKENS]}},
        [("same_as", "same_as", [TOKENS], "/expect/same_as")],
    ),
]


@pytest.mark.parametrize(
    ("checks", "assertions"),
    WRITTEN,
    ids=[next(iter(row[0])) for row in WRITTEN],
)
def test_each_key_of_a_check_is_one_assertion(
    checks: dict[str, Any], assertions: list[tuple[str, str, Any, str]]
) -> None:
    made = expand("supported", expect=checks).assertions
    assert [(a.rule, a.check, a.args, a.pointer) for a in made] == assertions


@pytest.mark.parametrize(
    ("key", "level"), [("expect", "must"), ("should", "should"), ("may", "may")]
)
def test_level_follows_the_key_of_the_case(key: str, level: str) -> None:
    [assertion] = expand("supported", **{key: {"body": {"$.a": {}}}}).assertions
    assert assertion.level == level


def test_assertion_of_a_step_applies_to_that_step() -> None:
    steps = [{"name": "a", "expect": {"status": 200}}, {"name": "b"}]
    made = expand("supported", steps=steps, expect={"status": "ok"})
    assert [
        (assertion.step, assertion.args, assertion.pointer) for assertion in made.assertions
    ] == [
        ("", "ok", "/expect/status"),
        ("a", 200, "/steps/0/expect/status"),
    ]


def test_control_of_a_step_has_the_steps_up_to_it() -> None:
    compared = {"control": {"body": {"x": 2}}, "paths": [TOKENS]}
    steps = [
        {"name": "a", "request": {"body": {"x": 1}}, "expect": {"same_as": compared}},
        {"name": "b", "request": {"body": {"y": 1}}},
    ]
    made = expand("supported", steps=steps, should={"more_than": compared})
    controls = [probe for probe in made.probes if probe.shared]
    assert [[step["request"]["body"] for step in probe.steps] for probe in controls] == [
        [{"x": 1}, {"y": 1, "x": 2}],
        [{"x": 2}],
    ]
    assert len({probe.tag for probe in controls}) == 2
    assert {assertion.against for assertion in made.assertions} == {probe.tag for probe in controls}


def test_control_is_merged_over_the_request_of_the_case() -> None:
    control = {"body": {"a": 2, "gone": 3}, "omit": ["b"]}
    compared = {"control": control, "paths": [TOKENS]}
    made = expand(
        "supported",
        request={"body": {"a": 1, "b": 1, "c": 1}, "omit": ["gone", "d"]},
        expect={"same_as": compared},
    )
    request = made.probes[-1].steps[-1]["request"]
    assert request == {"body": {"a": 2, "b": 1, "c": 1, "gone": 3}, "omit": ["d", "b"]}
    assert (made.probes[-1].times, made.probes[-1].shared) == (2, True)


def test_assertions_with_the_same_control_share_it() -> None:
    compared = {"control": {"omit": ["a"]}, "paths": [TOKENS]}
    parts = [{"same_as": compared}, {"more_than": compared}]
    made = expand("supported", expect={"any_of": parts}, should={"same_as": compared})
    assert [probe.tag for probe in made.probes].count(made.assertions[1].against) == 1
    assert len(made.probes) == 2


def test_assumptions_apply_to_shots_and_to_the_control() -> None:
    control = {"omit": ["a"], "expect": {"body": {CONTENT: {"pattern": "7"}}}}
    made = expand("supported", control=control, assume={"body": {CONTENT: {"minLength": 1}}})
    assert [assertion.stage for assertion in made.assertions] == ["assume", "assume"]
    own, other = made.assertions
    assert own.tags == ("probe",)
    assert other.tags == (made.probes[1].tag,)
    assert other.pointer == f"/control/expect/body/{CONTENT}"


def test_control_can_be_compared_with_another_control() -> None:
    compared = {"control": {"omit": ["b"]}, "paths": [TOKENS]}
    made = expand("supported", control={"omit": ["a"], "expect": {"more_than": compared}})
    assert len(made.probes) == 3
    assert made.assertions[0].against in {probe.tag for probe in made.probes}


def test_behaviours_have_unique_ids_and_valid_ceilings() -> None:
    assert len(BY_ID) == len(BEHAVIOURS)
    assert {behaviour.ceiling for behaviour in BEHAVIOURS} <= set(GRADES)
    assert {b.id: b.ceiling for b in BEHAVIOURS} == {
        "supported": "differential",
        "honoured_or_refused": "differential",
        "ignored": "differential",
        "clamped": "accepted",
        "exactly": "effect",
        "echoed": "effect",
        "stateful": "differential",
        "rejected": "effect",
        "required": "effect",
        "always_empty": "effect",
        "always": "effect",
        "present": "shape",
        "hoisted": "differential",
        "stripped": "differential",
        "limited": "effect",
    }


def test_long_values_have_different_labels() -> None:
    first, second = expand("supported", values=["x" * 50 + "1", "x" * 50 + "2"]).probes
    assert first.label != second.label
    assert len(first.label) < 60
