"""Plans, a target's limits -> the shots of a run and what they would cost. May not send."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from harness.fire.usage import UsageWindow, estimate_tokens
from harness.model import Case, Plan, Shot, Target
from harness.report.text import plural
from harness.run.session import Session


@dataclass(frozen=True, slots=True)
class Forecast:
    """`seconds`: no earlier than that, by what a minute allows; 0 where nothing is limited."""

    shots: Sequence[Shot]
    cases: int
    repeat: int
    requests: int
    tokens: int
    seconds: float


def dry_run_lines(session: Session, cases: Iterable[Case]) -> list[str]:
    """What would be sent, line by line, and what that would cost."""
    plans = [session.plan(case) for case in cases]
    return [*told(forecast(plans, session.target, session.options.repeat), session.target)]


def forecast(plans: Iterable[Plan], target: Target, repeat: int = 1) -> Forecast:
    """Controls that several cases share are sent once. What is tried again is not foreseen."""
    known = tuple(plans)
    shots = {shot.id: shot for each in known for shot in each.shots}
    costs = [estimate_tokens(shot.call) for shot in shots.values()] * repeat
    window, now = UsageWindow(target.rpm, target.tpm), 0.0
    for cost in costs:
        now += window.wait(now, cost)
        window.reserve(now, cost)
    spent = round(sum(costs))
    return Forecast(tuple(shots.values()), len(known), repeat, len(costs), spent, now)


def told(found: Forecast, target: Target) -> Iterator[str]:
    """A line for each shot, and what all of them come to."""
    for shot in found.shots:
        yield f"{shot.call.method:<6} {shot.call.path}  {shot.id}"
    times = f", {found.repeat} times each" if found.repeat > 1 else ""
    yield (
        f"{plural(found.cases, 'case')}, {plural(len(found.shots), 'shot')}{times}: "
        f"{plural(found.requests, 'request')}, "
        f"about {found.tokens:,} tokens; {time_of(found, target)}"
    )
    yield "a dry run: nothing was sent"


def time_of(found: Forecast, target: Target) -> str:
    """In words, by the target's limits."""
    limits = [(target.rpm, "requests"), (target.tpm, "tokens")]
    named = " and ".join(f"{limit:,.0f} {what} a minute" for limit, what in limits if limit)
    if not named:
        return f"no limits are known: as fast as {target.concurrency} at once are answered"
    return f"at {named} at least {span(found.seconds)}"


def span(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
