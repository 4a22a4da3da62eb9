"""The requests of a run and their cost, before they are sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from harness.fire.alike import distinct
from harness.fire.rate_limiter import RateLimiter
from harness.fire.usage import MINUTE, UsageWindow, estimate_tokens
from harness.model import Pack, Plan, Shot, Target
from harness.report.text import plural
from harness.run.time_limit import within_time
from harness.util.printable import printable_name

T = TypeVar("T")
MENTIONED: Final = 30.0  # seconds; a limit that costs less time is not mentioned


@dataclass(frozen=True, slots=True)
class Forecast:
    """The cost of a run; `seconds` is the least duration under the target's rate limits."""

    shots: Sequence[Shot]
    cases: int
    repeat: int
    requests: int
    tokens: int
    seconds: float


def forecast(plans: Iterable[Plan], target: Target, repeat: int = 1) -> Forecast:
    """Return the cost of the plans. What cases share counts once; retries are not foreseen."""
    plans = tuple(plans)
    scripts = {script.id: script for plan in plans for script in plan.scripts}
    shots = {shot.id: shot for plan in plans for shot in plan.shots}
    sent = [shot for script in distinct(scripts.values()) for shot in script.shots]
    costs = [estimate_tokens(shot.call) for shot in sent] * repeat
    window, now = UsageWindow(target.rpm, target.tpm), 0.0
    for cost in costs:
        now += window.wait(now, cost)
        window.reserve(now, cost)
    tokens = round(sum(costs))
    return Forecast(tuple(shots.values()), len(plans), repeat, len(costs), tokens, now)


def describe(cost: Forecast, target: Target) -> Iterator[str]:
    """Yield a line for each request, and the total."""
    for shot in cost.shots:
        yield f"{shot.call.method:<6} {shot.call.path}  {shot.id}"
    times = f", {cost.repeat} times each" if cost.repeat > 1 else ""
    yield (
        f"{plural(cost.cases, 'case')}, {plural(len(cost.shots), 'shot')}{times}: "
        f"{plural(cost.requests, 'request')}, "
        f"about {cost.tokens:,} tokens; {describe_duration(cost, target)}"
    )
    yield "a dry run: nothing was sent"


def announcement(
    plans: Sequence[Plan], packs: Iterable[Pack], target: Target, repeat: int
) -> list[str]:
    """Return what a run is about to test, and the requests that it sends.

    Args:
        packs: The packs to name; a pack implies those that it extends.
    """
    cost = forecast(plans, target, repeat)
    names = ", ".join(f"{pack.id} {pack.version}" for pack in packs)
    models = ", ".join(dict.fromkeys(endpoint.model for endpoint in target.endpoints.values()))
    key = f", key of {target.key_env}" if target.key_env else ""
    limits = target.rpm or target.tpm
    duration = f"within the rate limits: about {format_seconds(cost.seconds)}" if limits else ""
    return [
        f"{names} against {printable_name(target.name)}, model {printable_name(models)}{key}",
        f"about {plural(cost.requests, 'request')} and {cost.tokens:,} tokens, at most "
        f"{target.concurrency} at a time",
        *([duration] if duration else []),
    ]


def stated_limit(plans: Iterable[Plan], target: Target, repeat: int, rpm: float) -> str:
    """Return how long a run takes whose target states its limit; "" if that costs little time.

    Args:
        rpm: Requests per minute that the target states in its headers; 0 if it states none.
    """
    if not rpm or 0 < target.rpm <= rpm:
        return ""
    seconds = forecast(plans, replace(target, rpm=rpm), repeat).seconds
    if seconds < MENTIONED:
        return ""
    return f"the target allows {rpm:,.0f} requests a minute: about {format_seconds(seconds)}"


def announcing_time_left(
    judged: Iterable[T],
    plans: Iterable[Plan],
    limiter: RateLimiter,
    repeat: int,
    announce: Callable[[str], None],
) -> Iterator[T]:
    """Yield what to judge until the time of the run is used up.

    State once how long the run takes, if the target limits its rate without having stated it.

    Args:
        plans: All plans of the run.
    """
    start, is_stated = limiter.clock(), False
    for each in within_time(judged, limiter):
        if not is_stated and limiter.clock() - start > MINUTE:
            is_stated = True
            stated = limiter.backoff.rpm or limiter.window.rpm
            if limiter.backoff.interval and not 0 < stated < 2 * sent_in_last_minute(limiter):
                shots = {shot.id for plan in plans for shot in plan.shots}
                announce(time_left(limiter, len(shots) * repeat))
        yield each


def time_left(limiter: RateLimiter, requests: int) -> str:
    """Return how long the rest of so many requests takes at the rate of the last minute."""
    sent = max(1, sent_in_last_minute(limiter))
    seconds = max(0, requests - limiter.window.requests) * MINUTE / sent
    return (
        f"the target limits the rate: {plural(sent, 'request')} in the last minute; about "
        f"{format_seconds(seconds)} left"
    )


def sent_in_last_minute(limiter: RateLimiter) -> int:
    since = limiter.clock() - MINUTE
    return sum(usage.time > since for usage in limiter.window.sent)


def describe_duration(cost: Forecast, target: Target) -> str:
    """Return the least duration under the target's rate limits."""
    limits = {"requests": target.rpm, "tokens": target.tpm}
    rates = [f"{limit:,.0f} {unit} a minute" for unit, limit in limits.items() if limit]
    if not rates:
        return f"no rate limits are known; up to {target.concurrency} requests in flight"
    return f"at {' and '.join(rates)} at least {format_seconds(cost.seconds)}"


def format_seconds(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
