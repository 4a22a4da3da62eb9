"""Plan, Exchanges -> Verdict. Pure: no disk, no network, no clock. May not send again.

Order, for each shot: transport, status and shape (fail), then what the model must have done
(inconclusive), then the rest. A status that does not hold silences what comes after it on that
shot: of an error nobody learns anything about a field.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from harness import answer as reading
from harness import checks
from harness.checks import Problem
from harness.behaviours import BY_ID
from harness.model import (
    GRADES,
    OUTCOMES,
    Answer,
    Cause,
    Demand,
    Exchange,
    Finding,
    Grade,
    Outcome,
    Plan,
    Script,
    Shot,
    ShotResult,
    Verdict,
)

NOTHING_SENT = ("stopped", "budget")
CAUSES: Mapping[str, Cause] = {"unreachable": "transport", "timeout": "timeout"}
BROKEN = {
    "dropped": "the connection was dropped after the request was sent",
    "too-large": "the answer is larger than the harness takes",
    "malformed": "the answer is not HTTP",
}
AGAIN: Mapping[int, Cause] = {429: "rate-limit", 503: "transport", 529: "rate-limit"}


@dataclass(slots=True)
class Docket:
    """What is known so far about one case."""

    plan: Plan
    answers: Answers
    findings: list[Finding] = field(default_factory=list)
    causes: list[tuple[Cause, str]] = field(default_factory=list)
    silenced: set[str] = field(default_factory=set)
    unsaid: set[str] = field(default_factory=set)
    grades: dict[str, Grade] = field(default_factory=dict)

    def answer(self, shot: str) -> Answer:
        answer = self.answers[shot]
        assert answer is not None, f"{shot} was never fired"
        return answer


class Answers(dict[str, Answer | None]):
    """Exchanges read as answers, each when it is first asked for; None for a shot never fired."""

    def __init__(self, exchanges: Mapping[str, Exchange], shots: Mapping[str, Shot]) -> None:
        super().__init__()
        self.exchanges, self.shots = exchanges, shots

    def __missing__(self, name: str) -> Answer | None:
        shot, exchange = self.shots[name], self.exchanges.get(name)
        call = shot.call
        made = exchange and reading.read(exchange, call.protocol, shot.mode, call.body)
        self[name] = made or None
        return self[name]


def judge(plan: Plan, exchanges: Mapping[str, Exchange]) -> Verdict:
    """The case's verdict on what came of its shots; `exchanges` by shot id."""
    if plan.skip:
        return Verdict(plan.case, "skip", "none", None, plan.skip, 0.0, (), ())
    answers = Answers(exchanges, {shot.id: shot for shot in plan.shots})
    docket = Docket(plan, answers)
    for stage in (transport, statuses, shapes, assumptions, rest):
        try:
            stage(docket)
        except Exception as error:  # a crash of ours accuses nobody
            docket.causes.append(("harness", f"{type(error).__name__}: {error}"))
    return verdict(docket, exchanges)


def transport(docket: Docket) -> None:
    for shot in docket.plan.shots:
        exchange = docket.answers.exchanges.get(shot.id)
        if exchange is None or exchange.end != "complete":
            docket.silenced.add(shot.id)
        if shot.tag == "base":
            continue
        if exchange is None:
            docket.causes.append(("budget", f"{shot.id} was not sent"))
        elif exchange.end in CAUSES:
            docket.causes.append((CAUSES[exchange.end], exchange.note or exchange.end))
        elif exchange.end in BROKEN:
            docket.findings.append(finding(docket.plan, shot, exchange.note or BROKEN[exchange.end]))
        elif exchange.end == "not-sent" and not exchange.note.startswith("no earlier answer"):
            stopped = exchange.note.startswith(NOTHING_SENT)
            docket.causes.append(("budget" if stopped else "harness", exchange.note))


def finding(plan: Plan, shot: Shot, got: str, rule: str = "transport") -> Finding:
    expected = "a whole answer" if rule == "transport" else "what the next step needs"
    return Finding(
        rule, "must", False, "accepted", shot.id, str(plan.case.place), rule, expected, got
    )  # fmt: skip


def statuses(docket: Docket) -> None:
    for demand in staged(docket, "status"):
        for shot in demand.shots:
            if shot in docket.silenced:
                continue
            status = docket.answers.exchanges[shot].status or 0
            if status in AGAIN and not isinstance(demand.args, (int, list)):
                docket.causes.append((AGAIN[status], f"{shot}: {status}, again and again"))
                docket.silenced.add(shot)
                continue
            problems = list(examine(docket, demand, [shot]))
            record(docket, demand, shot, problems)
            if problems:
                docket.silenced.add(shot)


def shapes(docket: Docket) -> None:
    """What the base answer has too is no fault of this row: written down here, judged elsewhere."""
    for demand in staged(docket, "shape"):
        shot = demand.shots[0]
        if shot in docket.silenced:
            continue
        problems = list(examine(docket, demand, [shot]))
        bases = [base for base in demand.against if base not in docket.silenced]
        known = {mark(p) for base in bases if problems for p in examine(docket, demand, [base])}
        told = [replace(p, level="may") if mark(p) in known else p for p in problems]
        record(docket, demand, shot, told)


def mark(problem: Problem) -> tuple[str, str, str]:
    """A law broken in the same way, wherever in an array or a stream."""
    return problem.rule, re.sub(r"\d+", "*", problem.at), problem.expected


def assumptions(docket: Docket) -> None:
    """What the model did not do leaves the rest open, in that mode."""
    modes = {shot.id: shot.mode for shot in docket.plan.shots}
    for demand in staged(docket, "assume"):
        shots = [shot for shot in demand.shots if shot not in docket.silenced]
        problems = list(examine(docket, demand, shots)) if shots else []
        if problems:
            first = problems[0]
            docket.causes.append(("model", f"assumed {first.at} {first.expected}; got {first.got}"))
            mode = modes[demand.shots[0]]
            docket.unsaid |= {shot for shot, own in modes.items() if own == mode}
            docket.silenced |= docket.unsaid


def rest(docket: Docket) -> None:
    for script in docket.plan.scripts:
        prerequisite(docket, script)
    for demand in staged(docket, "rest"):
        put(docket, demand)


def prerequisite(docket: Docket, script: Script) -> None:
    """An earlier step that did all it had to, but not what the next one needs, is a fail."""
    for index, shot in enumerate(script.shots):
        exchange = docket.answers.exchanges.get(shot.id)
        if exchange is not None and exchange.note.startswith("no earlier answer"):
            before = {earlier.id for earlier in script.shots[:index]}
            if not before & docket.silenced and shot.id not in docket.unsaid:
                why = f"not testable: {exchange.note}"
                docket.findings.append(finding(docket.plan, shot, why, "prerequisite"))
            return


def staged(docket: Docket, stage: str) -> Iterator[Demand]:
    return (demand for demand in docket.plan.demands if demand.stage == stage)


def put(docket: Docket, demand: Demand) -> None:
    """One demand to its check, on all shots that still say something."""
    shots = [shot for shot in demand.shots if shot not in docket.silenced]
    if not shots or any(shot in docket.silenced for shot in demand.against):
        return
    if across(demand):
        problems = list(examine(docket, demand, shots))
        for shot in shots:
            record(docket, demand, shot, [p for p in problems if p.shot in (shot, "")])
        return
    for shot in shots:
        record(docket, demand, shot, list(examine(docket, demand, [shot])))


def across(demand: Demand) -> bool:
    return demand.check in checks.BY_ID and checks.BY_ID[demand.check].across


def examine(docket: Docket, demand: Demand, shots: Sequence[str]) -> Iterator[Problem]:
    """The problems of a demand on these shots; `any` and `when` are made of other demands."""
    if demand.check == "any":
        tried = [[p for d in part for p in examine(docket, d, shots)] for part in demand.parts]
        if all(tried):
            got = "; ".join(f"{part[0].at}: {part[0].got}" for part in tried)
            wanted = ", or ".join(f"{part[0].at}: {part[0].expected}" for part in tried)
            yield Problem(tried[0][0].at, wanted, got)
    elif demand.check == "when":
        condition = checks.BY_ID["status"]
        met = [s for s in shots if not list(condition.run(demand.args["status"], [docket.answer(s)], []))]
        for shot in met:
            for part in demand.parts:
                yield from (p for inner in part for p in examine(docket, inner, [shot]))
    else:
        answers = [docket.answer(shot) for shot in shots]
        against = [docket.answer(shot) for shot in demand.against]
        yield from checks.BY_ID[demand.check].run(demand.args, answers, against)


def record(docket: Docket, demand: Demand, shot: str, problems: Iterable[Problem]) -> None:
    """One finding for each problem, or one that it holds."""
    made = False
    for problem in problems:
        made = True
        add(
            docket,
            Finding(
                problem.rule or demand.rule, problem.level or demand.level, False, demand.grade,
                shot, str(demand.place), problem.at, problem.expected, problem.got,
            ),
        )  # fmt: skip
    if not made:
        add(docket, Finding(demand.rule, demand.level, True, demand.grade, shot, str(demand.place)))
    known = docket.grades.get(shot, "none")
    docket.grades[shot] = max(known, demand.grade, key=GRADES.index)


def add(docket: Docket, found: Finding) -> None:
    docket.findings.append(found)


def failed(docket: Docket) -> bool:
    return any(not f.holds and f.level == "must" for f in docket.findings)


def verdict(docket: Docket, exchanges: Mapping[str, Exchange]) -> Verdict:
    case = docket.plan.case
    judged = any(f.level != "may" for f in docket.findings)
    if not judged and not docket.causes:
        docket.causes.append(("harness", "no demand was executed"))
    worst = outcome(docket.findings, bool(docket.causes))
    cause, reason = docket.causes[0] if docket.causes and worst == "inconclusive" else (None, "")
    broken = [f for f in docket.findings if not f.holds and f.level == "must"]
    evidence = broken[0].grade if broken else weakest(docket)
    mine = (shot for shot in docket.plan.shots if shot.tag != "base")
    shots = tuple(result(docket, shot, exchanges) for shot in mine)
    seconds = sum(shot.seconds for shot in shots)
    findings = tuple(docket.findings)
    return Verdict(case, worst, evidence, cause, reason, seconds, shots, findings)


def outcome(findings: Iterable[Finding], open_questions: bool) -> Outcome:
    seen: set[Outcome] = {"inconclusive"} if open_questions else {"pass"}
    broken = {f.level for f in findings if not f.holds}
    seen |= {"fail"} if "must" in broken else set()
    seen |= {"warn"} if "should" in broken else set()
    return min(seen, key=OUTCOMES.index)


def weakest(docket: Docket) -> Grade:
    """The minimum over the case's own shots of the strongest executed check, up to the ceiling."""
    shared = ("shared/", "panel/")
    own = [s.id for s in docket.plan.shots if s.tag == "panel" or not s.id.startswith(shared)]
    last = {script.shots[-1].id for script in docket.plan.scripts}
    grades = [docket.grades.get(s, "none") for s in own if s in last and s not in docket.silenced]
    least = min(grades, key=GRADES.index, default="none")
    return min(least, BY_ID[docket.plan.case.behaviour].ceiling, key=GRADES.index)


def result(docket: Docket, shot: Shot, exchanges: Mapping[str, Exchange]) -> ShotResult:
    mine = [f for f in docket.findings if f.shot == shot.id]
    exchange = exchanges.get(shot.id)
    return ShotResult(
        shot.id, shot.step, shot.mode, shot.tag, shot.value,
        outcome(mine, not mine or shot.id in docket.unsaid),
        docket.grades.get(shot.id, "none"), exchange.seconds if exchange else 0.0,
    )  # fmt: skip
