"""Every behaviour passes on a gateway that keeps it; one that does not breaks its rule."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.model import Shot
from tests.support.inline_pack import (
    CALL,
    Gateway,
    Reply,
    conforming,
    error_reply,
    failed_rules,
    judge_replies,
    make_plan,
    reply_if,
    text_reply,
    with_members,
)

CONTENT = "$.choices[0].message.content"
PINE = {"role": "system", "content": "Say pineapple"}
HI = {"role": "user", "content": "Hi"}
HOISTED: dict[str, Any] = {
    "request": {"body": {"messages": [HI, PINE]}},
    "control": {"body": {"messages": [PINE, HI]}},
    "schema": {"pattern": "pineapple"},
}
STRIPPED: dict[str, Any] = {
    "request": {"body": {"messages": [HI, PINE]}},
    "control": {"body": {"messages": [HI]}},
}
LIMITED: dict[str, Any] = {
    "repeat": 4,
    "when": {"status": 429, "headers": {"retry-after": {"pattern": "^\\d+$"}}},
}
IGNORED: dict[str, Any] = {"row": "seed", "values": [42], "wrong_type_values": ["lucky"]}
EMPTY: dict[str, Any] = {"path": "$.system_fingerprint", "request": {"body": {"seed": 42}}}
HONOURED: dict[str, Any] = {
    "row": "n",
    "values": [2],
    "boundary_values": [3],
    "value": 1,
    "expect": {"body": {CONTENT: {"pattern": "ready"}}},
}
EXACTLY: dict[str, Any] = {"row": "n", "value": 1, "values": [0, 2]}
REJECTED: dict[str, Any] = {"row": "temperature", "values": ["hot"]}
CRASH = Reply(status=500, body={"error": {"message": "broken", "type": "api_error"}})
REFUSED_N = error_reply("n: not supported by this model")
NAMELESS = error_reply("no good")


def two(reply: Reply) -> Reply:
    """The same answer with a second choice."""
    choice = reply.body["choices"][0]
    return with_members(reply, choices=[choice, {**choice, "index": 1}])


def n_is_one(shot: Shot) -> Reply:
    return reply_if("n", error_reply("n must be 1", "n"), lambda n: n != 1)(shot)


def only_plain(reply: Reply, world: Gateway = conforming) -> Gateway:
    """Wrong in plain answers only: a second choice cannot be streamed by this gateway."""
    return lambda shot: reply if shot.mode == "plain" and "n" in shot.call.body else world(shot)


def obedient(shot: Shot) -> Reply:
    return text_reply("pineapple")


def deaf(tokens: int) -> Gateway:
    """Loses, or counts otherwise, a system message that does not stand first."""

    def world(shot: Shot) -> Reply:
        late = shot.call.body["messages"][0] == HI
        return (
            text_reply("Hi!", usage={"prompt_tokens": tokens}) if late else text_reply("pineapple")
        )

    return world


def counting(shot: Shot) -> Reply:
    return text_reply(usage={"prompt_tokens": 10 * len(shot.call.body["messages"])})


def limiting(reply: Reply, after: int = 2) -> Gateway:
    return lambda shot: reply if int(shot.id.rpartition("/")[2]) > after else conforming(shot)


TOO_MANY = replace(error_reply("slow down", status=429), headers=(("retry-after", "3"),))

# behaviour, its keys, the gateway, outcome, evidence, (rule, level) that do not hold
TABLE: list[tuple[str, dict[str, Any], Gateway, str, str, set[tuple[str, str]]]] = [
    ("supported", {}, conforming, "pass", "accepted", set()),
    ("supported", {}, lambda shot: error_reply(), "fail", "accepted", {("status", "must")}),
    ("supported", {"expect": {"body": {CONTENT: {}}}}, conforming, "pass", "effect", set()),
    ("honoured_or_refused", HONOURED, conforming, "pass", "effect", set()),
    (
        "honoured_or_refused",
        HONOURED,
        reply_if("n", text_reply("dropped")),
        "fail",
        "effect",
        {("body $.choices[0].message.content", "must")},
    ),
    ("honoured_or_refused", HONOURED, reply_if("n", REFUSED_N), "pass", "accepted", set()),
    (
        "honoured_or_refused",
        HONOURED,
        reply_if("n", REFUSED_N, lambda n: n != 1),
        "pass",
        "accepted",
        set(),
    ),
    (
        "honoured_or_refused",
        HONOURED,
        reply_if("n", REFUSED_N, lambda n: n == 3),
        "fail",
        "accepted",
        {("honoured_or_refused.consistent", "must")},
    ),
    (
        "honoured_or_refused",
        HONOURED,
        reply_if("n", REFUSED_N, lambda n: n == 2),
        "fail",
        "accepted",
        {("honoured_or_refused.consistent", "must")},
    ),
    (
        "honoured_or_refused",
        HONOURED,
        lambda shot: (n_is_one if shot.mode == "stream" else conforming)(shot),
        "fail",
        "accepted",
        {("honoured_or_refused.consistent", "must")},
    ),
    (
        "honoured_or_refused",
        HONOURED,
        reply_if("n", NAMELESS),
        "fail",
        "effect",
        {("honoured_or_refused.named", "must")},
    ),
    (
        "honoured_or_refused",
        HONOURED,
        reply_if("n", CRASH),
        "fail",
        "accepted",
        {("honoured_or_refused.status", "must")},
    ),
    ("ignored", IGNORED, conforming, "pass", "differential", set()),
    (
        "ignored",
        IGNORED,
        reply_if("seed", error_reply("no seed")),
        "fail",
        "accepted",
        {("ignored.refused", "must"), ("ignored.wrong-type", "should")},
    ),
    (
        "ignored",
        IGNORED,
        reply_if("seed", error_reply("no seed"), lambda seed: isinstance(seed, str)),
        "warn",
        "differential",
        {("ignored.wrong-type", "should")},
    ),
    (
        "ignored",
        IGNORED,
        reply_if("seed", with_members(text_reply(), seeded=True)),
        "warn",
        "accepted",
        {("ignored.effect", "should")},
    ),
    (
        "clamped",
        {"range": [0, 1], "values": [2]},
        conforming,
        "pass",
        "accepted",
        set(),
    ),
    (
        "clamped",
        {"range": [0, 1], "values": [2]},
        reply_if("field", error_reply(), lambda value: value > 1),
        "fail",
        "accepted",
        {("clamped.refused", "must")},
    ),
    (
        "clamped",
        {"range": [0, 1], "values": [2]},
        reply_if("field", error_reply(), lambda value: value == 0),
        "fail",
        "accepted",
        {("clamped.bounds", "must")},
    ),
    ("exactly", EXACTLY, n_is_one, "pass", "effect", set()),
    ("exactly", EXACTLY, conforming, "warn", "effect", {("exactly.quiet", "should")}),
    (
        "exactly",
        EXACTLY,
        reply_if("n", error_reply("n")),
        "fail",
        "accepted",
        {("exactly.value", "must")},
    ),
    (
        "exactly",
        EXACTLY,
        reply_if("n", CRASH, lambda n: n != 1),
        "fail",
        "accepted",
        {("exactly.others", "must")},
    ),
    (
        "exactly",
        EXACTLY,
        reply_if("n", NAMELESS, lambda n: n != 1),
        "warn",
        "accepted",
        {("exactly.named", "should")},
    ),
    (
        "exactly",
        EXACTLY,
        only_plain(two(text_reply()), n_is_one),
        "fail",
        "effect",
        {("exactly.choices", "must"), ("exactly.quiet", "should")},
    ),
    (
        "rejected",
        REJECTED,
        reply_if("temperature", error_reply("temperature must be a number")),
        "pass",
        "effect",
        set(),
    ),
    ("rejected", REJECTED, conforming, "fail", "accepted", {("rejected.refused", "must")}),
    (
        "rejected",
        {**REJECTED, "level": "should"},
        conforming,
        "warn",
        "accepted",
        {("rejected.refused", "should")},
    ),
    (
        "rejected",
        REJECTED,
        reply_if("temperature", replace(CRASH, body=error_reply("temperature").body)),
        "fail",
        "accepted",
        {("rejected.status", "must")},
    ),
    (
        "rejected",
        REJECTED,
        reply_if("temperature", Reply(400, {"detail": "temperature"})),
        "fail",
        "shape",
        {("rejected.error", "must")},
    ),
    (
        "rejected",
        REJECTED,
        reply_if("temperature", NAMELESS),
        "warn",
        "shape",
        {("rejected.named", "should")},
    ),
    ("required", {"field": "$.messages"}, conforming, "pass", "effect", set()),
    (
        "required",
        {"field": "$.model"},
        conforming,
        "fail",
        "accepted",
        {("required.refused", "must")},
    ),
    ("always_empty", EMPTY, conforming, "pass", "effect", set()),
    (
        "always_empty",
        EMPTY,
        lambda s: with_members(text_reply(), system_fingerprint=""),
        "pass",
        "effect",
        set(),
    ),
    (
        "always_empty",
        EMPTY,
        reply_if("seed", with_members(text_reply(), system_fingerprint="fp")),
        "fail",
        "effect",
        {("always_empty", "must")},
    ),
    ("always_empty", EMPTY, reply_if("seed", error_reply()), "pass", "accepted", set()),
    ("always_empty", EMPTY, reply_if("seed", CRASH), "fail", "accepted", {("status", "must")}),
    ("always", {"path": "$.choices[*].index", "value": 0}, conforming, "pass", "effect", set()),
    (
        "always",
        {"path": "$.object", "value": "other", "answers": ["plain"]},
        conforming,
        "fail",
        "effect",
        {("always", "must")},
    ),
    ("present", {"path": "$.id", "schema": {"minLength": 1}}, conforming, "pass", "shape", set()),
    (
        "present",
        {"path": "header x", "answers": ["error"]},
        conforming,
        "fail",
        "effect",
        {("present", "must")},
    ),
    ("hoisted", HOISTED, obedient, "pass", "differential", set()),
    (
        "hoisted",
        HOISTED,
        deaf(5),
        "fail",
        "differential",
        {("hoisted.lost", "must"), ("hoisted.tokens", "should")},
    ),
    ("hoisted", HOISTED, deaf(10), "warn", "accepted", {("hoisted.lost", "should")}),
    (
        "hoisted",
        HOISTED,
        deaf(12),
        "warn",
        "accepted",
        {("hoisted.lost", "should"), ("hoisted.tokens", "should")},
    ),
    (
        "hoisted",
        HOISTED,
        lambda s: error_reply() if s.call.body["messages"][0] == HI else text_reply("pineapple"),
        "fail",
        "accepted",
        {("hoisted.refused", "must")},
    ),
    ("stripped", STRIPPED, conforming, "pass", "differential", set()),
    ("stripped", STRIPPED, counting, "warn", "accepted", {("stripped.tokens", "should")}),
    (
        "stripped",
        STRIPPED,
        lambda s: error_reply() if len(s.call.body["messages"]) > 1 else text_reply(),
        "fail",
        "accepted",
        {("stripped.refused", "must")},
    ),
    ("limited", LIMITED, limiting(TOO_MANY), "pass", "accepted", set()),
    (
        "limited",
        LIMITED,
        limiting(error_reply("slow down", status=429)),
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
def test_violated_rule_determines_the_verdict(
    behaviour: str,
    spec: dict[str, Any],
    world: Gateway,
    outcome: str,
    evidence: str,
    wrong: set[tuple[str, str]],
) -> None:
    verdict = judge_replies(make_plan(behaviour, **spec), world)
    assert (verdict.outcome, failed_rules(verdict)) == (outcome, wrong), verdict.reason
    assert verdict.evidence == evidence


def test_burst_without_a_refusal_is_inconclusive() -> None:
    verdict = judge_replies(make_plan("limited", **LIMITED))
    assert (verdict.outcome, verdict.cause) == ("inconclusive", "environment")
    assert "429" in verdict.reason


def test_model_that_ignores_the_control_is_inconclusive_about_hoisting() -> None:
    verdict = judge_replies(make_plan("hoisted", **HOISTED), lambda shot: text_reply("Hi!"))
    assert (verdict.outcome, verdict.cause) == ("inconclusive", "model")


def test_late_message_is_undecided_without_token_counts() -> None:
    def world(shot: Shot) -> Reply:
        late = shot.call.body["messages"][0] == HI
        return text_reply("Hi!" if late else "pineapple", usage=None)

    verdict = judge_replies(make_plan("hoisted", **HOISTED, modes=["plain"]), world)
    assert (verdict.outcome, verdict.cause) == ("inconclusive", "model")
    assert "no number at $.usage.prompt_tokens" in verdict.reason


def test_missing_optional_sample_answer_gives_no_evidence_and_no_failure() -> None:
    plan = make_plan("present", path="$.id")
    verdict = judge_replies(plan, reply_if("tools", error_reply("no tools here")))
    assert (verdict.outcome, verdict.evidence) == ("pass", "shape")
    assert any(f.level == "may" and not f.holds for f in verdict.findings)


def test_a_missing_plain_sample_answer_blocks_the_case() -> None:
    verdict = judge_replies(make_plan("present", path="$.id"), lambda shot: error_reply())
    assert (verdict.outcome, verdict.cause) == ("inconclusive", "blocked")


def test_a_tool_call_that_is_malformed_is_no_fault_of_another_row() -> None:
    call = {**CALL, "type": None}

    def world(shot: Shot) -> Reply:
        tools = shot.call.body.get("tools")
        return text_reply(None, message={"tool_calls": [call]}) if tools else conforming(shot)

    assert judge_replies(make_plan("present", path="$.id"), world).outcome == "pass"
    called = make_plan(
        "supported", request={"body": {"tools": "$tools", "tool_choice": "required"}}
    )
    assert "schema" in {rule for rule, _ in failed_rules(judge_replies(called, world))}
