"""A request that alone is refused for the rate is not waited for; a limited target is."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from harness.fire.backoff import Backoff
from harness.fire.health_check import HealthCheck
from harness.fire.lone_refusals import SURE, LoneRefusals
from harness.fire.rate_limiter import RateLimiter
from harness.model import Attempt
from harness.run import transcript
from harness.testbed.http_server.server import serve_in_thread
from harness.testbed.variants.condition import error_reply
from tests.support import pack_on_disk

CASES = "pack: tiny\ncases:\n" + "".join(
    f"  - {{id: case-{number}, row: n, request: {{body: {{field_{number}: 1}}}}}}\n"
    for number in range(20)
)

# Fields whose requests are always refused, with the status and the headers.
REFUSED: dict[str, Any] = {
    "field_7": (429,),
    "field_8": (429, ("retry-after", "soon")),
    "field_9": (429, ("retry-after", "-5")),
    "field_10": (503,),
}


class Probe:
    """The answers to the plain requests, and how many were sent."""

    def __init__(self, *answers: bool) -> None:
        self.answers, self.sent = iter(answers), 0

    async def is_free(self) -> bool:
        self.sent += 1
        return next(self.answers)


def lone(probe: Probe) -> tuple[LoneRefusals, Iterator[float]]:
    times = iter(float(number) for number in range(1000))
    limiter = RateLimiter(clock=lambda: next(times))
    return LoneRefusals(cast(HealthCheck, probe), limiter), times


def refusals(count: int, status: int = 429) -> list[Attempt]:
    return [Attempt(0.0, 0.5, "complete", status)] * count


def is_alone(checks: LoneRefusals, attempts: list[Attempt]) -> bool:
    return asyncio.run(checks.is_alone(attempts))


def test_plain_request_is_sent_after_each_second_refusal_of_a_request() -> None:
    checks, _ = lone(probe := Probe(False, False, True))
    results = [is_alone(checks, refusals(count)) for count in range(1, 7)]
    assert results == [False] * 5 + [True]
    assert probe.sent == 3
    assert not is_alone(checks, refusals(2, 502))


def test_one_refusal_is_enough_once_plain_requests_were_answered_several_times() -> None:
    checks, _ = lone(Probe(*[True] * SURE, True, False, True))
    assert all(is_alone(checks, refusals(2)) for _ in range(SURE))
    assert is_alone(checks, refusals(1))
    assert not is_alone(checks, refusals(1))  # the plain request was refused
    assert not is_alone(checks, refusals(1))  # so that one refusal is not enough any more
    assert is_alone(checks, refusals(2))


def test_one_plain_request_serves_all_requests_that_were_refused_before_it() -> None:
    checks, _ = lone(probe := Probe(True))
    earlier = [Attempt(0.0, 900.0, "complete", 429)] * 2
    assert [is_alone(checks, earlier) for _ in range(3)] == [True, True, True]
    assert probe.sent == 1


def test_the_pause_for_a_lone_refusal_ends_and_the_rate_is_as_before() -> None:
    backoff = Backoff()
    backoff.refused(0.0, 1.0, 60.0)
    assert backoff.wait(2.0) > 50
    backoff.resume()
    assert (backoff.wait(2.0) <= 0, backoff.interval) == (True, 0.0)


def test_values_that_are_always_refused_for_the_rate_fail_after_few_requests(
    tiny_pack: Path,
) -> None:
    pack_on_disk.pack(tiny_pack, CASES)
    right = pack_on_disk.correct_gateway()

    def respond(request: Mapping[str, Any]) -> pack_on_disk.Reply:
        for field, (status, *headers) in REFUSED.items():
            if f'"{field}"'.encode() in request["body"]:
                busy = error_reply(status, "Slow down.", kind="rate_limit_error")
                return {**busy, "headers": [*busy["headers"], *headers]}
        return right(request)

    with serve_in_thread(respond) as url:
        assert pack_on_disk.run_against(f"{url}/v1", tiny_pack).code == 1
    out = tiny_pack.parent / "out"
    outcomes = pack_on_disk.outcomes(out)
    failed = {name.replace("case-", "field_") for name in outcomes if outcomes[name] == "fail"}
    assert failed == {*REFUSED}
    assert {*outcomes.values()} == {"pass", "fail"}
    for exchange in transcript.read(out / "transcript.jsonl")[1]:
        assert exchange.confirmed == (exchange.status in (429, 503))
        assert len(exchange.attempts) <= 4
    judged = pack_on_disk.run_process("harness", "judge", out / "transcript.jsonl")
    assert judged.code == 1
