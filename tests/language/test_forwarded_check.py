"""What reached the provider: seen, compared, and never blamed where nobody looked."""

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

SEEN = replace(TARGET, upstream=True)
KEYED: Pairs = (("x-api-key", "[key:provider]"), ("anthropic-version", "2023-06-01"))


def arrived(body: Json, protocol: str = "anthropic", headers: Pairs = KEYED) -> Forwarded:
    text = body if isinstance(body, str) else json.dumps(body)
    return Forwarded("POST", "/v1/messages", headers, text, 200, protocol)


def with_upstream(*forwarded: Forwarded, request: Json = None) -> Answer:
    return replace(answer(request=request), forwarded=forwarded)


def problems(check: str, args: Any, *answers: Answer, against: Any = ()) -> list[Finding]:
    return list(checks.BY_ID[check].run(args, list(answers), list(against)))


@pytest.mark.parametrize("check", ["forwarded", "forwarded_bound", "forwarded_as"])
def test_where_nobody_stood_behind_it_nothing_is_said(check: str) -> None:
    with pytest.raises(NotApplicable):
        problems(check, {"at": "/a"}, answer(), against=[answer()])


def test_an_answer_with_nothing_behind_it_is_doubt_and_no_fault() -> None:
    with pytest.raises(Undecided, match="pointed at the upstream"):
        problems("forwarded", {"anthropic": {}}, with_upstream())


def test_of_what_the_gateway_refuses_by_itself_nothing_is_said() -> None:
    with pytest.raises(NotApplicable):
        problems("forwarded", {"anthropic": {}}, replace(with_upstream(), status=400))


def test_of_another_door_of_the_provider_nothing_is_demanded() -> None:
    for seen in (arrived({}, "responses"), arrived({}, "openai")):
        with pytest.raises(NotApplicable):
            problems("forwarded", {"anthropic": {"body": {"$.a": {}}}}, with_upstream(seen))


@pytest.mark.parametrize(
    ("wanted", "at"),
    [
        ({"body": {"$.temperature": {"const": 1}}}, "forwarded /temperature"),
        ({"body": {"$.seed": False}}, "forwarded /seed"),
        ({"body": {"$.gone": {}}}, "forwarded $.gone"),
        ({"headers": {"x-api-key": {"const": "[key:caller]"}}}, "forwarded header x-api-key"),
        ({"headers": {"x-api-key": False}}, "forwarded header x-api-key"),
        ({"once": ["x-twice"]}, "forwarded header x-twice"),
        ({"once": ["x-joined"]}, "forwarded header x-joined"),
        ({"once": ["x-none"]}, "forwarded header x-none"),
    ],
)
def test_what_is_wrong_is_told_by_its_place_at_the_provider(wanted: Json, at: str) -> None:
    headers = (*KEYED, ("x-twice", "1"), ("x-twice", "1"), ("x-joined", "1, 1"))
    seen = with_upstream(arrived({"temperature": 2, "seed": 1}, headers=headers))
    assert [p.at for p in problems("forwarded", {"anthropic": wanted}, seen)] == [at]


def test_what_is_right_is_not_told() -> None:
    wanted = {
        "times": {"const": 1},
        "anthropic": {
            "body": {"$.temperature": {"const": 1}, "$.seed": False, "$.top_k?": {"const": 5}},
            "headers": {"x-api-key": {"const": "[key:provider]"}},
            "once": ["anthropic-version"],
        },
    }
    assert problems("forwarded", wanted, with_upstream(arrived({"temperature": 1}))) == []


def test_requests_are_counted() -> None:
    twice = with_upstream(arrived({}), arrived({}))
    [problem] = problems("forwarded", {"times": {"const": 1}}, twice)
    assert (problem.at, problem.got) == ("requests at the provider ", "2")


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
def test_beyond_the_range_the_bound_arrives_and_within_it_the_value(
    sent: float, got: Json, holds: bool
) -> None:
    seen = with_upstream(arrived({"temperature": got}), request={"temperature": sent})
    found = problems("forwarded_bound", {"at": "/temperature", "min": 0, "max": 1}, seen)
    assert (found == []) == holds


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
def test_the_request_is_held_against_that_of_the_control(body: Json, places: list[str]) -> None:
    plain = {"model": "m", "messages": [{"role": "user", "content": "x"}]}
    controls = [with_upstream(arrived({**plain, "trace": n})) for n in (1, 2)]
    seen = with_upstream(arrived(body))
    found = problems("forwarded_as", None, seen, against=controls)
    assert [p.at for p in found] == [f"forwarded {place}" for place in places]


def test_one_control_is_no_control() -> None:
    with pytest.raises(Undecided, match="two controls"):
        problems(
            "forwarded_as", None, with_upstream(arrived({})), against=[with_upstream(arrived({}))]
        )


def relayed(made: Any, forward: Any, world: Gateway = conforming) -> dict[str, Exchange]:
    """What came of the shots where `forward(body)` is what the gateway makes of a request."""
    return {
        name: replace(seen, forwarded=(arrived(forward(shot.call.body)),))
        for (name, seen), shot in zip(send(made, world).items(), made.shots, strict=True)
    }


def drops(*keys: str) -> Any:
    return lambda body: {key: value for key, value in body.items() if key not in keys}


def clamps(body: Json) -> Json:
    return {**body, "temperature": min(1, body.get("temperature", 1))}


@pytest.mark.parametrize(
    ("behaviour", "spec", "good", "bad", "rule"),
    [
        ("ignored", {"values": [1]}, drops("field"), drops(), "ignored.forwarded"),
        (
            "clamped",
            {"at": "/temperature", "range": {"min": 0, "max": 1}, "over": [2]},
            clamps,
            drops(),
            "clamped.forwarded",
        ),
    ],
)
def test_behind_the_gateway_the_same_case_knows_more(
    behaviour: str, spec: Json, good: Any, bad: Any, rule: str
) -> None:
    made = make_plan(behaviour, PACK, SEEN, **spec)
    assert judge(made, relayed(made, good)).outcome == "pass"
    caught = judge(made, relayed(made, bad))
    assert (rule, "must") in failed_rules(caught)
    assert caught.evidence == "upstream"


def test_without_an_upstream_the_same_case_asks_for_nothing_there() -> None:
    seen = make_plan("ignored", PACK, SEEN, values=[1])
    unseen = make_plan("ignored", values=[1])
    assert "ignored.forwarded" in {assertion.rule for assertion in seen.assertions}
    assert "ignored.forwarded" not in {assertion.rule for assertion in unseen.assertions}


def test_a_case_says_what_the_provider_must_have_seen() -> None:
    spec = {
        "times": {"const": 1},
        "anthropic": {"body": {"$.max_tokens": {"const": 5}}, "once": ["anthropic-version"]},
    }
    made = make_plan("supported", PACK, SEEN, modes=["plain"], expect={"forwarded": spec})
    verdict: Verdict = judge(made, relayed(made, lambda body: {**body, "max_tokens": 6}))
    assert failed_rules(verdict) == {("forwarded $.max_tokens", "must")}
    assert {"forwarded times", "forwarded once anthropic-version"} <= {
        f.rule for f in verdict.findings if f.holds
    }


def test_what_was_forwarded_is_in_the_transcript_and_comes_back_the_same(tmp_path: Any) -> None:
    made = make_plan("supported", PACK, SEEN)
    before = list(relayed(made, drops()).values())
    path = tmp_path / "t.jsonl"
    with transcript.Writer(path) as writer:
        writer.header({})
        for seen in before:
            writer.exchange(seen)
        writer.footer({})
    assert transcript.read(path)[1] == before


def test_a_system_prompt_in_blocks_is_the_one_text_that_a_model_reads() -> None:
    joined = [with_upstream(arrived({"system": "Be brief.\nBe kind."}))] * 2
    blocks = [{"type": "text", "text": text} for text in ("Be brief.", "Be kind.")]
    apart = with_upstream(arrived({"system": blocks}))
    assert problems("forwarded_as", None, apart, against=joined) == []
    for other in (blocks[::-1], blocks[:1], [*blocks, {"type": "image", "source": {}}], []):
        seen = with_upstream(arrived({"system": other}))
        assert problems("forwarded_as", None, seen, against=joined) != []
