"""The journey on one page: load, plan, fire, transcript, judge. Knows the order and no rule."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from harness.fire.connection import Limits
from harness.fire.dispatch import Dispatcher
from harness.fire.engine import Engine
from harness.fire.http import HttpTransport
from harness.fire.rate_limiter import Budget, RateLimiter
from harness.fire.redaction.secrets import redact_url
from harness.model import Answer, Case, Exchange, Pack, Plan, Target, Verdict
from harness.plan import first_call, plan
from harness.plan.repetitions import combine_repetitions
from harness.run import reference_gateway
from harness.run.header import transcript_header
from harness.run.options import UNSEEN, UPSTREAM, Options, at
from harness.run.preflight import preflight_error
from harness.run.scheduler import WINDOW, Scheduler
from harness.run.transcript import Earlier, Writer
from harness.util.errors import Unreachable, UsageError

if TYPE_CHECKING:
    from harness.fire.sdk.clients import SdkClients
    from harness.run.upstream import UpstreamServer

EARLY: Final = 2  # exchanges kept until there is a transcript: the first call's


@dataclass(slots=True)
class Session:
    """One run against one target."""

    options: Options
    target: Target
    packs: Mapping[str, Pack]
    keys: Mapping[str, str]
    process: reference_gateway.ReferenceGateway | None = None
    behind: UpstreamServer | None = None
    unexpected: Sequence[str] = ()
    transport: HttpTransport | None = None
    engine: Engine | None = None
    writer: Writer | None = None
    started: str = field(default_factory=lambda: now())
    plans: dict[str, Plan] = field(default_factory=dict)
    early: list[Exchange] = field(default_factory=list)
    answers: dict[str, Answer] = field(default_factory=dict)
    rounds: Scheduler | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)  # the report's, for the transcript
    unjudged: dict[str, None] = field(default_factory=dict)
    budget: Budget = field(default_factory=Budget)
    earlier: Earlier | None = None

    def plan(self, case: Case) -> Plan:
        if case.name not in self.plans:
            self.plans[case.name] = plan(case, self.packs[case.pack], self.target)
        return self.plans[case.name]

    def start(self) -> None:
        """Starts the builtin gateway unless one is running. Raises UsageError."""
        if self.target.builtin and not self.options.base_url:
            arguments = self.behind.arguments if self.behind else ()
            self.process = self.process or reference_gateway.ReferenceGateway(arguments)
            self.target = at(self.target, self.process.base_url)

    def fire(self, cases: Sequence[Case]) -> None:
        """Plans every case and makes the engine ready; nothing is sent before `begin`."""
        for case in cases:
            if case.feature == UPSTREAM and not self.target.upstream:
                raise UsageError(f"{case.name}: {UNSEEN}")
        self.transport = HttpTransport(
            self.target, self.keys, Limits(self.options.timeout), random.random
        )
        self.transport.connection()  # reports an invalid proxy variable early
        observer = self.behind.observer(self.transport.redactor) if self.behind else None
        dispatcher = Dispatcher(self.transport, self.clients(cases), observer)
        asked = self.options
        self.budget = Budget(asked.max_requests, asked.max_tokens, asked.max_seconds)
        limiter = RateLimiter(self.target.rpm, self.target.tpm, budget=self.budget)
        self.engine = Engine(
            *(dispatcher, limiter, self.record),
            concurrency=self.target.concurrency,
            window=WINDOW,
        )
        self.rounds = Scheduler(self.engine, self.plan, cases, asked.repeat, self.answers)

    def clients(self, cases: Iterable[Case]) -> SdkClients | None:
        """Who asks through the SDKs, where a case wants that."""
        assert self.transport is not None
        calls = (shot.call for case in cases for shot in self.plan(case).shots)
        if not any(call.client for call in calls):
            return None
        from harness.fire.sdk.clients import SdkClients

        transport = self.transport
        return SdkClients(
            self.target, self.keys, transport.forward, transport.redactor, self.options.timeout
        )

    def write(self, cases: Iterable[Case], transcript: Path) -> None:
        """From here on every exchange goes to the transcript; those so far go first."""
        assert self.rounds is not None
        header = self.header(cases)
        self.unjudged = dict.fromkeys(self.rounds.order)
        self.writer = Writer(transcript, self.earlier.end if self.earlier else 0)
        if not self.earlier:
            self.writer.header(header)
        for exchange in self.early:
            self.writer.exchange(exchange)

    def record(self, exchange: Exchange) -> None:
        if self.writer:
            self.writer.exchange(exchange)
        elif len(self.early) < EARLY:
            self.early.append(exchange)

    def preflight(self, pack: Pack) -> None:
        """One cheap call; raises Unreachable where nothing could be learnt from any other."""
        assert self.engine is not None
        script = first_call(pack, self.target)
        exchange = self.engine.wait(0, [script])[script.shots[0].id]
        trouble = preflight_error(exchange, self.target, script, self.options.api_key_env)
        if trouble:
            raise Unreachable(self.redact(trouble))

    def begin(self, cases: Iterable[Case]) -> None:
        """Fires the cases, and goes on to do so while each is waited for."""
        assert self.rounds is not None
        self.rounds.begin(cases)

    def verdict(self, case: Case) -> tuple[Verdict, Mapping[str, Exchange]]:
        """Waits for the case's own exchanges and judges them; nobody else's are kept for it."""
        assert self.rounds is not None
        verdict, exchanges = self.rounds.verdict(case)
        self.unjudged.pop(case.name, None)
        return verdict, exchanges

    def shown(self, verdict: Verdict) -> Plan:
        """The plan of what the verdict shows: of its case, in so many repetitions."""
        return combine_repetitions(self.plan(verdict.case), verdict.shown)

    def header(self, cases: Iterable[Case]) -> dict[str, Any]:
        assert self.transport is not None
        plans = [self.plan(case) for case in cases]
        told: dict[str, Any] = {"started": self.started, "run": dict(self.facts)}
        told |= {"peers": self.transport.peers, "repeat": self.options.repeat}
        return {
            **transcript_header(self.target, self.packs, plans, self.transport.redactor),
            **told,
        }

    def redact(self, text: str) -> str:
        """Text that may be shown: without the run's secrets."""
        return (
            self.transport.redactor.text(redact_url(text)) if self.transport else redact_url(text)
        )

    def close(self, reason: str = "") -> None:
        """Stops what is under way, and ends the transcript; may be called twice."""
        with ExitStack() as last:
            if self.earlier:
                last.callback(self.earlier.close)
            if self.writer:
                last.callback(self.end, self.writer, reason)
            if self.behind:
                last.callback(self.alone, self.behind)
            if self.process:
                last.callback(self.process.stop)
            if self.engine:
                last.callback(self.engine.stop)

    def alone(self, behind: UpstreamServer) -> None:
        """Nothing more is sent: what has arrived besides is the gateway's own asking."""
        self.unexpected = behind.stop()
        self.behind = None

    def end(self, writer: Writer, reason: str) -> None:
        self.writer = None
        with writer:
            reason = reason or self.budget.over
            ended = {"finished": now(), "requests": self.requests, "reason": reason}
            peers = self.transport.peers if self.transport else {}
            seen = {"peers": peers, "unexpected": [*self.unexpected]}
            writer.footer({**ended, "unjudged": [*self.unjudged], **seen})

    @property
    def requests(self) -> int:
        before = self.earlier.requests if self.earlier else 0
        return before + (self.engine.requests if self.engine else 0)


def now() -> str:
    """Return the current time in UTC, in ISO 8601 with seconds."""
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
