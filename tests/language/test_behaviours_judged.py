"""Every behaviour passes on a gateway that keeps it; one that does not breaks its rule."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.model import Shot
from tests.support.inline_pack import (
    CALL,
    Reply,
    World,
    broken,
    changed,
    given,
    judged,
    planned,
    refused,
    right,
    said,
)

CONTENT = "$.choices[0].message.content"
PINE = {"role": "system", "content": "Say pineapple"}
HI = {"role": "user", "content": "Hi"}
HOISTED: dict[str, Any] = {
    "request": {"messages": [HI, PINE]},
    "joined": {"messages": [PINE, HI]},
    "obeyed": {"pattern": "pineapple"},
}
STRIPPED: dict[str, Any] = {
    "request": {"messages": [HI, PINE]},
    "without": {"messages": [HI]},
}
LIMITED: dict[str, Any] = {
    "burst": 4,
    "when": {"status": 429, "headers": {"retry-after": {"pattern": r"^\d+$"}}},
}
IGNORED: dict[str, Any] = {"row": "seed", "values": [42], "wrong": ["lucky"]}
EMPTY: dict[str, Any] = {"path": "$.system_fingerprint", "provoke": {"seed": 42}}
EXACTLY: dict[str, Any] = {"row": "n", "value": 1, "others": [0, 2]}
REJECTED: dict[str, Any] = {"row": "temperature", "values": ["hot"]}
CRASH = Reply(status=500, body={"error": {"message": "broken", "type": "api_error"}})
NAMELESS = refused("no good")


def two(reply: Reply) -> Reply:
    """The same answer with a second choice."""
    choice = reply.body["choices"][0]
    return changed(reply, choices=[choice, {**choice, "index": 1}])


def n_is_one(shot: Shot) -> Reply:
    return given("n", refused("n must be 1", "n"), lambda n: n != 1)(shot)


def only_plain(reply: Reply, world: World = right) -> World:
    """Wrong in plain answers only: a second choice cannot be streamed by this gateway."""
    return lambda shot: reply if shot.mode == "plain" and "n" in shot.call.body else world(shot)


def obedient(shot: Shot) -> Reply:
    return said("pineapple")


def deaf(tokens: int) -> World:
    """Loses, or counts otherwise, a system message that does not stand first."""

    def world(shot: Shot) -> Reply:
        late = shot.call.body["messages"][0] == HI
        return said("Hi!", usage={"prompt_tokens": tokens}) if late else said("pineapple")

    return world


def counting(shot: Shot) -> Reply:
    return said(usage={"prompt_tokens": 10 * len(shot.call.body["messages"])})


def limiting(reply: Reply, after: int = 2) -> World:
    return lambda shot: reply if int(shot.id.rpartition("/")[2]) > after else right(shot)


TOO_MANY = replace(refused("slow down", status=429), headers=(("retry-after", "3"),))

# behaviour, its keys, the gateway, outcome, evidence, (rule, level) that do not hold
TABLE: list[tuple[str, dict[str, Any], World, str, str, set[tuple[str, str]]]] = [
    ("supported", {}, right, "pass", "accepted", set()),
    ("supported", {}, lambda shot: refused(), "fail", "accepted", {("status", "must")}),
    ("supported", {"expect": {"body": {CONTENT: {}}}}, right, "pass", "effect", set()),
    ("ignored", IGNORED, right, "pass", "differential", set()),
    (
        "ignored",
        IGNORED,
        given("seed", refused("no seed")),
        "fail",
        "accepted",
        {("ignored.refused", "must"), ("ignored.wrong-type", "should")},
    ),
    (
        "ignored",
        IGNORED,
        given("seed", refused("no seed"), lambda seed: isinstance(seed, str)),
        "warn",
        "differential",
        {("ignored.wrong-type", "should")},
    ),
    (
        "ignored",
        IGNORED,
        given("seed", changed(said(), seeded=True)),
        "warn",
        "differential",
        {("ignored.effect", "should")},
    ),
    ("clamped", {"range": {"min": 0, "max": 1}, "over": [2]}, right, "pass", "accepted", set()),
    (
        "clamped",
        {"range": {"min": 0, "max": 1}, "over": [2]},
        given("field", refused(), lambda value: value > 1),
        "fail",
        "accepted",
        {("clamped.refused", "must")},
    ),
    (
        "clamped",
        {"range": {"min": 0, "max": 1}, "over": [2]},
        given("field", refused(), lambda value: value == 0),
        "fail",
        "accepted",
        {("clamped.bounds", "must")},
    ),
    ("exactly", EXACTLY, n_is_one, "pass", "effect", set()),
    ("exactly", EXACTLY, right, "warn", "effect", {("exactly.quiet", "should")}),
    ("exactly", EXACTLY, given("n", refused("n")), "fail", "accepted", {("exactly.value", "must")}),
    (
        "exactly",
        EXACTLY,
        given("n", CRASH, lambda n: n != 1),
        "fail",
        "accepted",
        {("exactly.others", "must")},
    ),
    (
        "exactly",
        EXACTLY,
        given("n", NAMELESS, lambda n: n != 1),
        "warn",
        "effect",
        {("exactly.named", "should")},
    ),
    (
        "exactly",
        EXACTLY,
        only_plain(two(said()), n_is_one),
        "fail",
        "effect",
        {("exactly.choices", "must"), ("exactly.quiet", "should")},
    ),
    (
        "rejected",
        REJECTED,
        given("temperature", refused("temperature must be a number")),
        "pass",
        "effect",
        set(),
    ),
    ("rejected", REJECTED, right, "fail", "accepted", {("rejected.refused", "must")}),
    (
        "rejected",
        {**REJECTED, "level": "should"},
        right,
        "warn",
        "accepted",
        {("rejected.refused", "should")},
    ),
    (
        "rejected",
        REJECTED,
        given("temperature", replace(CRASH, body=refused("temperature").body)),
        "fail",
        "accepted",
        {("rejected.status", "must")},
    ),
    (
        "rejected",
        REJECTED,
        given("temperature", Reply(400, {"detail": "temperature"})),
        "fail",
        "shape",
        {("rejected.error", "must")},
    ),
    (
        "rejected",
        REJECTED,
        given("temperature", NAMELESS),
        "warn",
        "effect",
        {("rejected.named", "should")},
    ),
    ("required", {"at": "/messages"}, right, "pass", "effect", set()),
    ("required", {"at": "/model"}, right, "fail", "accepted", {("required.refused", "must")}),
    ("always_empty", EMPTY, right, "pass", "effect", set()),
    (
        "always_empty",
        EMPTY,
        lambda s: changed(said(), system_fingerprint=""),
        "pass",
        "effect",
        set(),
    ),
    (
        "always_empty",
        EMPTY,
        given("seed", changed(said(), system_fingerprint="fp")),
        "fail",
        "effect",
        {("always_empty", "must")},
    ),
    ("always_empty", EMPTY, given("seed", refused()), "pass", "accepted", set()),
    ("always_empty", EMPTY, given("seed", CRASH), "fail", "accepted", {("status", "must")}),
    ("always", {"path": "$.choices[*].index", "value": 0}, right, "pass", "effect", set()),
    (
        "always",
        {"path": "$.object", "value": "other", "on": ["ok"]},
        right,
        "fail",
        "effect",
        {("always", "must")},
    ),
    ("present", {"path": "$.id", "schema": {"minLength": 1}}, right, "pass", "shape", set()),
    ("present", {"header": "x", "on": ["error"]}, right, "fail", "effect", {("present", "must")}),
    ("hoisted", HOISTED, obedient, "pass", "differential", set()),
    (
        "hoisted",
        HOISTED,
        deaf(5),
        "fail",
        "differential",
        {("hoisted.lost", "must"), ("hoisted.tokens", "should")},
    ),
    ("hoisted", HOISTED, deaf(10), "pass", "differential", set()),
    ("hoisted", HOISTED, deaf(12), "warn", "differential", {("hoisted.tokens", "should")}),
    (
        "hoisted",
        HOISTED,
        lambda s: refused() if s.call.body["messages"][0] == HI else said("pineapple"),
        "fail",
        "accepted",
        {("hoisted.refused", "must")},
    ),
    ("stripped", STRIPPED, right, "pass", "differential", set()),
    ("stripped", STRIPPED, counting, "warn", "differential", {("stripped.tokens", "should")}),
    (
        "stripped",
        STRIPPED,
        lambda s: refused() if len(s.call.body["messages"]) > 1 else said(),
        "fail",
        "accepted",
        {("stripped.refused", "must")},
    ),
    ("limited", LIMITED, limiting(TOO_MANY), "pass", "accepted", set()),
    (
        "limited",
        LIMITED,
        limiting(refused("slow down", status=429)),
        "fail",
        "effect",
        {("limited.when", "must")},
    ),
    ("limited", LIMITED, limiting(CRASH), "fail", "accepted", {("status", "must")}),
]


@pytest.mark.parametrize(
    ("behaviour", "spec", "world", "outcome", "evidence", "wrong"),
    TABLE,
    ids=[f"{i}-{row[0]}-{row[3]}" for i, row in enumerate(TABLE)],
)
def test_a_gateway_is_judged_by_the_rule_it_breaks(
    behaviour: str,
    spec: dict[str, Any],
    world: World,
    outcome: str,
    evidence: str,
    wrong: set[tuple[str, str]],
) -> None:
    verdict = judged(planned(behaviour, **spec), world)
    assert (verdict.outcome, broken(verdict)) == (outcome, wrong), verdict.reason
    assert verdict.evidence == evidence


def test_no_limit_in_the_whole_burst_is_no_fault() -> None:
    verdict = judged(planned("limited", **LIMITED))
    assert (verdict.outcome, verdict.cause) == ("inconclusive", "environment")
    assert "429" in verdict.reason


def test_a_model_that_obeys_not_even_the_first_message_says_nothing_about_hoisting() -> None:
    verdict = judged(planned("hoisted", **HOISTED), lambda shot: said("Hi!"))
    assert (verdict.outcome, verdict.cause) == ("inconclusive", "model")


def test_a_late_message_is_not_called_lost_where_nothing_is_counted() -> None:
    def world(shot: Shot) -> Reply:
        late = shot.call.body["messages"][0] == HI
        return said("Hi!" if late else "pineapple", usage=None)

    verdict = judged(planned("hoisted", **HOISTED, modes=["plain"]), world)
    assert (verdict.outcome, verdict.cause) == ("inconclusive", "model")
    assert "no number at $.usage.prompt_tokens" in verdict.reason


def test_a_panel_answer_that_cannot_be_had_shows_nothing_and_accuses_nobody() -> None:
    plan = planned("present", path="$.id")
    verdict = judged(plan, given("tools", refused("no tools here")))
    assert (verdict.outcome, verdict.evidence) == ("pass", "shape")
    assert any(f.level == "may" and not f.holds for f in verdict.findings)


def test_without_the_plain_panel_answer_nothing_can_be_judged() -> None:
    verdict = judged(planned("present", path="$.id"), lambda shot: refused())
    assert ("status", "must") in broken(verdict)


def test_a_tool_call_that_is_malformed_is_no_fault_of_another_row() -> None:
    call = {**CALL, "type": None}

    def world(shot: Shot) -> Reply:
        tools = shot.call.body.get("tools")
        return said(None, message={"tool_calls": [call]}) if tools else right(shot)

    assert judged(planned("present", path="$.id"), world).outcome == "pass"
    called = planned("supported", request={"tools": "$tools", "tool_choice": "required"})
    assert "schema" in {rule for rule, _ in broken(judged(called, world))}
