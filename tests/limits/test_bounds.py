"""An answer beyond a bound is one finding; a run ends if its answers are too large together."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from harness.decode.response import read
from harness.fire.large_answers import ALLOWED, AT_ONCE, FREE, MIB, LargeAnswers, Room
from harness.judge import answers as judging
from harness.judge.answers import Answers, TooLargeError
from harness.model import Answer, Call, Exchange, Shot, Violation
from harness.util import json_schema, patterns, strict_json

STREAM = "text/event-stream"


def exchange(body: bytes, kind: str = STREAM, shot: str = "shot") -> Exchange:
    headers = (("content-type", kind),)
    chunks = ((0.0, body),)
    return Exchange(shot, "POST", "/", (), "", "complete", 200, "HTTP/1.1", headers, chunks)


def violations(body: str) -> list[Violation]:
    answer = read(exchange(body.encode()), "openai", "stream", None)
    return [each for each in answer.violations if each.rule == "stream.size"]


def chunk(choices: list[Any]) -> str:
    return f"data: {json.dumps({'choices': choices})}\n\n"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("data: {}\n\n" * 100_002, "at most 100,000 events"),
        ("\n" * 500_002, "at most 500,000 lines"),
        (": x\n" * 500_002, "at most 500,000 lines"),
        (chunk([{"index": i} for i in range(1_002)]), "at most 1,000 choices"),
        (
            chunk([{"index": 0, "delta": {"tool_calls": [{"id": str(i)} for i in range(10_002)]}}]),
            "at most 10,000 tool calls in a choice",
        ),
    ],
)
def test_a_stream_beyond_a_bound_breaks_one_rule(body: str, expected: str) -> None:
    [violation] = violations(body)
    assert (violation.expected, violation.level) == (expected, "must")


def test_the_values_of_a_body_are_counted_without_its_texts() -> None:
    many = ",".join("1" * 200_002)
    assert strict_json.parse(f"[{many}]").problem == "it has more than 200,000 values"
    assert strict_json.parse(json.dumps([many, '"' * 9])).value == [many, '"' * 9]


def test_what_is_judged_of_a_case_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    large = {name: exchange(b'"%b"' % (b"x" * MIB), "application/json", name) for name in "abc"}
    call = Call("openai", "POST", "/")
    shots = {name: Shot(name, "", "", "plain", "", call) for name in large}
    monkeypatch.setattr(judging, "HELD", 7 * MIB)
    monkeypatch.setattr(judging, "MOST", 16 * MIB)
    answers = Answers(large, shots, dict[str, Answer]())
    assert answers["a"] is answers["a"]
    first = answers["a"]
    assert [answers[name].shot for name in "bca"] == ["b", "c", "a"]
    assert (answers["a"] is first, answers["a"] == first, len(answers)) == (False, True, 0)
    with pytest.raises(TooLargeError):
        [answers[name] for name in "bcabca"]


def test_a_run_ends_if_its_answers_are_too_large_together() -> None:
    large = LargeAnswers()
    small = exchange(b"x" * 50_000)
    assert {large.add(small) for _ in range(10_000)} == {""}
    huge = exchange(b"x" * (8 * MIB))
    messages = [large.add(huge) for _ in range(ALLOWED // len(huge.body) + 60)]
    assert messages[0] == ""
    assert messages[-1].startswith("the answers are too large: ")


@pytest.mark.parametrize(
    "body", [b"\n", b": x\n", b"data:\n\n", b"data: {}\n\n", b",", b"[1],\n", b"x"]
)
def test_six_answers_of_any_kind_do_not_end_a_run(body: bytes) -> None:
    """A value of a field is sent in that many requests; the other cases are judged then."""
    large, worst = LargeAnswers(), exchange(body * (8 * MIB // len(body)))
    assert {large.add(worst) for _ in range(6)} == {""}


def test_few_large_answers_arrive_at_once_and_their_time_does_not_run_while_they_wait() -> None:
    large, most = LargeAnswers(), 0

    async def arrive(item: int) -> None:
        nonlocal most
        room = Room(large, item)
        async with asyncio.timeout(0.5) as timeout:
            await room.require(FREE, timeout)
            assert not room.is_inside
            await room.require(FREE + 1, timeout)
            most = max(most, large.inside)
            await asyncio.sleep(0.1)
            room.leave()

    async def run() -> None:
        await asyncio.gather(*map(arrive, range(AT_ONCE * 8)))

    asyncio.run(run())
    assert (most, large.inside) == (AT_ONCE, 0)


def test_an_endless_search_for_a_pattern_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "SECONDS", 0.05)
    schema = {"type": "string", "pattern": r"^a+b$|(?:x|x)+\d$"}
    assert json_schema.errors_inline(schema, "aab") == []
    with pytest.raises(patterns.SlowPatternError, match="takes more than"):
        json_schema.errors_inline(schema, "x" * 200)


def test_answers_that_wait_for_the_judge_arrive_when_the_judge_waits_for_them() -> None:
    """Otherwise a run would not end: all connections wait, and none is left for the judge."""
    large, arrived = LargeAnswers(), list[int]()
    is_waiting = False
    large.is_too_early = lambda item: True
    large.in_flight = lambda: 3 if is_waiting else None

    async def arrive(item: int) -> None:
        room = Room(large, item)
        async with asyncio.timeout(9) as timeout:
            await room.require(FREE + 1, timeout)
        arrived.append(item)

    async def run() -> None:
        nonlocal is_waiting
        tasks = [asyncio.create_task(arrive(item)) for item in (8, 6, 7)]
        for _ in range(9):
            await asyncio.sleep(0)
        assert arrived == []
        is_waiting = True
        await tasks[1]
        assert arrived == [6]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(run())
    assert large.waiting.total() == 0
