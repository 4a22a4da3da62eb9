"""A budget ends a run cleanly: what was not sent is inconclusive (budget), and that is said."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest

from harness.fire.rate_limiter import USED_UP, Budget, RateLimiter
from harness.model import Call, Exchange
from harness.run import transcript
from harness.run.replay import load_recorded
from tests.support import pack_on_disk
from tests.support.limited_send import send_limited

CALL = Call("openai", "POST", "/chat/completions", body={"model": "m", "max_tokens": 40})


@pytest.mark.parametrize(
    ("option", "most"),
    [("--max-requests=4", 4), ("--max-tokens=400", 15), ("--max-seconds=1e-06", 1)],
)
def test_what_is_not_sent_is_inconclusive_and_is_said(
    tiny_pack: Path, option: str, most: int
) -> None:
    asked: list[Any] = []
    lock, good = threading.Lock(), pack_on_disk.good()

    def respond(request: Any) -> pack_on_disk.Reply:
        with lock:
            asked.append(request)
        return good(request)

    with pack_on_disk.gateway(respond) as url:
        said = pack_on_disk.at(url, tiny_pack, option)
    assert len(asked) <= most
    out = tiny_pack.parent / "out"
    report = pack_on_disk.report_in(out)
    assert said.code == 1
    assert set(pack_on_disk.outcomes(out).values()) <= {"pass", "inconclusive"}
    open_ = [case for case in report["cases"] if case["outcome"] == "inconclusive"]
    assert {case["cause"] for case in open_} == {"budget"}
    assert all(USED_UP in case["reason"] for case in open_)
    [reason] = report["reasons"]
    assert reason.startswith(option.replace("=", " "))
    assert reason in " ".join(said.out.split())
    assert reason.split(":")[1] in (out / "summary.md").read_text("utf-8")
    _, exchanges, footer = transcript.read(out / "transcript.jsonl")
    assert footer is not None
    assert footer["reason"] == reason
    assert sum(bool(one.attempts) for one in exchanges) == len(asked) == report["requests"]
    again = load_recorded(str(out / "transcript.jsonl")).report()
    assert {case["id"]: case["outcome"] for case in again["cases"]} == pack_on_disk.outcomes(out)
    assert again["reasons"] == report["reasons"]


def through(gates: int, budget: Budget, tokens: int, now: list[float]) -> list[Exchange]:
    """Requests one after the other, each of which costs as many tokens as it says."""

    async def all_of_them() -> list[Exchange]:
        rate_limiter = RateLimiter(clock=lambda: now[0], budget=budget)

        async def send(gate: Any) -> Exchange:
            if not await gate(0.0):
                return Exchange("s", "POST", "u", (), "", "not-sent", note="stopped")
            body = b'{"usage": {"total_tokens": %d}}' % tokens
            head = (("content-type", "application/json"),)
            return Exchange("s", "POST", "u", (), "", "complete", 200, "", head, ((0.0, body),))

        return [await send_limited(rate_limiter, CALL, send) for _ in range(gates)]

    return asyncio.run(all_of_them())


def test_tokens_are_counted_as_the_answers_tell_them() -> None:
    ends = [one.end for one in through(5, Budget(tokens=100), 10, [0.0])]
    assert ends == ["complete"] * 5, "guessed they are fifty each"
    ends = [one.end for one in through(5, Budget(tokens=100), 90, [0.0])]
    assert ends == ["complete", *["not-sent"] * 4]


def test_time_that_is_up_stays_up() -> None:
    budget = Budget(seconds=5)
    assert (budget.allows(0, 0, 4.9), budget.seconds_left(4.0), Budget().seconds_left(4.0)) == (
        True,
        1.0,
        float("inf"),
    )
    assert not budget.allows(0, 0, 5.0)
    assert not budget.allows(0, 0, 1.0)
    [made] = through(1, budget, 1, [0.0])
    assert made.note == "stopped: --max-seconds 5 is used up: the remaining requests were not sent"


def test_an_answer_that_came_is_not_taken_back_by_the_budget() -> None:
    """A retry that the budget does not allow leaves the answer that there is."""

    async def once() -> Exchange:
        rate_limiter = RateLimiter(budget=Budget(requests=1))

        async def send(gate: Any) -> Exchange:
            assert await gate(0.0)
            assert not await gate(0.0)
            return Exchange("s", "POST", "u", (), "", "complete", 429)

        return await send_limited(rate_limiter, CALL, send)

    assert asyncio.run(once()).status == 429


def test_time_is_up_while_a_request_waits_for_its_turn() -> None:
    async def both() -> list[str]:
        rate_limiter = RateLimiter(rpm=1, budget=Budget(seconds=0.05))

        async def send(gate: Any) -> Exchange:
            end: Any = "complete" if await gate(0.0) else "not-sent"
            return Exchange("s", "POST", "u", (), "", end)

        return [(await send_limited(rate_limiter, CALL, send)).end for _ in range(2)]

    assert asyncio.run(both()) == ["complete", "not-sent"]


@pytest.mark.parametrize("option", ["max-requests", "max-tokens", "max-seconds"])
def test_a_budget_of_nothing_makes_no_sense(tiny_pack: Path, option: str) -> None:
    assert pack_on_disk.run(tiny_pack, f"--{option}=0").code == 4
    assert pack_on_disk.by_pytest(f"--llm-{option}=-1", tiny_pack).code == 4
