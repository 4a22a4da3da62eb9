"""Judging has no false accusations and claims no more evidence than was observed."""

from __future__ import annotations

import gzip
from dataclasses import replace
from typing import Any

import pytest

from harness.judge import judge
from harness.language import checks
from harness.language.checks import Check
from harness.model import Finding, Shot, Verdict
from tests.support.inline_pack import (
    PACK,
    TARGET,
    Gateway,
    Reply,
    as_stream,
    conforming,
    error_reply,
    exchange,
    failed_rules,
    first_failure,
    judge_replies,
    make_plan,
    reply_if,
    send,
    text_reply,
    with_members,
)

CONTENT = "$.choices[0].message.content"
TOKENS = "$.usage.prompt_tokens"
READY = {"body": {CONTENT: {"const": "ready"}}}
NOT_READY = {"body": {CONTENT: {"const": "set"}}}
COMPARED = {"control": {"body": {"mark": "control"}}, "paths": [TOKENS]}
MORE, SAME = {"more_than": COMPARED}, {"same_as": COMPARED}
PLAIN: dict[str, Any] = {"modes": ["plain"]}
STEPS = [
    {"name": "ask", "capture": {"call": "$.call"}},
    {"name": "answer", "request": {"body": {"call": "$call"}}},
]
MISSING_CAPTURE = Reply(
    end="not-sent", note="no earlier answer gave $call", reason="missing-capture"
)


def reply_to_controls(*replies: Reply, probe: Gateway = conforming) -> Gateway:
    """Answer the two controls with these replies; a single reply is used for both."""

    def gateway(shot: Shot) -> Reply:
        turn = int(shot.id.split("/")[3]) if shot.id.startswith("shared/") else 0
        return replies[min(turn, len(replies)) - 1] if turn else probe(shot)

    return gateway


def reply_in_mode(
    mode: str, reply: Reply, other: Gateway = conforming, shared_only: bool = False
) -> Gateway:
    def gateway(shot: Shot) -> Reply:
        here = shot.mode == mode and (shot.id.startswith("shared/") or not shared_only)
        return reply if here else other(shot)

    return gateway


def reply_at_step(name: str, reply: Reply) -> Gateway:
    return lambda shot: reply if shot.step == name else conforming(shot)


def reply_always(reply: Reply) -> Gateway:
    return lambda shot: reply


def with_tokens(tokens: Any) -> Reply:
    return text_reply(usage={"prompt_tokens": tokens})


def outcome_and_cause(verdict: Verdict) -> tuple[str, str | None]:
    return verdict.outcome, verdict.cause


# reply, outcome, cause, part of the reason
INCOMPLETE: list[tuple[Reply, str, str | None, str]] = [
    (Reply(None, end="unreachable", note="refused"), "inconclusive", "transport", "refused"),
    (Reply(None, end="timeout"), "inconclusive", "timeout", "timeout"),
    (
        Reply(end="not-sent", note="stopped before it was sent", reason="stopped"),
        "inconclusive",
        "budget",
        "stopped",
    ),
    (
        Reply(end="not-sent", note="no requests left", reason="budget"),
        "inconclusive",
        "budget",
        "no requests left",
    ),
    (Reply(end="not-sent", note="harness: KeyError"), "inconclusive", "harness", "KeyError"),
    (replace(text_reply(), status=429, tries=4), "inconclusive", "rate-limit", "429, 4 times"),
    (replace(text_reply(), status=529), "inconclusive", "rate-limit", "529"),
    (replace(text_reply(), status=503), "inconclusive", "transport", "503"),
    (Reply(200, end="dropped", raw=b"", confirmed=True), "fail", None, ""),
    (Reply(200, end="dropped", raw=b""), "inconclusive", "transport", "dropped"),
    (Reply(200, end="too-large", raw=b""), "fail", None, ""),
    (Reply(None, end="malformed"), "fail", None, ""),
]


@pytest.mark.parametrize(
    ("reply", "outcome", "cause", "reason"),
    INCOMPLETE,
    ids=[f"{r[0].end}-{r[0].status}" for r in INCOMPLETE],
)
def test_an_incomplete_answer_fails_only_if_the_target_caused_it(
    reply: Reply, outcome: str, cause: str | None, reason: str
) -> None:
    verdict = judge_replies(make_plan("supported", **PLAIN, expect=READY), reply_if("model", reply))
    assert outcome_and_cause(verdict) == (outcome, cause)
    assert reason in verdict.reason
    if outcome == "fail":
        assert failed_rules(verdict) == {("transport", "must")}
        assert verdict.evidence == "accepted"


def test_a_shot_that_was_not_sent_is_inconclusive() -> None:
    plan = make_plan("supported", **PLAIN)
    verdict = judge(plan, {})
    assert outcome_and_cause(verdict) == ("inconclusive", "budget")
    assert "was not sent" in verdict.reason
    assert [shot.outcome for shot in verdict.shots] == ["inconclusive"]


def test_a_missing_base_answer_does_not_change_the_verdict() -> None:
    plan = make_plan("supported", request={"body": {"x": 1}}, expect=READY, **PLAIN)
    exchanges = {
        shot.id: exchange(shot, conforming(shot)) for shot in plan.shots if shot.tag != "base"
    }
    assert judge(plan, exchanges).outcome == "pass"
    unreachable = Reply(None, end="unreachable")
    assert (
        judge_replies(
            plan, lambda shot: unreachable if shot.tag == "base" else conforming(shot)
        ).outcome
        == "pass"
    )


# No assertion on a status means 429 or 503 unless it lists the code.
@pytest.mark.parametrize("expected", ["ok", "refused", "ok-or-refused", 401, [400, 404]])
@pytest.mark.parametrize("status", [429, 503])
def test_an_overloaded_target_is_inconclusive_whatever_status_is_expected(
    expected: Any, status: int
) -> None:
    plan = make_plan("supported", **PLAIN, expect={"status": expected})
    verdict = judge_replies(plan, reply_if("model", error_reply(status=status)))
    assert verdict.outcome == "inconclusive"


def test_an_expected_429_is_an_answer() -> None:
    plan = make_plan("supported", **PLAIN, expect={"status": [400, 429]})
    assert judge_replies(plan, reply_if("model", error_reply(status=429))).outcome == "pass"


def test_a_429_is_not_a_refusal_of_the_field() -> None:
    verdict = judge_replies(
        make_plan("rejected", **PLAIN, values=[1]), reply_if("field", error_reply(status=429))
    )
    assert outcome_and_cause(verdict) == ("inconclusive", "rate-limit")


# --- the order of the stages ---------------------------------------------------------------------


def test_a_failed_status_suppresses_later_assertions() -> None:
    plan = make_plan("supported", **PLAIN, expect={**NOT_READY, "headers": {"gone": {}}})
    assert failed_rules(judge_replies(plan, reply_always(error_reply()))) == {("status", "must")}


def test_a_failed_should_does_not_hide_a_failed_must() -> None:
    plan = make_plan(
        "rejected", level="should", request={"raw": "{"}, expect={"status": 401}, **PLAIN
    )
    assert ("status", "must") in failed_rules(judge_replies(plan, reply_always(text_reply())))


# assertions on an answer 400, failed rules
STATUS_LEVELS: list[tuple[dict[str, Any], set[tuple[str, str]]]] = [
    (
        {"expect": {"status": "refused", "headers": {"a": {}}}, "should": {"status": 404}},
        {("headers a", "must"), ("status", "should")},
    ),
    (
        {"expect": {"status": "ok-or-refused"}, "should": {"status": "ok", **READY}},
        {("status", "should")},
    ),
    ({"expect": READY, "should": {"status": "ok"}}, {("status", "should")}),
    (
        {
            "expect": {"status": "refused"},
            "should": {"headers": {"a": {}}},
            "may": {"status": 404, **READY},
        },
        {("headers a", "should")},
    ),
]


@pytest.mark.parametrize(("spec", "failed"), STATUS_LEVELS)
def test_a_failed_status_suppresses_only_its_level_if_a_must_permits_the_status(
    spec: dict[str, Any], failed: set[tuple[str, str]]
) -> None:
    plan = make_plan("supported", request={"body": {"mark": 1}}, **PLAIN, **spec)
    assert failed_rules(judge_replies(plan, reply_if("mark", error_reply()))) == failed


def test_a_failed_schema_does_not_hide_the_case_assertions() -> None:
    plan = make_plan("supported", request={"body": {"mark": 1}}, expect=NOT_READY, **PLAIN)
    verdict = judge_replies(
        plan, reply_if("mark", with_members(text_reply(), choices=[{"index": "0"}]))
    )
    assert {rule for rule, _ in failed_rules(verdict)} == {"schema", f"body {CONTENT}"}


def test_an_answer_that_is_not_json_fails() -> None:
    plan = make_plan("supported", request={"body": {"mark": 1}}, **PLAIN)
    verdict = judge_replies(plan, reply_if("mark", Reply(200, raw=b"<html>")))
    assert outcome_and_cause(verdict) == ("fail", None)
    assert verdict.evidence == "shape"


def test_a_violation_of_the_base_answer_too_fails_only_the_case_about_it() -> None:
    without_model = with_members(text_reply(), model=None)
    other_row = make_plan("supported", request={"body": {"mark": 1}}, expect=READY, **PLAIN)
    verdict = judge_replies(other_row, reply_always(without_model))
    assert verdict.outcome == "pass"
    assert ("schema", "may") in {(f.rule, f.level) for f in verdict.findings if not f.holds}
    schema_case = make_plan("supported", **PLAIN, expect={"schema": "openai/completion"})
    assert judge_replies(schema_case, reply_always(without_model)).outcome == "fail"
    assert judge_replies(other_row, reply_if("mark", without_model)).outcome == "fail"


ASSUMED: dict[str, Any] = {
    **PLAIN,
    "expect": NOT_READY,
    "control": {"body": {"mark": "control"}, "expect": READY},
}


def test_a_failed_assumption_about_the_model_is_inconclusive() -> None:
    verdict = judge_replies(make_plan("supported", **ASSUMED), reply_to_controls(text_reply("no")))
    assert outcome_and_cause(verdict) == ("inconclusive", "model")
    assert "no" in verdict.reason
    assert failed_rules(verdict) == set()


def test_an_assumption_must_hold_for_both_controls() -> None:
    verdict = judge_replies(
        make_plan("supported", **ASSUMED), reply_to_controls(text_reply(), text_reply("no"))
    )
    assert outcome_and_cause(verdict) == ("inconclusive", "model")


def test_a_case_is_judged_if_its_assumption_holds() -> None:
    assert judge_replies(make_plan("supported", **ASSUMED)).outcome == "fail"


@pytest.mark.parametrize(
    ("reply", "cause"),
    [
        (error_reply(), "blocked"),
        (error_reply(status=429), "rate-limit"),
        (Reply(None, end="timeout"), "timeout"),
    ],
)
def test_an_assumption_is_undecided_if_its_control_has_no_answer(reply: Reply, cause: str) -> None:
    verdict = judge_replies(
        make_plan("supported", **ASSUMED), reply_to_controls(text_reply(), reply)
    )
    assert outcome_and_cause(verdict) == ("inconclusive", cause)


def test_an_assumption_about_a_control_covers_one_mode() -> None:
    plan = make_plan("supported", **{**ASSUMED, "modes": ["plain", "stream"]})
    verdict = judge_replies(
        plan,
        reply_in_mode("plain", text_reply("no"), reply_to_controls(text_reply()), shared_only=True),
    )
    assert verdict.outcome == "fail"
    assert {f.shot for f in verdict.findings if not f.holds} == {"small/one/stream"}
    assert {s.mode: s.outcome for s in verdict.shots if not s.id.startswith("shared")} == {
        "plain": "inconclusive",
        "stream": "fail",
    }


def test_an_assumption_about_the_answers_covers_each_separately() -> None:
    plan = make_plan(
        "supported", **PLAIN, values=[1, 2], assume=READY, expect={"headers": {"x": {}}}
    )
    verdict = judge_replies(plan, reply_if("field", text_reply("no"), lambda value: value == 1))
    assert {f.shot for f in verdict.findings if not f.holds} == {"small/one/probe=2/plain"}
    verdict = judge_replies(
        make_plan("supported", **PLAIN, assume=READY, expect=NOT_READY),
        reply_always(text_reply("no")),
    )
    assert outcome_and_cause(verdict) == ("inconclusive", "model")


def test_an_undecided_assumption_is_inconclusive() -> None:
    control = {"body": {"mark": 1}, "expect": {"more_than": COMPARED}}
    plan = make_plan("supported", **PLAIN, control=control, expect=NOT_READY)
    verdict = judge_replies(plan, reply_to_controls(with_tokens(None)))
    assert outcome_and_cause(verdict) == ("inconclusive", "signal")


# --- steps ---------------------------------------------------------------------------------------


def test_a_step_without_the_data_for_the_next_one_is_blocked() -> None:
    verdict = judge_replies(
        make_plan("supported", **PLAIN, steps=STEPS), reply_at_step("answer", MISSING_CAPTURE)
    )
    assert outcome_and_cause(verdict) == ("inconclusive", "blocked")
    assert verdict.reason == "the answer to step ask has nothing at $.call"


@pytest.mark.parametrize(
    ("first", "outcome", "rules"),
    [
        (error_reply(), "inconclusive", set()),
        (error_reply(status=429), "inconclusive", set()),
        (Reply(None, end="timeout"), "inconclusive", set()),
        (Reply(200, end="dropped", raw=b"", confirmed=True), "fail", {("transport", "must")}),
        (with_members(text_reply(), choices=[]), "fail", {("schema", "must")}),
    ],
)
def test_a_failed_step_is_not_reported_again_as_a_missing_prerequisite(
    first: Reply, outcome: str, rules: set[tuple[str, str]]
) -> None:
    steps = [{**STEPS[0], "request": {"body": {"mark": 1}}}, STEPS[1]]
    plan = make_plan("supported", **PLAIN, steps=steps)
    verdict = judge_replies(
        plan, lambda s: first if s.step == "ask" else reply_at_step("answer", MISSING_CAPTURE)(s)
    )
    assert (verdict.outcome, failed_rules(verdict)) == (outcome, rules)


def test_a_step_that_cannot_be_sent_does_not_let_its_case_pass() -> None:
    gateway = reply_at_step("answer", MISSING_CAPTURE)
    plan = make_plan("supported", **PLAIN, steps=STEPS, assume=READY, expect=NOT_READY)
    verdict = judge_replies(plan, gateway)
    assert outcome_and_cause(verdict) == ("inconclusive", "model")
    assert verdict.reason == "the answer to step ask has nothing at $.call"


def test_a_missing_prerequisite_after_a_failed_assumption_is_inconclusive() -> None:
    plan = make_plan("supported", steps=STEPS, **{**ASSUMED, "expect": READY})
    gateway = reply_to_controls(text_reply("no"), probe=reply_at_step("answer", MISSING_CAPTURE))
    assert outcome_and_cause(judge_replies(plan, gateway)) == ("inconclusive", "model")


# --- levels, outcomes ----------------------------------------------------------------------------


def test_a_failed_may_is_recorded_and_passes() -> None:
    verdict = judge_replies(make_plan("supported", **PLAIN, may=NOT_READY))
    assert verdict.outcome == "pass"
    assert [f.rule for f in verdict.findings if not f.holds] == [f"body {CONTENT}"]


def test_a_case_with_only_may_assertions_passes() -> None:
    request = {"method": "GET", "path": "/models"}
    verdict = judge_replies(
        make_plan("rejected", request=request, level="may"), reply_always(Reply(200, {}))
    )
    assert (verdict.outcome, failed_rules(verdict)) == ("pass", set())


def test_the_worst_outcome_wins() -> None:
    failing = make_plan("supported", expect=NOT_READY)
    overloaded = reply_in_mode("plain", replace(text_reply(), status=429))
    assert judge_replies(failing, overloaded).outcome == "fail"
    assert (
        judge_replies(make_plan("supported", should=NOT_READY), overloaded).outcome
        == "inconclusive"
    )
    assert judge_replies(make_plan("supported", should=NOT_READY)).outcome == "warn"


def test_a_fail_has_no_cause() -> None:
    verdict = judge_replies(make_plan("supported", expect=NOT_READY), conforming)
    assert (verdict.cause, verdict.reason) == (None, "")


def test_a_feature_that_the_target_lacks_is_skipped() -> None:
    target = replace(TARGET, lacks=("core",))
    verdict = judge(make_plan("supported", target=target), {})
    assert (verdict.outcome, verdict.evidence, verdict.shots) == ("skip", "none", ())
    assert "lack" in verdict.reason


def test_a_case_without_evaluated_assertions_is_inconclusive() -> None:
    plan = replace(make_plan("supported", **PLAIN), assertions=())
    verdict = judge_replies(plan)
    assert outcome_and_cause(verdict) == ("inconclusive", "harness")


def test_a_verdict_has_its_shots_and_their_total_time() -> None:
    verdict = judge_replies(make_plan("ignored", **PLAIN, values=[1]))
    assert [(s.tag, s.value, s.outcome) for s in verdict.shots] == [
        ("legal", 1, "pass"),
        ("control", None, "pass"),
        ("control", None, "pass"),
    ]
    assert verdict.seconds == pytest.approx(0.75)


# --- controls ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("level", "outcome"), [("expect", "inconclusive"), ("should", "inconclusive"), ("may", "pass")]
)
def test_a_refused_control_never_fails_a_case(level: str, outcome: str) -> None:
    spec: dict[str, Any] = {level: SAME}
    plan = make_plan("supported", **PLAIN, **spec)
    verdict = judge_replies(plan, reply_to_controls(error_reply()))
    assert verdict.outcome == outcome
    assert not failed_rules(verdict)


@pytest.mark.parametrize(
    ("level", "outcome"), [("expect", "inconclusive"), ("should", "inconclusive"), ("may", "pass")]
)
def test_controls_that_disagree_are_undecided(level: str, outcome: str) -> None:
    spec: dict[str, Any] = {level: SAME}
    plan = make_plan("supported", **PLAIN, **spec)
    verdict = judge_replies(
        plan,
        reply_to_controls(with_tokens(10), with_tokens(30), probe=reply_always(with_tokens(20))),
    )
    assert verdict.outcome == outcome
    assert verdict.evidence != "differential"


def test_a_case_of_which_something_else_is_shown_passes() -> None:
    plan = make_plan("supported", **PLAIN, expect=READY, should=SAME)
    verdict = judge_replies(plan, reply_to_controls(error_reply()))
    assert (verdict.outcome, verdict.evidence) == ("pass", "effect")


@pytest.mark.parametrize(("check", "cause"), [("same_as", "signal"), ("more_than", "signal")])
def test_a_missing_token_count_is_undecided(check: str, cause: str) -> None:
    verdict = judge_replies(
        make_plan("supported", modes=["plain"], expect={check: COMPARED}),
        reply_always(text_reply(usage=None)),
    )
    assert outcome_and_cause(verdict) == ("inconclusive", cause)


def test_an_overloaded_control_is_inconclusive() -> None:
    plan = make_plan("ignored", **PLAIN, values=[1])
    verdict = judge_replies(plan, reply_to_controls(text_reply(), error_reply(status=503)))
    assert outcome_and_cause(verdict) == ("inconclusive", "transport")


def test_a_violation_in_a_control_does_not_fail_the_row() -> None:
    plan = make_plan("ignored", **PLAIN, values=[1])
    verdict = judge_replies(plan, reply_to_controls(with_members(text_reply(), object="what")))
    assert "schema" not in {rule for rule, _ in failed_rules(verdict)}


def test_one_mode_without_controls_does_not_affect_the_other() -> None:
    gateway = reply_in_mode("stream", error_reply(), shared_only=True)
    verdict = judge_replies(make_plan("ignored", values=[1]), gateway)
    assert not failed_rules(verdict)
    assert verdict.evidence == "differential"


# --- any, when -----------------------------------------------------------------------------------

# alternatives, gateway, outcome, cause, evidence
ALTERNATIVES: list[tuple[list[Any], Gateway, str, str | None, str]] = [
    ([READY, NOT_READY], conforming, "pass", None, "effect"),
    ([NOT_READY, {"status": "ok"}], conforming, "pass", None, "accepted"),
    ([{"status": "refused"}, NOT_READY], conforming, "fail", None, "effect"),
    ([READY, MORE], reply_to_controls(error_reply()), "pass", None, "effect"),
    ([NOT_READY, MORE], reply_to_controls(with_tokens(5)), "warn", None, "accepted"),
    ([NOT_READY, MORE], reply_to_controls(with_tokens(10)), "fail", None, "differential"),
    ([NOT_READY, MORE], reply_to_controls(with_tokens(None)), "inconclusive", "model", "accepted"),
    ([NOT_READY, MORE], reply_to_controls(error_reply()), "inconclusive", "model", "accepted"),
    ([MORE, SAME], reply_to_controls(with_tokens(None)), "inconclusive", "signal", "accepted"),
    ([{"events": {"$[*].gone": {}}}, READY], conforming, "pass", None, "effect"),
    ([{"events": {"$[0]": {}}}, {"events": {"$[1]": {}}}], conforming, "pass", None, "accepted"),
    ([{**READY, "status": 400}, NOT_READY], conforming, "fail", None, "effect"),
]


@pytest.mark.parametrize(
    ("parts", "gateway", "outcome", "cause", "evidence"), ALTERNATIVES, ids=range(len(ALTERNATIVES))
)
def test_one_alternative_is_enough_and_undecided_ones_do_not_fail(
    parts: list[Any], gateway: Gateway, outcome: str, cause: str | None, evidence: str
) -> None:
    verdict = judge_replies(make_plan("supported", expect={"any_of": parts}, **PLAIN), gateway)
    assert outcome_and_cause(verdict) == (outcome, cause), verdict.findings
    assert verdict.evidence == evidence


def test_failed_alternatives_are_all_in_the_message() -> None:
    parts = [NOT_READY, {"status": 400}]
    finding = first_failure(
        judge_replies(make_plan("supported", expect={"any_of": parts}, **PLAIN))
    )
    assert "set" in finding.expected
    assert ", or status: status 400" in finding.expected
    assert finding.got == '$.choices[0].message.content: "ready"; status: 200'


WHEN = {"status": "ok-or-refused", "when": {"status": 400, "headers": {"a": {}}}}


def test_an_unmet_condition_gives_no_evidence() -> None:
    verdict = judge_replies(make_plan("supported", **PLAIN, expect=WHEN))
    assert (verdict.outcome, verdict.evidence) == ("pass", "accepted")
    assert "when" not in {f.rule for f in verdict.findings}


def test_the_assertions_of_a_met_condition_are_evaluated() -> None:
    plan = make_plan("supported", request={"body": {"mark": 1}}, expect=WHEN, **PLAIN)
    assert failed_rules(judge_replies(plan, reply_if("mark", error_reply()))) == {("when", "must")}
    with_header = replace(error_reply(), headers=(("a", "1"),))
    verdict = judge_replies(plan, reply_if("mark", with_header))
    assert (verdict.outcome, verdict.evidence) == ("pass", "effect")


# --- evidence ------------------------------------------------------------------------------------


def test_evidence_is_the_weakest_of_the_shots_strongest_grades() -> None:
    parts = {"any_of": [{"when": {"status": 201, "headers": {"x": {}}}}, READY, {"status": "ok"}]}
    plan = make_plan("supported", **PLAIN, values=[1, 2], expect=parts)
    assert judge_replies(plan).evidence == "effect"
    assert (
        judge_replies(plan, reply_if("field", text_reply("no"), lambda v: v == 1)).evidence
        == "accepted"
    )


def test_assertions_on_events_give_no_evidence_in_plain_mode() -> None:
    chunks = {"events": {"$[*].object": {"const": "chat.completion.chunk"}}}
    assert (
        judge_replies(make_plan("supported", modes=["stream"], expect=chunks)).evidence == "effect"
    )
    assert judge_replies(make_plan("supported", expect=chunks)).evidence == "accepted"


def test_a_fail_has_the_grade_of_its_failed_findings() -> None:
    plan = make_plan("supported", expect=READY)
    gateway = reply_in_mode("plain", error_reply(), reply_always(text_reply("no")))
    assert judge_replies(plan, gateway).evidence == "effect"
    assert judge_replies(plan, reply_always(error_reply())).evidence == "accepted"


def test_evidence_does_not_exceed_the_ceiling_of_the_behaviour() -> None:
    bounds: dict[str, Any] = {"range": [0, 1], "values": [2]}
    assert judge_replies(make_plan("clamped", **bounds, expect=READY)).evidence == "accepted"


def test_a_stream_rule_is_not_stricter_than_the_assertion() -> None:
    plan = make_plan("present", path="$.id", answers=["stream"])
    without_done = as_stream(text_reply().body).replace(b"data: [DONE]\n\n", b"")
    stream = Reply(200, raw=without_done, headers=(("content-type", "text/event-stream"),))
    verdict = judge_replies(plan, reply_in_mode("stream", stream))
    assert verdict.outcome == "pass"
    assert ("stream.done", "may") in {(f.rule, f.level) for f in verdict.findings}


def test_values_of_several_answers_are_compared() -> None:
    plan = make_plan("supported", **PLAIN, repeat=2, expect={"unique": ["$.id"]})
    verdict = judge_replies(plan)
    assert {f.shot for f in verdict.findings if not f.holds} == {"small/one/plain/2"}
    assert (
        judge_replies(plan, lambda shot: with_members(text_reply(), id=shot.id)).outcome == "pass"
    )


# --- errors in checks ----------------------------------------------------------------------------


@pytest.mark.parametrize("rule", ["expect", "should", "may", "assume"])
def test_an_exception_in_a_check_is_inconclusive(
    rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*args: Any) -> Any:
        raise ZeroDivisionError("in a check")

    body = checks.BY_ID["body"]
    monkeypatch.setitem(checks.BY_ID, "body", replace(body, function=crash))
    spec: dict[str, Any] = {rule: READY}
    verdict = judge_replies(make_plan("supported", **PLAIN, **spec))
    assert outcome_and_cause(verdict) == ("inconclusive", "harness")
    assert "ZeroDivisionError: in a check" in verdict.reason


def test_an_exception_in_a_check_does_not_stop_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*args: Any) -> Any:
        raise RecursionError

    monkeypatch.setitem(checks.BY_ID, "headers", replace(checks.BY_ID["headers"], function=crash))
    verdict = judge_replies(
        make_plan("supported", **PLAIN, expect={"headers": {"a": {}}, **NOT_READY})
    )
    assert failed_rules(verdict) == {(f"body {CONTENT}", "must")}


def test_a_finding_without_a_shot_counts_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(args: Any, answers: Any, against: Any) -> Any:
        yield Finding("x", "nothing", "something")

    monkeypatch.setitem(checks.BY_ID, "unique", Check("unique", "effect", run, across=True))
    verdict = judge_replies(make_plan("supported", **PLAIN, repeat=2, expect={"unique": ["$.id"]}))
    assert len([f for f in verdict.findings if f.rule == "unique $.id"]) == 2


def test_judging_twice_gives_the_same_verdict() -> None:
    plan = make_plan("ignored", values=[1], boundary_values=[2], wrong_type_values=["x"])
    exchanges = send(plan, reply_if("field", with_members(text_reply(), seeded=1)))
    assert judge(plan, exchanges) == judge(plan, exchanges)
    assert plan == make_plan(
        "ignored", PACK, values=[1], boundary_values=[2], wrong_type_values=["x"]
    )


def test_a_body_that_no_client_can_decode_is_one_fault() -> None:
    packed = Reply(200, raw=gzip.compress(b"{}"), headers=(("content-type", "application/json"),))
    spec: dict[str, Any] = {"expect": {"schema": "openai/completion", "body": {"$.id": True}}}
    verdict = judge_replies(make_plan("supported", **PLAIN, **spec), lambda shot: packed)
    assert verdict.outcome == "fail"
    assert {f.rule for f in verdict.findings if not f.holds and f.level == "must"} == {
        "http.coding"
    }
    verdict = judge_replies(
        make_plan("supported", **PLAIN, expect={"body": {"$.id": True}}), lambda shot: packed
    )
    assert (verdict.outcome, verdict.cause) == ("inconclusive", "blocked")
