"""The judge asks in order, accuses nobody falsely, and claims no more evidence than there was."""

from __future__ import annotations

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
COMPARED = {"control": {"request": {"mark": "control"}}, "paths": [TOKENS]}
MORE, SAME = {"more_than": COMPARED}, {"same_as": COMPARED}
PLAIN: dict[str, Any] = {"modes": ["plain"]}
STEPS = [
    {"name": "ask", "capture": {"call": "$.call"}},
    {"name": "answer", "request": {"call": "$call"}},
]
UNBUILT = Reply(end="not-sent", note="no earlier answer gave $call", reason="missing-capture")


def of_controls(*replies: Reply, probe: Gateway = conforming) -> Gateway:
    """Each of the two controls answers in its own way; with one reply both do."""

    def world(shot: Shot) -> Reply:
        turn = int(shot.id.split("/")[3]) if shot.id.startswith("shared/") else 0
        return replies[min(turn, len(replies)) - 1] if turn else probe(shot)

    return world


def in_mode(
    mode: str, reply: Reply, other: Gateway = conforming, shared_only: bool = False
) -> Gateway:
    def world(shot: Shot) -> Reply:
        here = shot.mode == mode and (shot.id.startswith("shared/") or not shared_only)
        return reply if here else other(shot)

    return world


def at_step(name: str, reply: Reply) -> Gateway:
    return lambda shot: reply if shot.step == name else conforming(shot)


def always(reply: Reply) -> Gateway:
    return lambda shot: reply


def counted(tokens: Any) -> Reply:
    return text_reply(usage={"prompt_tokens": tokens})


def told(verdict: Verdict) -> tuple[str, str | None]:
    return verdict.outcome, verdict.cause


# how the exchange ended, its note, and what becomes of the case
ENDS: list[tuple[Reply, str, str | None, str]] = [
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
    (Reply(200, end="dropped", raw=b""), "fail", None, ""),
    (Reply(200, end="too-large", raw=b""), "fail", None, ""),
    (Reply(None, end="malformed"), "fail", None, ""),
]


@pytest.mark.parametrize(
    ("reply", "outcome", "cause", "reason"), ENDS, ids=[f"{r[0].end}-{r[0].status}" for r in ENDS]
)
def test_what_never_came_accuses_only_who_broke_it_off(
    reply: Reply, outcome: str, cause: str | None, reason: str
) -> None:
    verdict = judge_replies(make_plan("supported", **PLAIN, expect=READY), reply_if("model", reply))
    assert told(verdict) == (outcome, cause)
    assert reason in verdict.reason
    if outcome == "fail":
        assert failed_rules(verdict) == {("transport", "must")}
        assert verdict.evidence == "accepted"


def test_a_shot_that_was_never_fired_leaves_the_case_open() -> None:
    made = make_plan("supported", **PLAIN)
    verdict = judge(made, {})
    assert told(verdict) == ("inconclusive", "budget")
    assert "was not sent" in verdict.reason
    assert [shot.outcome for shot in verdict.shots] == ["inconclusive"]


def test_a_base_answer_that_never_came_excuses_and_accuses_nobody() -> None:
    made = make_plan("supported", **PLAIN, request={"x": 1}, expect=READY)
    exchanges = {
        shot.id: exchange(shot, conforming(shot)) for shot in made.shots if shot.tag != "base"
    }
    assert judge(made, exchanges).outcome == "pass"
    dead = Reply(None, end="unreachable")
    assert (
        judge_replies(made, lambda shot: dead if shot.tag == "base" else conforming(shot)).outcome
        == "pass"
    )


# kinds of status that a case may ask for; none of them means a 429, or a 503
@pytest.mark.parametrize("wanted", ["ok", "refused", "ok-or-refused", 401, [400, 404]])
@pytest.mark.parametrize("status", [429, 503])
def test_too_busy_is_no_answer_whatever_was_asked(wanted: Any, status: int) -> None:
    made = make_plan("supported", **PLAIN, expect={"status": wanted})
    verdict = judge_replies(made, reply_if("model", error_reply(status=status)))
    assert verdict.outcome == "inconclusive"


def test_a_429_that_was_asked_for_is_an_answer() -> None:
    made = make_plan("supported", **PLAIN, expect={"status": [400, 429]})
    assert judge_replies(made, reply_if("model", error_reply(status=429))).outcome == "pass"


def test_a_refusal_is_no_overload() -> None:
    verdict = judge_replies(
        make_plan("rejected", **PLAIN, values=[1]), reply_if("field", error_reply(status=429))
    )
    assert told(verdict) == ("inconclusive", "rate-limit")


# --- the order: status, shape, assume, rest ------------------------------------------------------


def test_of_an_error_nobody_learns_anything_more() -> None:
    made = make_plan("supported", **PLAIN, expect={**NOT_READY, "headers": {"gone": {}}})
    assert failed_rules(judge_replies(made, always(error_reply()))) == {("status", "must")}


def test_a_should_that_is_broken_first_does_not_hide_a_must() -> None:
    made = make_plan("rejected", **PLAIN, level="should", raw="{", expect={"status": 401})
    assert ("status", "must") in failed_rules(judge_replies(made, always(text_reply())))


# what is demanded, of an answer 400; what is found wrong
MUTED: list[tuple[dict[str, Any], set[tuple[str, str]]]] = [
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


@pytest.mark.parametrize(("spec", "wrong"), MUTED)
def test_a_status_silences_its_own_level_where_a_must_says_that_it_is_right(
    spec: dict[str, Any], wrong: set[tuple[str, str]]
) -> None:
    made = make_plan("supported", **PLAIN, request={"mark": 1}, **spec)
    assert failed_rules(judge_replies(made, reply_if("mark", error_reply()))) == wrong


def test_a_broken_shape_does_not_hide_what_the_case_demands() -> None:
    made = make_plan("supported", **PLAIN, request={"mark": 1}, expect=NOT_READY)
    verdict = judge_replies(
        made, reply_if("mark", with_members(text_reply(), choices=[{"index": "0"}]))
    )
    assert {rule for rule, _ in failed_rules(verdict)} == {"schema", f"body {CONTENT}"}


def test_an_answer_that_is_no_json_is_a_fail() -> None:
    made = make_plan("supported", **PLAIN, request={"mark": 1})
    verdict = judge_replies(made, reply_if("mark", Reply(200, raw=b"<html>")))
    assert told(verdict) == ("fail", None)
    assert verdict.evidence == "shape"


def test_what_is_wrong_in_the_base_answer_too_is_told_once() -> None:
    nameless = with_members(text_reply(), model=None)
    apart = make_plan("supported", **PLAIN, request={"mark": 1}, expect=READY)
    verdict = judge_replies(apart, always(nameless))
    assert verdict.outcome == "pass"
    assert ("schema", "may") in {(f.rule, f.level) for f in verdict.findings if not f.holds}
    whole = make_plan("supported", **PLAIN, expect={"schema": "openai/completion"})
    assert judge_replies(whole, always(nameless)).outcome == "fail"
    assert judge_replies(apart, reply_if("mark", nameless)).outcome == "fail"


ASSUMED: dict[str, Any] = {
    **PLAIN,
    "expect": NOT_READY,
    "assume": {"control": {"request": {"mark": "control"}, **READY}},
}


def test_what_the_model_did_not_do_is_not_the_gateways_fault() -> None:
    verdict = judge_replies(make_plan("supported", **ASSUMED), of_controls(text_reply("no")))
    assert told(verdict) == ("inconclusive", "model")
    assert "no" in verdict.reason
    assert failed_rules(verdict) == set()


def test_one_control_of_two_is_enough_for_doubt() -> None:
    verdict = judge_replies(
        make_plan("supported", **ASSUMED), of_controls(text_reply(), text_reply("no"))
    )
    assert told(verdict) == ("inconclusive", "model")


def test_an_assumption_that_holds_lets_the_case_be_judged() -> None:
    assert judge_replies(make_plan("supported", **ASSUMED)).outcome == "fail"


@pytest.mark.parametrize(
    ("reply", "outcome", "rules"),
    [
        (error_reply(), "fail", {("prerequisite", "must")}),
        (error_reply(status=429), "inconclusive", set()),
        (Reply(None, end="timeout"), "inconclusive", set()),
    ],
)
def test_an_assumption_about_a_control_that_failed_holds_for_nobody(
    reply: Reply, outcome: str, rules: set[tuple[str, str]]
) -> None:
    verdict = judge_replies(make_plan("supported", **ASSUMED), of_controls(text_reply(), reply))
    assert (verdict.outcome, failed_rules(verdict)) == (outcome, rules)


def test_an_assumption_is_of_one_mode() -> None:
    made = make_plan("supported", **{**ASSUMED, "modes": ["plain", "stream"]})
    verdict = judge_replies(
        made, in_mode("plain", text_reply("no"), of_controls(text_reply()), shared_only=True)
    )
    assert verdict.outcome == "fail"
    assert {f.shot for f in verdict.findings if not f.holds} == {"small/one/stream"}
    assert {s.mode: s.outcome for s in verdict.shots if not s.id.startswith("shared")} == {
        "plain": "inconclusive",
        "stream": "fail",
    }


def test_an_assumption_about_the_answers_is_of_each_alone() -> None:
    made = make_plan(
        "supported", **PLAIN, values=[1, 2], assume=READY, expect={"headers": {"x": {}}}
    )
    verdict = judge_replies(made, reply_if("field", text_reply("no"), lambda value: value == 1))
    assert {f.shot for f in verdict.findings if not f.holds} == {"small/one/probe=2/plain"}
    alone = judge_replies(
        make_plan("supported", **PLAIN, assume=READY, expect=NOT_READY), always(text_reply("no"))
    )
    assert told(alone) == ("inconclusive", "model")


def test_an_assumption_that_cannot_be_decided_is_open() -> None:
    control = {"request": {"mark": 1}, "more_than": COMPARED}
    made = make_plan("supported", **PLAIN, assume={"control": control}, expect=NOT_READY)
    verdict = judge_replies(made, of_controls(counted(None)))
    assert told(verdict) == ("inconclusive", "environment")


# --- steps ---------------------------------------------------------------------------------------


def test_a_step_that_gives_nothing_to_build_on_is_a_fail() -> None:
    verdict = judge_replies(
        make_plan("supported", **PLAIN, steps=STEPS), at_step("answer", UNBUILT)
    )
    assert failed_rules(verdict) == {("prerequisite", "must")}
    assert first_failure(verdict).got == "not testable: no earlier answer gave $call"


@pytest.mark.parametrize(
    ("first", "outcome", "rules"),
    [
        (error_reply(), "fail", {("status", "must")}),
        (error_reply(status=429), "inconclusive", set()),
        (Reply(None, end="timeout"), "inconclusive", set()),
        (Reply(200, end="dropped", raw=b""), "fail", {("transport", "must")}),
        (with_members(text_reply(), choices=[]), "fail", {("schema", "must")}),
    ],
)
def test_what_a_failed_step_could_not_give_is_not_told_twice(
    first: Reply, outcome: str, rules: set[tuple[str, str]]
) -> None:
    steps = [{**STEPS[0], "request": {"mark": 1}}, STEPS[1]]
    made = make_plan("supported", **PLAIN, steps=steps)
    verdict = judge_replies(
        made, lambda s: first if s.step == "ask" else at_step("answer", UNBUILT)(s)
    )
    assert (verdict.outcome, failed_rules(verdict)) == (outcome, rules)


def test_a_step_unbuilt_for_want_of_a_willing_model_is_no_fault() -> None:
    made = make_plan("supported", steps=STEPS, **{**ASSUMED, "expect": READY})
    world = of_controls(text_reply("no"), probe=at_step("answer", UNBUILT))
    assert told(judge_replies(made, world)) == ("inconclusive", "model")


# --- levels, outcomes ----------------------------------------------------------------------------


def test_a_may_is_written_down_and_nothing_more() -> None:
    verdict = judge_replies(make_plan("supported", **PLAIN, may=NOT_READY))
    assert verdict.outcome == "pass"
    assert [f.rule for f in verdict.findings if not f.holds] == [f"body {CONTENT}"]


def test_a_case_of_mays_alone_is_a_case() -> None:
    http = {"method": "GET", "path": "/models"}
    verdict = judge_replies(make_plan("rejected", http=http, level="may"), always(Reply(200, {})))
    assert (verdict.outcome, failed_rules(verdict)) == ("pass", set())


def test_the_strongest_outcome_wins() -> None:
    open_and_broken = make_plan("supported", expect=NOT_READY)
    busy = in_mode("plain", replace(text_reply(), status=429))
    assert judge_replies(open_and_broken, busy).outcome == "fail"
    assert judge_replies(make_plan("supported", should=NOT_READY), busy).outcome == "inconclusive"
    assert judge_replies(make_plan("supported", should=NOT_READY)).outcome == "warn"


def test_an_outcome_is_inconclusive_for_its_first_cause_only() -> None:
    verdict = judge_replies(make_plan("supported", expect=NOT_READY), conforming)
    assert (verdict.cause, verdict.reason) == (None, "")


def test_what_a_target_lacks_is_skipped() -> None:
    poor = replace(TARGET, lacks=("core",))
    verdict = judge(make_plan("supported", target=poor), {})
    assert (verdict.outcome, verdict.evidence, verdict.shots) == ("skip", "none", ())
    assert "lack" in verdict.reason


def test_a_case_of_which_nothing_was_asked_has_not_passed() -> None:
    made = replace(make_plan("supported", **PLAIN), assertions=())
    verdict = judge_replies(made)
    assert told(verdict) == ("inconclusive", "harness")


def test_a_verdict_tells_of_its_own_shots_and_their_time() -> None:
    verdict = judge_replies(make_plan("ignored", **PLAIN, values=[1]))
    assert [(s.tag, s.value, s.outcome) for s in verdict.shots] == [
        ("legal", 1, "pass"),
        ("control", None, "pass"),
        ("control", None, "pass"),
    ]
    assert verdict.seconds == pytest.approx(0.75)


# --- controls ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("level", "outcome"), [("expect", "fail"), ("should", "warn"), ("may", "pass")]
)
def test_a_control_that_is_refused_leaves_the_case_not_testable(level: str, outcome: str) -> None:
    spec: dict[str, Any] = {level: SAME}
    made = make_plan("supported", **PLAIN, **spec)
    verdict = judge_replies(made, of_controls(error_reply()))
    assert verdict.outcome == outcome
    assert failed_rules(verdict) <= {("prerequisite", "must"), ("prerequisite", "should")}


@pytest.mark.parametrize(
    ("level", "outcome"), [("expect", "inconclusive"), ("should", "pass"), ("may", "pass")]
)
def test_controls_that_disagree_decide_nothing(level: str, outcome: str) -> None:
    spec: dict[str, Any] = {level: SAME}
    made = make_plan("supported", **PLAIN, **spec)
    verdict = judge_replies(made, of_controls(counted(10), counted(30), probe=always(counted(20))))
    assert verdict.outcome == outcome
    assert verdict.evidence != "differential"


@pytest.mark.parametrize("check", ["same_as", "more_than"])
def test_who_counts_nothing_has_not_counted_wrong(check: str) -> None:
    verdict = judge_replies(
        make_plan("supported", modes=["plain"], expect={check: COMPARED}),
        always(text_reply(usage=None)),
    )
    assert told(verdict) == ("inconclusive", "environment")


def test_a_control_that_is_too_busy_leaves_the_case_open() -> None:
    made = make_plan("ignored", **PLAIN, values=[1])
    verdict = judge_replies(made, of_controls(text_reply(), error_reply(status=503)))
    assert told(verdict) == ("inconclusive", "transport")


def test_the_faults_of_a_control_are_no_faults_of_the_row() -> None:
    made = make_plan("ignored", **PLAIN, values=[1])
    verdict = judge_replies(made, of_controls(with_members(text_reply(), object="what")))
    assert "schema" not in {rule for rule, _ in failed_rules(verdict)}


def test_one_mode_may_lack_its_controls_where_the_other_has_them() -> None:
    world = in_mode("stream", error_reply(), shared_only=True)
    verdict = judge_replies(make_plan("ignored", values=[1]), world)
    assert failed_rules(verdict) == {("prerequisite", "should")}
    assert verdict.evidence == "differential"


# --- any, when -----------------------------------------------------------------------------------

# the alternatives, the gateway; outcome, cause, evidence
EITHER: list[tuple[list[Any], Gateway, str, str | None, str]] = [
    ([READY, NOT_READY], conforming, "pass", None, "effect"),
    ([NOT_READY, {"status": "ok"}], conforming, "pass", None, "accepted"),
    ([{"status": "refused"}, NOT_READY], conforming, "fail", None, "effect"),
    ([READY, MORE], of_controls(error_reply()), "pass", None, "effect"),
    ([NOT_READY, MORE], of_controls(counted(5)), "pass", None, "differential"),
    ([NOT_READY, MORE], of_controls(counted(10)), "fail", None, "differential"),
    ([NOT_READY, MORE], of_controls(counted(None)), "inconclusive", "model", "accepted"),
    ([NOT_READY, MORE], of_controls(error_reply()), "inconclusive", "model", "accepted"),
    ([MORE, SAME], of_controls(counted(None)), "inconclusive", "environment", "accepted"),
    ([{"events": {"$[*].gone": {}}}, READY], conforming, "pass", None, "effect"),
    ([{"events": {"$[0]": {}}}, {"events": {"$[1]": {}}}], conforming, "pass", None, "accepted"),
    ([{**READY, "status": 400}, NOT_READY], conforming, "fail", None, "effect"),
]


@pytest.mark.parametrize(
    ("parts", "world", "outcome", "cause", "evidence"), EITHER, ids=range(len(EITHER))
)
def test_one_alternative_is_enough_and_doubt_is_no_fail(
    parts: list[Any], world: Gateway, outcome: str, cause: str | None, evidence: str
) -> None:
    verdict = judge_replies(make_plan("supported", **PLAIN, expect={"any": parts}), world)
    assert told(verdict) == (outcome, cause), verdict.findings
    assert verdict.evidence == evidence


def test_of_alternatives_each_says_what_it_wanted() -> None:
    parts = [NOT_READY, {"status": 400}]
    finding = first_failure(judge_replies(make_plan("supported", **PLAIN, expect={"any": parts})))
    assert "set" in finding.expected
    assert ", or status: status 400" in finding.expected
    assert finding.got == '/choices/0/message/content: "ready"; status: 200'


WHEN = {"status": "ok-or-refused", "when": {"status": 400, "headers": {"a": {}}}}


def test_a_condition_that_is_not_met_shows_nothing() -> None:
    verdict = judge_replies(make_plan("supported", **PLAIN, expect=WHEN))
    assert (verdict.outcome, verdict.evidence) == ("pass", "accepted")
    assert "when" not in {f.rule for f in verdict.findings}


def test_a_condition_that_is_met_is_judged() -> None:
    made = make_plan("supported", **PLAIN, request={"mark": 1}, expect=WHEN)
    assert failed_rules(judge_replies(made, reply_if("mark", error_reply()))) == {("when", "must")}
    headed = replace(error_reply(), headers=(("a", "1"),))
    verdict = judge_replies(made, reply_if("mark", headed))
    assert (verdict.outcome, verdict.evidence) == ("pass", "effect")


# --- evidence ------------------------------------------------------------------------------------


def test_evidence_is_the_weakest_shot_by_its_strongest_check() -> None:
    parts = {"any": [{"when": {"status": 201, "headers": {"x": {}}}}, READY, {"status": "ok"}]}
    made = make_plan("supported", **PLAIN, values=[1, 2], expect=parts)
    assert judge_replies(made).evidence == "effect"
    assert (
        judge_replies(made, reply_if("field", text_reply("no"), lambda v: v == 1)).evidence
        == "accepted"
    )


def test_a_chunk_is_judged_in_streams_and_shows_nothing_in_plain_answers() -> None:
    chunks = {"events": {"$[*].object": {"const": "chat.completion.chunk"}}}
    assert (
        judge_replies(make_plan("supported", modes=["stream"], expect=chunks)).evidence == "effect"
    )
    assert judge_replies(make_plan("supported", expect=chunks)).evidence == "accepted"


def test_a_fail_carries_the_grade_of_what_was_found() -> None:
    made = make_plan("supported", expect=READY)
    world = in_mode("plain", error_reply(), always(text_reply("no")))
    assert judge_replies(made, world).evidence == "effect"
    assert judge_replies(made, always(error_reply())).evidence == "accepted"


def test_a_ceiling_is_never_passed() -> None:
    bounds: dict[str, Any] = {"range": {"min": 0, "max": 1}, "over": [2]}
    assert judge_replies(make_plan("clamped", **bounds, expect=READY)).evidence == "accepted"


def test_a_law_weighs_no_more_than_the_demand_that_asks_for_it() -> None:
    made = make_plan("present", path="$.id", on=["stream"])
    cut = as_stream(text_reply().body).replace(b"data: [DONE]\n\n", b"")
    stream = Reply(200, raw=cut, headers=(("content-type", "text/event-stream"),))
    verdict = judge_replies(made, in_mode("stream", stream))
    assert verdict.outcome == "pass"
    assert ("stream.done", "may") in {(f.rule, f.level) for f in verdict.findings}


def test_values_of_several_answers_are_judged_together() -> None:
    made = make_plan("supported", **PLAIN, repeat=2, expect={"unique": ["$.id"]})
    verdict = judge_replies(made)
    assert {f.shot for f in verdict.findings if not f.holds} == {"small/one/plain/2"}
    assert (
        judge_replies(made, lambda shot: with_members(text_reply(), id=shot.id)).outcome == "pass"
    )


# --- our own faults ------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", ["expect", "should", "may", "assume"])
def test_a_check_that_crashes_accuses_nobody(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*reply_if: Any) -> Any:
        raise ZeroDivisionError("of ours")

    body = checks.BY_ID["body"]
    monkeypatch.setitem(checks.BY_ID, "body", replace(body, run=crash))
    spec: dict[str, Any] = {rule: READY}
    verdict = judge_replies(make_plan("supported", **PLAIN, **spec))
    assert told(verdict) == ("inconclusive", "harness")
    assert "ZeroDivisionError: of ours" in verdict.reason


def test_a_crash_in_one_check_leaves_the_others_to_speak(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*reply_if: Any) -> Any:
        raise RecursionError

    monkeypatch.setitem(checks.BY_ID, "headers", replace(checks.BY_ID["headers"], run=crash))
    verdict = judge_replies(
        make_plan("supported", **PLAIN, expect={"headers": {"a": {}}, **NOT_READY})
    )
    assert failed_rules(verdict) == {(f"body {CONTENT}", "must")}


def test_a_problem_may_name_one_shot_or_all(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(args: Any, answers: Any, against: Any) -> Any:
        yield Finding("x", "nothing", "something")

    monkeypatch.setitem(checks.BY_ID, "unique", Check("unique", "effect", True, run, across=True))
    verdict = judge_replies(make_plan("supported", **PLAIN, repeat=2, expect={"unique": ["$.id"]}))
    assert len([f for f in verdict.findings if f.rule == "unique $.id"]) == 2


def test_judging_twice_is_judging_alike() -> None:
    made = make_plan("ignored", values=[1], extreme=[2], wrong=["x"])
    exchanges = send(made, reply_if("field", with_members(text_reply(), seeded=1)))
    assert judge(made, exchanges) == judge(made, exchanges)
    assert made == make_plan("ignored", PACK, values=[1], extreme=[2], wrong=["x"])
