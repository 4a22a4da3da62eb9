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
    Reply,
    World,
    broken,
    changed,
    exchange,
    fire,
    first_broken,
    given,
    judged,
    planned,
    refused,
    right,
    said,
    streamed,
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


def of_controls(*replies: Reply, probe: World = right) -> World:
    """Each of the two controls answers in its own way; with one reply both do."""

    def world(shot: Shot) -> Reply:
        turn = int(shot.id.split("/")[3]) if shot.id.startswith("shared/") else 0
        return replies[min(turn, len(replies)) - 1] if turn else probe(shot)

    return world


def in_mode(mode: str, reply: Reply, other: World = right, shared_only: bool = False) -> World:
    def world(shot: Shot) -> Reply:
        here = shot.mode == mode and (shot.id.startswith("shared/") or not shared_only)
        return reply if here else other(shot)

    return world


def at_step(name: str, reply: Reply) -> World:
    return lambda shot: reply if shot.step == name else right(shot)


def always(reply: Reply) -> World:
    return lambda shot: reply


def counted(tokens: Any) -> Reply:
    return said(usage={"prompt_tokens": tokens})


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
    (replace(said(), status=429, tries=4), "inconclusive", "rate-limit", "429, 4 times"),
    (replace(said(), status=529), "inconclusive", "rate-limit", "529"),
    (replace(said(), status=503), "inconclusive", "transport", "503"),
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
    verdict = judged(planned("supported", **PLAIN, expect=READY), given("model", reply))
    assert told(verdict) == (outcome, cause)
    assert reason in verdict.reason
    if outcome == "fail":
        assert broken(verdict) == {("transport", "must")}
        assert verdict.evidence == "accepted"


def test_a_shot_that_was_never_fired_leaves_the_case_open() -> None:
    made = planned("supported", **PLAIN)
    verdict = judge(made, {})
    assert told(verdict) == ("inconclusive", "budget")
    assert "was not sent" in verdict.reason
    assert [shot.outcome for shot in verdict.shots] == ["inconclusive"]


def test_a_base_answer_that_never_came_excuses_and_accuses_nobody() -> None:
    made = planned("supported", **PLAIN, request={"x": 1}, expect=READY)
    exchanges = {shot.id: exchange(shot, right(shot)) for shot in made.shots if shot.tag != "base"}
    assert judge(made, exchanges).outcome == "pass"
    dead = Reply(None, end="unreachable")
    assert judged(made, lambda shot: dead if shot.tag == "base" else right(shot)).outcome == "pass"


# kinds of status that a case may ask for; none of them means a 429, or a 503
@pytest.mark.parametrize("wanted", ["ok", "refused", "ok-or-refused", 401, [400, 404]])
@pytest.mark.parametrize("status", [429, 503])
def test_too_busy_is_no_answer_whatever_was_asked(wanted: Any, status: int) -> None:
    made = planned("supported", **PLAIN, expect={"status": wanted})
    verdict = judged(made, given("model", refused(status=status)))
    assert verdict.outcome == "inconclusive"


def test_a_429_that_was_asked_for_is_an_answer() -> None:
    made = planned("supported", **PLAIN, expect={"status": [400, 429]})
    assert judged(made, given("model", refused(status=429))).outcome == "pass"


def test_a_refusal_is_no_overload() -> None:
    verdict = judged(planned("rejected", **PLAIN, values=[1]), given("field", refused(status=429)))
    assert told(verdict) == ("inconclusive", "rate-limit")


# --- the order: status, shape, assume, rest ------------------------------------------------------


def test_of_an_error_nobody_learns_anything_more() -> None:
    made = planned("supported", **PLAIN, expect={**NOT_READY, "headers": {"gone": {}}})
    assert broken(judged(made, always(refused()))) == {("status", "must")}


def test_a_should_that_is_broken_first_does_not_hide_a_must() -> None:
    made = planned("rejected", **PLAIN, level="should", raw="{", expect={"status": 401})
    assert ("status", "must") in broken(judged(made, always(said())))


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
    made = planned("supported", **PLAIN, request={"mark": 1}, **spec)
    assert broken(judged(made, given("mark", refused()))) == wrong


def test_a_broken_shape_does_not_hide_what_the_case_demands() -> None:
    made = planned("supported", **PLAIN, request={"mark": 1}, expect=NOT_READY)
    verdict = judged(made, given("mark", changed(said(), choices=[{"index": "0"}])))
    assert {rule for rule, _ in broken(verdict)} == {"schema", f"body {CONTENT}"}


def test_an_answer_that_is_no_json_is_a_fail() -> None:
    made = planned("supported", **PLAIN, request={"mark": 1})
    verdict = judged(made, given("mark", Reply(200, raw=b"<html>")))
    assert told(verdict) == ("fail", None)
    assert verdict.evidence == "shape"


def test_what_is_wrong_in_the_base_answer_too_is_told_once() -> None:
    nameless = changed(said(), model=None)
    apart = planned("supported", **PLAIN, request={"mark": 1}, expect=READY)
    verdict = judged(apart, always(nameless))
    assert verdict.outcome == "pass"
    assert ("schema", "may") in {(f.rule, f.level) for f in verdict.findings if not f.holds}
    whole = planned("supported", **PLAIN, expect={"schema": "openai/completion"})
    assert judged(whole, always(nameless)).outcome == "fail"
    assert judged(apart, given("mark", nameless)).outcome == "fail"


ASSUMED: dict[str, Any] = {
    **PLAIN,
    "expect": NOT_READY,
    "assume": {"control": {"request": {"mark": "control"}, **READY}},
}


def test_what_the_model_did_not_do_is_not_the_gateways_fault() -> None:
    verdict = judged(planned("supported", **ASSUMED), of_controls(said("no")))
    assert told(verdict) == ("inconclusive", "model")
    assert "no" in verdict.reason
    assert broken(verdict) == set()


def test_one_control_of_two_is_enough_for_doubt() -> None:
    verdict = judged(planned("supported", **ASSUMED), of_controls(said(), said("no")))
    assert told(verdict) == ("inconclusive", "model")


def test_an_assumption_that_holds_lets_the_case_be_judged() -> None:
    assert judged(planned("supported", **ASSUMED)).outcome == "fail"


@pytest.mark.parametrize(
    ("reply", "outcome", "rules"),
    [
        (refused(), "fail", {("prerequisite", "must")}),
        (refused(status=429), "inconclusive", set()),
        (Reply(None, end="timeout"), "inconclusive", set()),
    ],
)
def test_an_assumption_about_a_control_that_failed_holds_for_nobody(
    reply: Reply, outcome: str, rules: set[tuple[str, str]]
) -> None:
    verdict = judged(planned("supported", **ASSUMED), of_controls(said(), reply))
    assert (verdict.outcome, broken(verdict)) == (outcome, rules)


def test_an_assumption_is_of_one_mode() -> None:
    made = planned("supported", **{**ASSUMED, "modes": ["plain", "stream"]})
    verdict = judged(made, in_mode("plain", said("no"), of_controls(said()), shared_only=True))
    assert verdict.outcome == "fail"
    assert {f.shot for f in verdict.findings if not f.holds} == {"small/one/stream"}
    assert {s.mode: s.outcome for s in verdict.shots if not s.id.startswith("shared")} == {
        "plain": "inconclusive",
        "stream": "fail",
    }


def test_an_assumption_about_the_answers_is_of_each_alone() -> None:
    made = planned("supported", **PLAIN, values=[1, 2], assume=READY, expect={"headers": {"x": {}}})
    verdict = judged(made, given("field", said("no"), lambda value: value == 1))
    assert {f.shot for f in verdict.findings if not f.holds} == {"small/one/probe=2/plain"}
    alone = judged(
        planned("supported", **PLAIN, assume=READY, expect=NOT_READY), always(said("no"))
    )
    assert told(alone) == ("inconclusive", "model")


def test_an_assumption_that_cannot_be_decided_is_open() -> None:
    control = {"request": {"mark": 1}, "more_than": COMPARED}
    made = planned("supported", **PLAIN, assume={"control": control}, expect=NOT_READY)
    verdict = judged(made, of_controls(counted(None)))
    assert told(verdict) == ("inconclusive", "environment")


# --- steps ---------------------------------------------------------------------------------------


def test_a_step_that_gives_nothing_to_build_on_is_a_fail() -> None:
    verdict = judged(planned("supported", **PLAIN, steps=STEPS), at_step("answer", UNBUILT))
    assert broken(verdict) == {("prerequisite", "must")}
    assert first_broken(verdict).got == "not testable: no earlier answer gave $call"


@pytest.mark.parametrize(
    ("first", "outcome", "rules"),
    [
        (refused(), "fail", {("status", "must")}),
        (refused(status=429), "inconclusive", set()),
        (Reply(None, end="timeout"), "inconclusive", set()),
        (Reply(200, end="dropped", raw=b""), "fail", {("transport", "must")}),
        (changed(said(), choices=[]), "fail", {("schema", "must")}),
    ],
)
def test_what_a_failed_step_could_not_give_is_not_told_twice(
    first: Reply, outcome: str, rules: set[tuple[str, str]]
) -> None:
    steps = [{**STEPS[0], "request": {"mark": 1}}, STEPS[1]]
    made = planned("supported", **PLAIN, steps=steps)
    verdict = judged(made, lambda s: first if s.step == "ask" else at_step("answer", UNBUILT)(s))
    assert (verdict.outcome, broken(verdict)) == (outcome, rules)


def test_a_step_unbuilt_for_want_of_a_willing_model_is_no_fault() -> None:
    made = planned("supported", steps=STEPS, **{**ASSUMED, "expect": READY})
    world = of_controls(said("no"), probe=at_step("answer", UNBUILT))
    assert told(judged(made, world)) == ("inconclusive", "model")


# --- levels, outcomes ----------------------------------------------------------------------------


def test_a_may_is_written_down_and_nothing_more() -> None:
    verdict = judged(planned("supported", **PLAIN, may=NOT_READY))
    assert verdict.outcome == "pass"
    assert [f.rule for f in verdict.findings if not f.holds] == [f"body {CONTENT}"]


def test_a_case_of_mays_alone_is_a_case() -> None:
    http = {"method": "GET", "path": "/models"}
    verdict = judged(planned("rejected", http=http, level="may"), always(Reply(200, {})))
    assert (verdict.outcome, broken(verdict)) == ("pass", set())


def test_the_strongest_outcome_wins() -> None:
    open_and_broken = planned("supported", expect=NOT_READY)
    busy = in_mode("plain", replace(said(), status=429))
    assert judged(open_and_broken, busy).outcome == "fail"
    assert judged(planned("supported", should=NOT_READY), busy).outcome == "inconclusive"
    assert judged(planned("supported", should=NOT_READY)).outcome == "warn"


def test_an_outcome_is_inconclusive_for_its_first_cause_only() -> None:
    verdict = judged(planned("supported", expect=NOT_READY), right)
    assert (verdict.cause, verdict.reason) == (None, "")


def test_what_a_target_lacks_is_skipped() -> None:
    poor = replace(TARGET, lacks=("core",))
    verdict = judge(planned("supported", target=poor), {})
    assert (verdict.outcome, verdict.evidence, verdict.shots) == ("skip", "none", ())
    assert "lack" in verdict.reason


def test_a_case_of_which_nothing_was_asked_has_not_passed() -> None:
    made = replace(planned("supported", **PLAIN), assertions=())
    verdict = judged(made)
    assert told(verdict) == ("inconclusive", "harness")


def test_a_verdict_tells_of_its_own_shots_and_their_time() -> None:
    verdict = judged(planned("ignored", **PLAIN, values=[1]))
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
    made = planned("supported", **PLAIN, **spec)
    verdict = judged(made, of_controls(refused()))
    assert verdict.outcome == outcome
    assert broken(verdict) <= {("prerequisite", "must"), ("prerequisite", "should")}


@pytest.mark.parametrize(
    ("level", "outcome"), [("expect", "inconclusive"), ("should", "pass"), ("may", "pass")]
)
def test_controls_that_disagree_decide_nothing(level: str, outcome: str) -> None:
    spec: dict[str, Any] = {level: SAME}
    made = planned("supported", **PLAIN, **spec)
    verdict = judged(made, of_controls(counted(10), counted(30), probe=always(counted(20))))
    assert verdict.outcome == outcome
    assert verdict.evidence != "differential"


@pytest.mark.parametrize("check", ["same_as", "more_than"])
def test_who_counts_nothing_has_not_counted_wrong(check: str) -> None:
    verdict = judged(
        planned("supported", modes=["plain"], expect={check: COMPARED}), always(said(usage=None))
    )
    assert told(verdict) == ("inconclusive", "environment")


def test_a_control_that_is_too_busy_leaves_the_case_open() -> None:
    made = planned("ignored", **PLAIN, values=[1])
    verdict = judged(made, of_controls(said(), refused(status=503)))
    assert told(verdict) == ("inconclusive", "transport")


def test_the_faults_of_a_control_are_no_faults_of_the_row() -> None:
    made = planned("ignored", **PLAIN, values=[1])
    verdict = judged(made, of_controls(changed(said(), object="what")))
    assert "schema" not in {rule for rule, _ in broken(verdict)}


def test_one_mode_may_lack_its_controls_where_the_other_has_them() -> None:
    world = in_mode("stream", refused(), shared_only=True)
    verdict = judged(planned("ignored", values=[1]), world)
    assert broken(verdict) == {("prerequisite", "should")}
    assert verdict.evidence == "differential"


# --- any, when -----------------------------------------------------------------------------------

# the alternatives, the gateway; outcome, cause, evidence
EITHER: list[tuple[list[Any], World, str, str | None, str]] = [
    ([READY, NOT_READY], right, "pass", None, "effect"),
    ([NOT_READY, {"status": "ok"}], right, "pass", None, "accepted"),
    ([{"status": "refused"}, NOT_READY], right, "fail", None, "effect"),
    ([READY, MORE], of_controls(refused()), "pass", None, "effect"),
    ([NOT_READY, MORE], of_controls(counted(5)), "pass", None, "differential"),
    ([NOT_READY, MORE], of_controls(counted(10)), "fail", None, "differential"),
    ([NOT_READY, MORE], of_controls(counted(None)), "inconclusive", "model", "accepted"),
    ([NOT_READY, MORE], of_controls(refused()), "inconclusive", "model", "accepted"),
    ([MORE, SAME], of_controls(counted(None)), "inconclusive", "environment", "accepted"),
    ([{"events": {"$[*].gone": {}}}, READY], right, "pass", None, "effect"),
    ([{"events": {"$[0]": {}}}, {"events": {"$[1]": {}}}], right, "pass", None, "accepted"),
    ([{**READY, "status": 400}, NOT_READY], right, "fail", None, "effect"),
]


@pytest.mark.parametrize(
    ("parts", "world", "outcome", "cause", "evidence"), EITHER, ids=range(len(EITHER))
)
def test_one_alternative_is_enough_and_doubt_is_no_fail(
    parts: list[Any], world: World, outcome: str, cause: str | None, evidence: str
) -> None:
    verdict = judged(planned("supported", **PLAIN, expect={"any": parts}), world)
    assert told(verdict) == (outcome, cause), verdict.findings
    assert verdict.evidence == evidence


def test_of_alternatives_each_says_what_it_wanted() -> None:
    parts = [NOT_READY, {"status": 400}]
    finding = first_broken(judged(planned("supported", **PLAIN, expect={"any": parts})))
    assert "set" in finding.expected
    assert ", or status: status 400" in finding.expected
    assert finding.got == '/choices/0/message/content: "ready"; status: 200'


WHEN = {"status": "ok-or-refused", "when": {"status": 400, "headers": {"a": {}}}}


def test_a_condition_that_is_not_met_shows_nothing() -> None:
    verdict = judged(planned("supported", **PLAIN, expect=WHEN))
    assert (verdict.outcome, verdict.evidence) == ("pass", "accepted")
    assert "when" not in {f.rule for f in verdict.findings}


def test_a_condition_that_is_met_is_judged() -> None:
    made = planned("supported", **PLAIN, request={"mark": 1}, expect=WHEN)
    assert broken(judged(made, given("mark", refused()))) == {("when", "must")}
    headed = replace(refused(), headers=(("a", "1"),))
    verdict = judged(made, given("mark", headed))
    assert (verdict.outcome, verdict.evidence) == ("pass", "effect")


# --- evidence ------------------------------------------------------------------------------------


def test_evidence_is_the_weakest_shot_by_its_strongest_check() -> None:
    parts = {"any": [{"when": {"status": 201, "headers": {"x": {}}}}, READY, {"status": "ok"}]}
    made = planned("supported", **PLAIN, values=[1, 2], expect=parts)
    assert judged(made).evidence == "effect"
    assert judged(made, given("field", said("no"), lambda v: v == 1)).evidence == "accepted"


def test_a_chunk_is_judged_in_streams_and_shows_nothing_in_plain_answers() -> None:
    chunks = {"events": {"$[*].object": {"const": "chat.completion.chunk"}}}
    assert judged(planned("supported", modes=["stream"], expect=chunks)).evidence == "effect"
    assert judged(planned("supported", expect=chunks)).evidence == "accepted"


def test_a_fail_carries_the_grade_of_what_was_found() -> None:
    made = planned("supported", expect=READY)
    world = in_mode("plain", refused(), always(said("no")))
    assert judged(made, world).evidence == "effect"
    assert judged(made, always(refused())).evidence == "accepted"


def test_a_ceiling_is_never_passed() -> None:
    bounds: dict[str, Any] = {"range": {"min": 0, "max": 1}, "over": [2]}
    assert judged(planned("clamped", **bounds, expect=READY)).evidence == "accepted"


def test_a_law_weighs_no_more_than_the_demand_that_asks_for_it() -> None:
    made = planned("present", path="$.id", on=["stream"])
    cut = streamed(said().body).replace(b"data: [DONE]\n\n", b"")
    stream = Reply(200, raw=cut, headers=(("content-type", "text/event-stream"),))
    verdict = judged(made, in_mode("stream", stream))
    assert verdict.outcome == "pass"
    assert ("stream.done", "may") in {(f.rule, f.level) for f in verdict.findings}


def test_values_of_several_answers_are_judged_together() -> None:
    made = planned("supported", **PLAIN, repeat=2, expect={"unique": ["$.id"]})
    verdict = judged(made)
    assert {f.shot for f in verdict.findings if not f.holds} == {"small/one/plain/2"}
    assert judged(made, lambda shot: changed(said(), id=shot.id)).outcome == "pass"


# --- our own faults ------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", ["expect", "should", "may", "assume"])
def test_a_check_that_crashes_accuses_nobody(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*given: Any) -> Any:
        raise ZeroDivisionError("of ours")

    body = checks.BY_ID["body"]
    monkeypatch.setitem(checks.BY_ID, "body", replace(body, run=crash))
    spec: dict[str, Any] = {rule: READY}
    verdict = judged(planned("supported", **PLAIN, **spec))
    assert told(verdict) == ("inconclusive", "harness")
    assert "ZeroDivisionError: of ours" in verdict.reason


def test_a_crash_in_one_check_leaves_the_others_to_speak(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*given: Any) -> Any:
        raise RecursionError

    monkeypatch.setitem(checks.BY_ID, "headers", replace(checks.BY_ID["headers"], run=crash))
    verdict = judged(planned("supported", **PLAIN, expect={"headers": {"a": {}}, **NOT_READY}))
    assert broken(verdict) == {(f"body {CONTENT}", "must")}


def test_a_problem_may_name_one_shot_or_all(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(args: Any, answers: Any, against: Any) -> Any:
        yield Finding("x", "nothing", "something")

    monkeypatch.setitem(checks.BY_ID, "unique", Check("unique", "effect", True, run, across=True))
    verdict = judged(planned("supported", **PLAIN, repeat=2, expect={"unique": ["$.id"]}))
    assert len([f for f in verdict.findings if f.rule == "unique $.id"]) == 2


def test_judging_twice_is_judging_alike() -> None:
    made = planned("ignored", values=[1], extreme=[2], wrong=["x"])
    exchanges = fire(made, given("field", changed(said(), seeded=1)))
    assert judge(made, exchanges) == judge(made, exchanges)
    assert made == planned("ignored", PACK, values=[1], extreme=[2], wrong=["x"])
