"""Cases against gateways wrong in one way each -> what is wrong with us. Fires without sockets.

A mutant must be caught by the case and the rule that it names; a case must catch a mutant by a
demand of its own; the right gateway and every harmless variant must pass everything. An exchange
that equals the right gateway's needs no new verdict: ids derive from the requests.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from harness import builtin, session
from harness.fire.play import play
from harness.fire.request import authorization
from harness.judge import judge
from harness.model import Call, Exchange, Plan, Shot, Target, Verdict
from harness.servers.gateway import Gateway
from harness.servers.connection import failure
from harness.servers.mutants import MUTANTS
from harness.servers.record import Mutant
from harness.servers.variants import VARIANTS

UNASKED = ("schema", "stream.", "transport", "prerequisite")


@dataclass(frozen=True, slots=True)
class Kill:
    """One finding on a mutant that does not hold."""

    case: str
    rule: str
    level: str


@dataclass(slots=True)
class Matrix:
    """What every case found on every mutant, and what that says about us."""

    kills: dict[str, tuple[Kill, ...]] = field(default_factory=dict)
    accused: dict[str, tuple[str, ...]] = field(default_factory=dict)
    cases: tuple[str, ...] = ()
    shots: int = 0
    mutants: Mapping[str, Mutant] = field(default_factory=dict)

    def survivors(self) -> list[Mutant]:
        """Mutants that their own case does not catch by their own rule."""
        return [
            mutant
            for name, mutant in self.mutants.items()
            if not any(caught(kill, mutant) for kill in self.kills[name])
        ]

    def toothless(self) -> list[str]:
        """Cases that catch no mutant by a demand of their own."""
        biting = {
            kill.case
            for name, kills in self.kills.items()
            for kill in kills
            if not kill.rule.startswith(UNASKED) or caught(kill, self.mutants[name])
        }
        return [case for case in self.cases if case not in biting]

    def right(self) -> bool:
        return not (self.survivors() or self.toothless() or any(self.accused.values()))


def caught(kill: Kill, mutant: Mutant) -> bool:
    same = mutant.case in (kill.case, kill.case.partition("/")[2])
    return same and (kill.rule == mutant.rule or kill.rule.startswith(f"{mutant.rule} "))


def prove(
    packs: Sequence[str] = (), workers: int = 2, only: Sequence[str] = (), told: Callable[[str], None] = print
) -> Matrix:
    """The kill matrix of all cases of the packs. Raises UsageError and FileProblems."""
    plans = planned(tuple(packs))
    names = {plan.case.name for plan in plans}
    own = names | {name.partition("/")[2] for name in names}
    mutants = {m.id: m for m in MUTANTS if m.case in own and (not only or m.id in only)}
    matrix = Matrix(cases=tuple(plan.case.name for plan in plans), mutants=mutants)
    matrix.shots = len({shot.id for plan in plans for shot in plan.shots})
    jobs = [("right", "")] + [("variant", v.id) for v in VARIANTS if not only]
    jobs += [("mutant", name) for name in mutants]
    with ProcessPoolExecutor(max_workers=workers, initializer=prepare, initargs=(tuple(packs),)) as pool:
        for (kind, name), kills in zip(jobs, pool.map(examine, jobs, chunksize=1), strict=True):
            if kind == "mutant":
                matrix.kills[name] = kills
            else:
                matrix.accused[name or "right"] = tuple(f"{k.case}: {k.rule} ({k.level})" for k in kills)
            told(name or "right")
    return matrix


def planned(packs: tuple[str, ...]) -> list[Plan]:
    opened = session.open_session(session.Options(packs=packs))
    return [opened.plan(case) for pack in opened.packs.values() for case in pack.cases]


class Prepared:
    """What a worker process keeps: the plans, and the right gateway's exchanges."""

    def __init__(self, packs: tuple[str, ...]) -> None:
        self.plans = planned(packs)
        self.target = session.open_session(session.Options(packs=packs)).target
        self.requests: dict[str, dict[str, Any]] = {}
        self.right: dict[str, Exchange] = {}
        self.right = self.fire(Gateway(pace=0.0))

    def fire(self, gateway: Gateway) -> dict[str, Exchange]:
        """Every script once, in order, straight into the gateway."""

        async def send(shot: Shot, call: Call) -> Exchange:
            return self.straight(gateway, shot, asked(self.target, call))

        async def all_of_them() -> dict[str, Exchange]:
            done: dict[str, Exchange] = {}
            for script in {s.id: s for plan in self.plans for s in plan.scripts}.values():
                first = script.shots[0]
                if len(script.shots) > 1:
                    done.update((e.shot, e) for e in await play(script, send))
                elif first.id in self.requests:
                    done[first.id] = self.straight(gateway, first, self.requests[first.id])
                else:
                    done.update((e.shot, e) for e in await play(script, partial(self.kept, gateway)))
            return done

        return asyncio.run(all_of_them())

    async def kept(self, gateway: Gateway, shot: Shot, call: Call) -> Exchange:
        """A request that depends on no answer is made once, for all gateways."""
        self.requests[shot.id] = asked(self.target, call)
        return self.straight(gateway, shot, self.requests[shot.id])

    def straight(self, gateway: Gateway, shot: Shot, request: dict[str, Any]) -> Exchange:
        """The very exchange of the right gateway where the reply is the same."""
        try:
            reply = gateway.respond(request)
        except Exception as error:  # what the socket's server answers for a bug of the gateway's
            reply = failure(500, f"Internal error: {type(error).__name__}", "server_error")
        made = exchange(shot, request, reply)
        known = self.right.get(shot.id)
        return known if known is not None and made == known else made


PREPARED: list[Prepared] = []


def prepare(packs: tuple[str, ...]) -> None:
    PREPARED[:] = [Prepared(packs)]


def examine(job: tuple[str, str]) -> tuple[Kill, ...]:
    """What the cases find on one gateway; anything but a pass, on one that is right."""
    kind, name = job
    known = PREPARED[0]
    if kind == "right":
        return tuple(kill for plan in known.plans for kill in accused(judge(plan, known.right)))
    overrides = {v.id: v.other for v in VARIANTS} if kind == "variant" else {m.id: m.wrong for m in MUTANTS}
    exchanges = known.fire(Gateway(overrides[name], pace=0.0))
    changed = {shot for shot, made in exchanges.items() if made is not known.right.get(shot)}
    affected = [p for p in known.plans if any(shot.id in changed for shot in p.shots)]
    tell = killed if kind == "mutant" else accused
    return tuple(kill for plan in affected for kill in tell(judge(plan, exchanges)))


def killed(verdict: Verdict) -> Iterator[Kill]:
    """Only a fail or a warn kills; an inconclusive one kills nothing."""
    if verdict.outcome in ("fail", "warn"):
        rules = {(f.rule, f.level) for f in verdict.findings if not f.holds and f.level != "may"}
        yield from (Kill(verdict.case.name, rule, level) for rule, level in sorted(rules))


def accused(verdict: Verdict) -> Iterator[Kill]:
    if verdict.outcome == "inconclusive":
        yield Kill(verdict.case.name, f"inconclusive: {verdict.reason}", str(verdict.cause))
    elif verdict.outcome == "skip":
        yield Kill(verdict.case.name, "skip", "")
    yield from killed(verdict)


def asked(target: Target, call: Call) -> dict[str, Any]:
    """A call as the gateway gets it from its socket."""
    front = target.fronts[call.protocol]
    text = call.raw if call.raw is not None else None if call.body is None else json.dumps(call.body)
    given = {name.lower() for name, _ in call.headers}
    headers = [("host", "builtin"), ("accept", "application/json"), ("content-type", "application/json")]
    headers += [*front.headers, *authorization(front, call.auth, builtin.KEYS)]
    return {
        "method": call.method,
        "path": "/v1" + call.path,
        "headers": [pair for pair in headers if pair[0] not in given] + list(call.headers),
        "body": (text or "").encode("utf-8", "surrogatepass"),
    }


def exchange(shot: Shot, request: Mapping[str, Any], reply: Mapping[str, Any]) -> Exchange:
    dropped = reply.get("end") == "drop"
    return Exchange(
        shot=shot.id,
        method=request["method"],
        url=request["path"],
        request_headers=tuple(request["headers"]),
        request_body=request["body"].decode("utf-8", "surrogatepass"),
        end="dropped" if dropped else "complete",
        status=reply["status"],
        headers=tuple(reply["headers"]),
        chunks=tuple((0.0, piece) for piece in reply["chunks"]),
        note="dropped" if dropped else "",
    )
