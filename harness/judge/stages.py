"""What is asked of a case's shots, in this order. May not ask anything twice."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from harness.judge.evaluate import Look
from harness.judge.state import LEVELS, Docket
from harness.language.checks import Problem
from harness.language.checks.status import named
from harness.model import Cause, Exchange, Finding, PlannedAssertion, Script, Shot
from harness.plan.shots import BASE, is_shared

CAUSES: Mapping[str, Cause] = {
    "unreachable": "transport",
    "timeout": "timeout",
    "environment": "environment",
}
BROKEN = {
    "dropped": "the connection was dropped after the request was sent",
    "too-large": "the answer is larger than the harness takes",
    "malformed": "the answer is not HTTP",
}
AGAIN: Mapping[int, Cause] = {429: "rate-limit", 503: "transport", 529: "rate-limit"}


def transport(docket: Docket) -> None:
    """What never came whole says nothing; who broke it off is another question."""
    failing = {shot for d in docket.plan.assertions if d.check == "fails" for shot in d.shots}
    for shot in docket.plan.shots:
        exchange = docket.exchange(shot.id)
        if exchange and exchange.end == "dropped" and exchange.status and shot.id in failing:
            continue  # that it breaks off is an answer to what the case asks
        if exchange is None or exchange.end != "complete":
            docket.mute(shot.id)
            if shot.tag != BASE:
                arrival(docket, shot, exchange)


def arrival(docket: Docket, shot: Shot, exchange: Exchange | None) -> None:
    if exchange is None:
        docket.open("budget", f"{shot.id} was not sent")
    elif exchange.end in CAUSES:
        docket.open(CAUSES[exchange.end], exchange.note or exchange.end)
    elif exchange.end in BROKEN:
        blame(docket, shot, "transport", "a whole answer", exchange.note or BROKEN[exchange.end])
    elif exchange.reason != "missing-capture":
        docket.open("budget" if exchange.reason else "harness", exchange.note)


def blame(docket: Docket, shot: Shot, rule: str, expected: str, got: str) -> None:
    place = str(docket.plan.case.place)
    docket.findings.append(
        Finding(rule, "must", False, "accepted", shot.id, place, rule, expected, got)
    )


def statuses(docket: Docket) -> None:
    """The musts first. One that is broken silences the shot; one that holds lets the others be
    broken without silencing more than their own level: it says that this answer is right too.
    """
    right: set[str] = set()
    assertions = sorted(
        docket.staged("status"), key=lambda assertion: LEVELS.index(assertion.level)
    )
    for assertion in assertions:
        for shot in assertion.shots:
            if not docket.hears(shot, assertion.level) or busy(docket, assertion, shot):
                continue
            look = docket.look(assertion, [shot])
            docket.note(assertion, shot, look, look.problems)
            if look.problems:
                docket.mute(shot, assertion.level if shot in right else "must")
            elif assertion.level == "must":
                right.add(shot)


def busy(docket: Docket, assertion: PlannedAssertion, shot: str) -> bool:
    """Too many requests, or overload: no answer to this one, unless the case asks for just that."""
    exchange = docket.exchange(shot)
    status = (exchange and exchange.status) or 0
    if exchange is None or status not in AGAIN or status in named(assertion.args):
        return False
    tries = len(exchange.attempts)
    docket.open(AGAIN[status], f"{shot}: {status}{f', {tries} times' if tries > 1 else ''}")
    docket.mute(shot)
    return True


def shapes(docket: Docket) -> None:
    """What the base answer has too is no fault of this row: written down here, judged elsewhere."""
    for assertion in docket.staged("shape"):
        shot = assertion.shots[0]
        if docket.hears(shot):
            look = docket.look(assertion, [shot])
            bases = [base for base in assertion.against if look.problems and docket.hears(base)]
            known = {mark(p) for base in bases for p in docket.look(assertion, [base]).problems}
            told = [replace(p, level="may") if mark(p) in known else p for p in look.problems]
            docket.note(assertion, shot, look, told)


def mark(problem: Problem) -> tuple[str, str, str]:
    """A law broken in the same way, wherever in an array or a stream."""
    return problem.rule, re.sub(r"\d+", "*", problem.at), problem.expected


def assumptions(docket: Docket) -> None:
    """What the model did not do leaves the rest open. Of a control that failed nobody knows."""
    for assertion in docket.staged("assume"):
        for shots, stake in stakes(docket, assertion):
            heard = [shot for shot in shots if docket.hears(shot)]
            look = docket.look(assertion, heard) if heard else Look(silent=True)
            if look.problems:
                first = look.problems[0]
                cause: Cause = "environment" if assertion.check == "provoked" else "model"
                docket.open(cause, f"assumed {first.at} {first.expected}; got {first.got}")
            elif look.doubt:
                docket.open(look.cause, f"assumed {assertion.rule}: {look.doubt}")
            if look.problems or look.doubt or len(heard) < len(shots):
                docket.unsaid |= stake
                for shot in stake:
                    docket.mute(shot)


def stakes(docket: Docket, assertion: PlannedAssertion) -> Iterator[tuple[Sequence[str], set[str]]]:
    """Shots, and what hangs on them: on a control its whole mode, on an own answer just that."""
    shots = {shot.id: shot for shot in docket.plan.shots}
    if is_shared(assertion.shots[0]):
        mode = shots[assertion.shots[0]].mode
        yield assertion.shots, {shot.id for shot in shots.values() if shot.mode == mode}
    elif assertion.check == "provoked":
        yield assertion.shots, set(assertion.shots)
    else:
        yield from (((shot,), {shot}) for shot in assertion.shots)


def rest(docket: Docket) -> None:
    for assertion in docket.staged("rest"):
        docket.ask(assertion)
    for script in docket.plan.scripts:
        prerequisite(docket, script)


def prerequisite(docket: Docket, script: Script) -> None:
    """An earlier step that did all it had to, but not what the next one needs, is a fail."""
    failed = {f.shot for f in docket.findings if not f.holds and f.level == "must"}
    for index, shot in enumerate(script.shots):
        exchange = docket.exchange(shot.id)
        if exchange is not None and exchange.reason == "missing-capture":
            before = [earlier.id for earlier in script.shots[:index]]
            sound = failed.isdisjoint(before) and all(map(docket.hears, before))
            if sound and shot.id not in docket.unsaid:
                why = f"not testable: {exchange.note}"
                blame(docket, shot, "prerequisite", "what the next step needs", why)
            return


STAGES = (transport, statuses, shapes, assumptions, rest)
