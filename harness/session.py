"""The journey on one page: load, plan, fire, transcript, judge. Knows the order and no rule."""

from __future__ import annotations

import dataclasses
import os
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from harness import answer as reading
from harness import builtin
from harness.behaviours import BY_ID
from harness.errors import Unreachable, UsageError
from harness.fire.engine import Engine
from harness.fire.wire import Limits, Wire
from harness.judge import judge
from harness.load import load_packs, load_target
from harness.model import Case, Exchange, Pack, Plan, Script, Target, Verdict
from harness.plan import first_call, plan
from harness.transcript import Writer

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Options:
    """What a run was asked for; every field has the command line's name."""

    target: str = "builtin"
    packs: tuple[str, ...] = ()
    model: str = ""
    base_url: str = ""
    api_key_env: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    features: tuple[str, ...] = ()
    concurrency: int = 0
    rpm: float = 0.0
    timeout: float = 60.0


@dataclass(slots=True)
class Session:
    """One run against one target."""

    options: Options
    target: Target
    packs: Mapping[str, Pack]
    keys: Mapping[str, str]
    process: builtin.Builtin | None = None
    engine: Engine | None = None
    writer: Writer | None = None
    started: str = field(default_factory=lambda: now())
    plans: dict[str, Plan] = field(default_factory=dict)
    early: list[Exchange] = field(default_factory=list)
    order: dict[str, int] = field(default_factory=dict)

    def start(self) -> None:
        """Starts the builtin gateway unless one is running. Raises UsageError without a model."""
        for protocol, front in self.target.fronts.items():
            if not front.model:
                raise UsageError(f"the {protocol} front needs a model: say --model NAME")
        if self.target.builtin and not self.options.base_url:
            self.process = builtin.Builtin()
            self.target = at(self.target, self.process.base_url)

    def plan(self, case: Case) -> Plan:
        if case.name not in self.plans:
            self.plans[case.name] = plan(case, self.packs[case.pack], self.target)
        return self.plans[case.name]

    def fire(self, cases: Sequence[Case], window: int = 64) -> None:
        """Plans every case and makes the engine ready; nothing is sent before `begin`."""
        self.order = {case.name: index for index, case in enumerate(cases)}
        for case in cases:
            self.plan(case)
        wire = Wire(self.target, self.keys, Limits(self.options.timeout), random.random)
        self.engine = Engine(wire, self.target.concurrency, self.target.rpm, window, self.record)

    def write(self, cases: Iterable[Case], transcript: Path) -> None:
        """From here on every exchange goes to the transcript; those so far go first."""
        self.writer = Writer(transcript)
        self.writer.header(self.header([self.plan(case) for case in cases]))
        for exchange in self.early:
            self.writer.exchange(exchange)

    def record(self, exchange: Exchange) -> None:
        if self.writer:
            self.writer.exchange(exchange)
        elif len(self.early) < 2:
            self.early.append(exchange)

    def begin(self, cases: Iterable[Case]) -> None:
        assert self.engine is not None
        for case in cases:
            self.engine.add(self.order[case.name], self.plan(case).scripts)

    def verdict(self, case: Case) -> tuple[Verdict, Mapping[str, Exchange]]:
        """Waits for the case's own exchanges and judges them."""
        assert self.engine is not None
        own = self.plan(case)
        exchanges = self.engine.wait(self.order[case.name], own.scripts)
        return judge(own, exchanges), exchanges

    def preflight(self, pack: Pack) -> None:
        """One cheap call; raises Unreachable where nothing could be learnt from any other."""
        assert self.engine is not None
        script = first_call(pack, self.target)
        self.engine.add(0, [script])
        exchange = self.engine.wait(0, [script])[script.shots[0].id]
        trouble = hopeless(exchange, self.target, script, self.options)
        if trouble:
            raise Unreachable(trouble)

    def header(self, plans: Sequence[Plan]) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "target": dataclasses.asdict(self.target),
            "packs": [{"id": p.id, "version": p.version, "digest": p.digest} for p in self.packs.values()],
            "started": self.started,
            "plans": [resolved(plan) for plan in plans],
        }

    def close(self, reason: str = "") -> None:
        """Stops what is under way, and ends the transcript; may be called twice."""
        requests = self.engine.requests if self.engine else 0
        if self.engine:
            self.engine.stop()
        if self.writer:
            self.writer.footer({"finished": now(), "requests": requests, "reason": reason})
            self.writer.close()
            self.writer = None
        if self.process:
            self.process.stop()


def resolved(plan: Plan) -> dict[str, Any]:
    """A plan as the transcript keeps it: enough to judge the run again."""
    data = dataclasses.asdict(plan)
    data["case"].pop("places")
    return data


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def open_session(options: Options) -> Session:
    """Target, packs and keys, before anything is started or sent. Raises UsageError, FileProblems."""
    target = load_target(options.target)
    packs = load_packs(options.packs or target.packs, tuple(BY_ID))
    keys = builtin.KEYS if target.builtin else named_keys(target, options)
    known = {name for pack in packs for name in pack.features}
    for feature in options.features:
        if feature not in known:
            raise UsageError(f"no feature `{feature}`; these packs have {', '.join(sorted(known))}")
    return Session(options, overlaid(target, options), {pack.id: pack for pack in packs}, keys)


def named_keys(target: Target, options: Options) -> dict[str, str]:
    """Keys by use, read from the variables that are named. Raises UsageError for an unset one."""
    names = {"key": options.api_key_env or target.key_env, "limited": target.limited_key_env}
    keys = {}
    for use, name in names.items():
        if name and not os.environ.get(name):
            raise UsageError(f"the environment variable {name} is not set: it should hold the API key")
        if name:
            keys[use] = os.environ[name]
    return keys


def overlaid(target: Target, options: Options) -> Target:
    """The target with the command line's words over its own."""
    fronts = {
        protocol: dataclasses.replace(
            front, model=options.model or front.model, headers=(*front.headers, *options.headers)
        )
        for protocol, front in target.fronts.items()
    }
    made = dataclasses.replace(
        target,
        fronts=fronts,
        features=(*target.features, *options.features),
        rpm=options.rpm or target.rpm,
        concurrency=options.concurrency or target.concurrency,
    )
    return at(made, options.base_url) if options.base_url else made


def at(target: Target, base_url: str) -> Target:
    fronts = {p: dataclasses.replace(front, base_url=base_url) for p, front in target.fronts.items()}
    return dataclasses.replace(target, fronts=fronts)


def hopeless(exchange: Exchange, target: Target, script: Script, options: Options) -> str:
    """Why no other call would say more; empty when the run can go on."""
    call = script.shots[0].call
    front = target.fronts[call.protocol]
    if exchange.end == "unreachable":
        return f"cannot reach {front.base_url}: {exchange.note.partition(': ')[2] or exchange.note}"
    if exchange.end == "not-sent":
        return f"nothing could be sent to {front.base_url}: {exchange.note}"
    if exchange.status in (401, 403):
        key = options.api_key_env or target.key_env
        hint = f"check the key in {key}" if key else "name the variable with the key: --api-key-env VAR"
        return f"{exchange.url} answered {exchange.status} to the first call: {hint}{told(exchange, script)}"
    if exchange.status is not None and 400 <= exchange.status < 500:
        return (
            f"{exchange.url} answered {exchange.status} to the first call:"
            f" check the base URL and --model {front.model}{told(exchange, script)}"
        )
    return ""


def told(exchange: Exchange, script: Script) -> str:
    """The error's own words, for the one line that the caller reads."""
    body = reading.read(exchange, script.shots[0].call.protocol, "plain", None).body
    error = body.get("error") if isinstance(body, dict) else None
    message = error.get("message") if isinstance(error, dict) else None
    return f" ({' '.join(message.split())[:200]})" if isinstance(message, str) else ""
