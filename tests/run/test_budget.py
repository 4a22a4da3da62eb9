"""A used-up budget ends a run: cases that were not sent are inconclusive, with the reason."""

from __future__ import annotations

import asyncio
import threading
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import pytest

from harness.fire.rate_limiter import USED_UP, Budget, RateLimiter
from harness.model import Call, Exchange
from harness.run import transcript
from harness.run.replay import load_recorded
from harness.run.time_limit import JUDGING, within_time
from tests.support import pack_on_disk
from tests.support.limited_send import send_limited

CALL = Call("openai", "POST", "/chat/completions", body={"model": "m", "max_tokens": 40})


@pytest.mark.parametrize(
    ("option", "max_requests"),
    [("--max-requests=4", 4), ("--max-tokens=400", 15), ("--max-seconds=1e-06", 1)],
)
def test_cases_that_were_not_sent_are_inconclusive_with_the_reason(
    tiny_pack: Path, option: str, max_requests: int
) -> None:
    requests: list[Any] = []
    lock, good = threading.Lock(), pack_on_disk.correct_gateway()

    def respond(request: Any) -> pack_on_disk.Reply:
        with lock:
            requests.append(request)
        return good(request)

    with pack_on_disk.gateway(respond) as url:
        result = pack_on_disk.run_against(url, tiny_pack, option)
    assert len(requests) <= max_requests
    out = tiny_pack.parent / "out"
    report = pack_on_disk.read_report(out)
    assert result.code == 1
    assert set(pack_on_disk.outcomes(out).values()) <= {"pass", "inconclusive"}
    unfinished = [case for case in report["cases"] if case["outcome"] == "inconclusive"]
    assert {case["cause"] for case in unfinished} == {"budget"}
    assert all(USED_UP in case["reason"] for case in unfinished)
    [reason] = report["reasons"]
    assert reason.startswith(option.replace("=", " "))
    assert reason in " ".join(result.out.split())
    assert reason.split(":")[1] in (out / "summary.md").read_text("utf-8")
    _, exchanges, footer = transcript.read(out / "transcript.jsonl")
    assert footer is not None
    assert footer["reason"] == reason
    assert sum(bool(one.attempts) for one in exchanges) == len(requests) == report["requests"]
    again = load_recorded(str(out / "transcript.jsonl")).report()
    assert {case["id"]: case["outcome"] for case in again["cases"]} == pack_on_disk.outcomes(out)
    assert again["reasons"] == report["reasons"]


def send_several(count: int, budget: Budget, tokens: int, now: list[float]) -> list[Exchange]:
    """Sends requests one after the other, each of which costs this many tokens."""

    async def all_of_them() -> list[Exchange]:
        rate_limiter = RateLimiter(clock=lambda: now[0], budget=budget)

        async def send(acquire: Any) -> Exchange:
            if not await acquire(0.0):
                return Exchange("s", "POST", "u", (), "", "not-sent", note="stopped")
            body = b'{"usage": {"total_tokens": %d}}' % tokens
            head = (("content-type", "application/json"),)
            return Exchange("s", "POST", "u", (), "", "complete", 200, "", head, ((0.0, body),))

        return [await send_limited(rate_limiter, CALL, send) for _ in range(count)]

    return asyncio.run(all_of_them())


def test_tokens_are_counted_as_reported() -> None:
    ends = [one.end for one in send_several(5, Budget(tokens=100), 10, [0.0])]
    assert ends == ["complete"] * 5, "the estimate is fifty each"
    ends = [one.end for one in send_several(5, Budget(tokens=100), 90, [0.0])]
    assert ends == ["complete", *["not-sent"] * 4]


def test_used_up_time_stays_used_up() -> None:
    budget = Budget(seconds=5)
    assert (budget.allows(0, 0, 4.9), budget.seconds_left(4.0), Budget().seconds_left(4.0)) == (
        True,
        1.0,
        float("inf"),
    )
    assert not budget.allows(0, 0, 5.0)
    assert not budget.allows(0, 0, 1.0)
    [exchange] = send_several(1, budget, 1, [0.0])
    assert (
        exchange.note == "stopped: --max-seconds 5 is used up: the remaining requests were not sent"
    )


def test_answer_before_a_refused_retry_is_kept() -> None:
    async def once() -> Exchange:
        rate_limiter = RateLimiter(budget=Budget(requests=1))

        async def send(acquire: Any) -> Exchange:
            assert await acquire(0.0)
            assert not await acquire(0.0)
            return Exchange("s", "POST", "u", (), "", "complete", 429)

        return await send_limited(rate_limiter, CALL, send)

    assert asyncio.run(once()).status == 429


def test_time_is_used_up_while_a_request_waits() -> None:
    async def both() -> list[str]:
        rate_limiter = RateLimiter(rpm=1, budget=Budget(seconds=0.05))

        async def send(acquire: Any) -> Exchange:
            end: Any = "complete" if await acquire(0.0) else "not-sent"
            return Exchange("s", "POST", "u", (), "", end)

        return [(await send_limited(rate_limiter, CALL, send)).end for _ in range(2)]

    assert asyncio.run(both()) == ["complete", "not-sent"]


@pytest.mark.parametrize("option", ["max-requests", "max-tokens", "max-seconds"])
def test_budget_must_be_positive(tiny_pack: Path, option: str) -> None:
    assert pack_on_disk.run(tiny_pack, f"--{option}=0").code == 4
    assert pack_on_disk.run_pytest(f"--llm-{option}=-1", tiny_pack).code == 4


@pytest.mark.parametrize(("seconds_over", "judged"), [(JUDGING - 1, 3), (JUDGING + 1, 0)])
def test_time_of_a_run_bounds_judging_as_well(seconds_over: float, judged: int) -> None:
    """A target can send what takes long to judge, after which nothing is sent."""
    now = [0.0]
    limiter = RateLimiter(budget=Budget(seconds=5), clock=lambda: now[0])
    plans: list[Any] = [object()] * 3
    assert [*within_time(plans, limiter)] == plans
    send_several(1, limiter.budget, 1, now)
    limiter.start, now[0] = 0.0, 5 + seconds_over
    assert len([*within_time(plans, limiter)]) == judged


def test_run_that_is_not_judged_in_time_names_the_limit(
    tiny_pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    over = chain([-9.0, -9.0], repeat(JUDGING + 1))
    monkeypatch.setattr(RateLimiter, "seconds_over", lambda self: next(over))
    with pack_on_disk.gateway(pack_on_disk.correct_gateway()) as url:
        result = pack_on_disk.run_against(url, tiny_pack, "--max-seconds=900")
    report = pack_on_disk.read_report(tiny_pack.parent / "out")
    assert [case["outcome"] for case in report["cases"]] == ["pass", "pass"]
    reason = "--max-seconds 900 is used up: the remaining cases were not judged"
    assert report["reasons"] == [reason]
    assert reason in " ".join(result.out.split())
    assert (result.code, report["result"]) == (1, "partial")
