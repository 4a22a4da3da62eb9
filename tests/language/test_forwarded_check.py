"""Checks on forwarded requests; without an upstream they do not apply."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from harness.judge import judge
from harness.language import checks
from harness.language.checks import NotApplicable, Undecided
from harness.model import Answer, Exchange, Finding, Forwarded, Json, Pairs, Verdict
from harness.run import transcript
from tests.support.inline_pack import (
    PACK,
    TARGET,
    Gateway,
    answer,
    conforming,
    failed_rules,
    make_plan,
    send,
)

WITH_UPSTREAM = replace(TARGET, upstream=True)
HEADERS: Pairs = (("x-api-key", "[key:provider]"), ("anthropic-version", "2023-06-01"))


def request_at_provider(
    body: Json, protocol: str = "anthropic", headers: Pairs = HEADERS
) -> Forwarded:
    text = body if isinstance(body, str) else json.dumps(body)
    return Forwarded("POST", "/v1/messages", headers, text, 200, protocol)


def with_upstream(*forwarded: Forwarded, request: Json = None) -> Answer:
    return replace(answer(request=request), forwarded=forwarded)


def findings(check: str, args: Any, *answers: Answer, against: Any = ()) -> list[Finding]:
    return list(checks.BY_ID[check].run(args, list(answers), list(against)))


@pytest.mark.parametrize("check", ["forwarded", "forwarded_bound", "forwarded_as"])
def test_the_checks_do_not_apply_without_an_upstream(check: str) -> None:
    with pytest.raises(NotApplicable):
        findings(check, {"at": "/a"}, answer(), against=[answer()])


def test_an_answer_without_a_forwarded_request_is_undecided() -> None:
    with pytest.raises(Undecided, match="pointed at the upstream"):
        findings("forwarded", {"anthropic": {}}, with_upstream())


def test_a_refusal_by_the_gateway_is_not_checked() -> None:
    with pytest.raises(NotApplicable):
        findings("forwarded", {"anthropic": {}}, replace(with_upstream(), status=400))


def test_requests_to_other_endpoints_are_not_checked() -> None:
    for observed in (request_at_provider({}, "responses"), request_at_provider({}, "openai")):
        with pytest.raises(NotApplicable):
            findings("forwarded", {"anthropic": {"body": {"$.a": {}}}}, with_upstream(observed))


@pytest.mark.parametrize(
    ("expected", "at"),
    [
        ({"body": {"$.temperature": {"const": 1}}}, "forwarded /temperature"),
        ({"body": {"$.seed": False}}, "forwarded /seed"),
        ({"body": {"$.gone": {}}}, "forwarded $.gone"),
        ({"headers": {"x-api-key": {"const": "[key:caller]"}}}, "forwarded header x-api-key"),
        ({"headers": {"x-api-key": False}}, "forwarded header x-api-key"),
        ({"single": ["x-twice"]}, "forwarded header x-twice"),
        ({"single": ["x-joined"]}, "forwarded header x-joined"),
        ({"single": ["x-none"]}, "forwarded header x-none"),
    ],
)
def test_a_failure_has_its_place_in_the_forwarded_request(expected: Json, at: str) -> None:
    headers = (*HEADERS, ("x-twice", "1"), ("x-twice", "1"), ("x-joined", "1, 1"))
    observed = with_upstream(request_at_provider({"temperature": 2, "seed": 1}, headers=headers))
    assert [finding.at for finding in findings("forwarded", {"anthropic": expected}, observed)] == [
        at
    ]


def test_a_conforming_request_has_no_findings() -> None:
    expected = {
        "count": {"const": 1},
        "anthropic": {
            "body": {"$.temperature": {"const": 1}, "$.seed": False, "$.top_k?": {"const": 5}},
            "headers": {"x-api-key": {"const": "[key:provider]"}},
            "single": ["anthropic-version"],
        },
    }
    assert (
        findings("forwarded", expected, with_upstream(request_at_provider({"temperature": 1})))
        == []
    )


def test_requests_are_counted() -> None:
    twice = with_upstream(request_at_provider({}), request_at_provider({}))
    [finding] = findings("forwarded", {"count": {"const": 1}}, twice)
    assert (finding.at, finding.got) == ("requests at the provider ", "2")


@pytest.mark.parametrize(
    ("sent", "got", "holds"),
    [
        (2, 1, True),
        (2, 1.0, True),
        (-1, 0, True),
        (0, 0, True),
        (0.5, 0.5, True),
        (2, 2, False),
        (0.5, 0.25, False),
        (0, None, False),
        (1, True, False),
    ],
)
def test_a_value_beyond_the_range_must_arrive_as_the_bound(
    sent: float, got: Json, holds: bool
) -> None:
    observed = with_upstream(
        request_at_provider({"temperature": got}), request={"temperature": sent}
    )
    failures = findings("forwarded_bound", {"at": "/temperature", "min": 0, "max": 1}, observed)
    assert (failures == []) == holds


@pytest.mark.parametrize(
    ("body", "places"),
    [
        ({"model": "m", "messages": [{"role": "user", "content": "x"}]}, []),
        ({"model": "m", "messages": [{"role": "user", "content": "x"}], "seed": None}, []),
        ({"model": "m", "messages": [{"role": "user", "content": "y"}]}, ["/messages/0/content"]),
        ({"model": "m", "seed": 7, "messages": [{"role": "user", "content": "x"}]}, ["/seed"]),
        ({"model": "m"}, ["/messages/0/content", "/messages/0/role"]),
        ("not json", ["/messages/0/content", "/messages/0/role", "/model"]),
    ],
)
def test_the_request_is_compared_with_that_of_the_control(body: Json, places: list[str]) -> None:
    plain = {"model": "m", "messages": [{"role": "user", "content": "x"}]}
    controls = [with_upstream(request_at_provider({**plain, "trace": n})) for n in (1, 2)]
    observed = with_upstream(request_at_provider(body))
    failures = findings("forwarded_as", None, observed, against=controls)
    assert [finding.at for finding in failures] == [f"forwarded {place}" for place in places]


def test_a_single_control_is_undecided() -> None:
    with pytest.raises(Undecided, match="two controls"):
        findings(
            "forwarded_as",
            None,
            with_upstream(request_at_provider({})),
            against=[with_upstream(request_at_provider({}))],
        )


def send_through(plan: Any, forward: Any, gateway: Gateway = conforming) -> dict[str, Exchange]:
    """Return the exchanges of a gateway that forwards `forward(body)` for each request."""
    return {
        name: replace(observed, forwarded=(request_at_provider(forward(shot.call.body)),))
        for (name, observed), shot in zip(send(plan, gateway).items(), plan.shots, strict=True)
    }


def without_keys(*keys: str) -> Any:
    return lambda body: {key: value for key, value in body.items() if key not in keys}


def with_clamped_temperature(body: Json) -> Json:
    return {**body, "temperature": min(1, body.get("temperature", 1))}


@pytest.mark.parametrize(
    ("behaviour", "spec", "good", "bad", "rule"),
    [
        ("ignored", {"values": [1]}, without_keys("field"), without_keys(), "ignored.forwarded"),
        (
            "clamped",
            {"field": "$.temperature", "range": [0, 1], "values": [2]},
            with_clamped_temperature,
            without_keys(),
            "clamped.forwarded",
        ),
    ],
)
def test_with_an_upstream_the_same_case_detects_more(
    behaviour: str, spec: Json, good: Any, bad: Any, rule: str
) -> None:
    plan = make_plan(behaviour, PACK, WITH_UPSTREAM, **spec)
    assert judge(plan, send_through(plan, good)).outcome == "pass"
    caught = judge(plan, send_through(plan, bad))
    assert (rule, "must") in failed_rules(caught)
    assert caught.evidence == "upstream"


def test_forwarded_assertions_are_planned_only_with_an_upstream() -> None:
    observed = make_plan("ignored", PACK, WITH_UPSTREAM, values=[1])
    unseen = make_plan("ignored", values=[1])
    assert "ignored.forwarded" in {assertion.rule for assertion in observed.assertions}
    assert "ignored.forwarded" not in {assertion.rule for assertion in unseen.assertions}


def test_a_case_can_check_the_forwarded_request() -> None:
    spec = {
        "count": {"const": 1},
        "anthropic": {"body": {"$.max_tokens": {"const": 5}}, "unique": ["anthropic-version"]},
    }
    plan = make_plan("supported", PACK, WITH_UPSTREAM, modes=["plain"], expect={"forwarded": spec})
    verdict: Verdict = judge(plan, send_through(plan, lambda body: {**body, "max_tokens": 6}))
    assert failed_rules(verdict) == {("forwarded $.max_tokens", "must")}
    assert {"forwarded count", "forwarded single anthropic-version"} <= {
        f.rule for f in verdict.findings if f.holds
    }


def test_forwarded_requests_are_read_back_from_the_transcript(tmp_path: Any) -> None:
    plan = make_plan("supported", PACK, WITH_UPSTREAM)
    before = list(send_through(plan, without_keys()).values())
    path = tmp_path / "t.jsonl"
    with transcript.Writer(path) as writer:
        writer.header({})
        for observed in before:
            writer.exchange(observed)
        writer.footer({})
    assert transcript.read(path)[1] == before


def test_a_system_prompt_in_several_blocks_equals_one_text() -> None:
    joined = [with_upstream(request_at_provider({"system": "Be brief.\nBe kind."}))] * 2
    blocks = [{"type": "text", "text": text} for text in ("Be brief.", "Be kind.")]
    apart = with_upstream(request_at_provider({"system": blocks}))
    assert findings("forwarded_as", None, apart, against=joined) == []
    for other in (blocks[::-1], blocks[:1], [*blocks, {"type": "image", "source": {}}], []):
        observed = with_upstream(request_at_provider({"system": other}))
        assert findings("forwarded_as", None, observed, against=joined) != []


def test_marks_of_the_gateway_for_a_cache_are_not_compared() -> None:
    mark = {"cache_control": {"type": "ephemeral"}}
    joined = [with_upstream(request_at_provider({"system": "Be brief.\nBe kind."}))] * 2
    blocks = [{"type": "text", "text": "Be brief."}, {"type": "text", "text": "Be kind.", **mark}]
    callers: list[Json] = [{"messages": []}, {"system": "What is cache_control?"}]
    for sent in callers:
        apart = with_upstream(request_at_provider({"system": blocks}), request=sent)
        assert findings("forwarded_as", None, apart, against=joined) == []
    by_caller = with_upstream(request_at_provider({"system": blocks}), request={"system": blocks})
    assert findings("forwarded_as", None, by_caller, against=joined) != []


def turns(*turns: tuple[str, Json]) -> Json:
    return {"messages": [{"role": role, "content": content} for role, content in turns]}


SECOND_TEXT = {"$.messages[0].content[1].text": {"const": "and then"}}


def test_a_turn_in_parts_equals_the_turn_for_an_anthropic_provider() -> None:
    first = {"type": "text", "text": "first"}
    parts = turns(("user", [first]), ("user", "and then"), ("assistant", "yes"))
    for body, protocol, violations in (
        (parts, "anthropic", 0),
        (turns(("user", [first, {"type": "text", "text": "and then"}])), "anthropic", 0),
        (turns(("user", [first]), ("assistant", "and then")), "anthropic", 1),
        (turns(("user", [first]), ("user", "something else")), "anthropic", 1),
        (parts, "openai", 1),
    ):
        sent = with_upstream(request_at_provider(body, protocol))
        assert len(findings("forwarded", {protocol: {"body": SECOND_TEXT}}, sent)) == violations
