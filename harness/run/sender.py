"""Builds what sends the requests of a run, and makes the first call."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from harness.fire.connection import Limits
from harness.fire.dispatch import Dispatcher
from harness.fire.engine import Engine
from harness.fire.http import HttpTransport
from harness.fire.rate_limiter import Budget, RateLimiter
from harness.fire.redaction.secrets import redact_url
from harness.fire.urls import Trust
from harness.model import Answer, Exchange, Pack, Plan, Shot, Target
from harness.model.options import Options
from harness.plan import first_call
from harness.run.inquiry import Inquiry
from harness.run.preflight import preflight_error
from harness.run.scheduler import WINDOW, Scheduler
from harness.util.errors import Unreachable
from harness.util.freed_memory import return_freed_memory

if TYPE_CHECKING:
    from harness.fire.sdk.clients import SdkClients
    from harness.run.start import UpstreamServer


class Sender:
    """Sends the requests of the plans to a target; nothing before `first_call` or `start`.

    Args:
        answers: Parsed answers of shared shots; those of released shots are removed.
        record: Is called with every exchange.

    Raises:
        UsageError: The environment names an invalid proxy.
    """

    def __init__(
        self,
        options: Options,
        target: Target,
        keys: Mapping[str, str],
        plans: Sequence[Plan],
        answers: dict[str, Answer],
        record: Callable[[Exchange], None],
        upstream: UpstreamServer | None = None,
    ) -> None:
        return_freed_memory()
        self.options, self.target, self.keys = options, target, keys
        self.transport = make_transport(options, target, keys)
        self.transport.connection()  # reports an invalid proxy variable before the first call
        self.budget = Budget(options.max_requests, options.max_tokens, options.max_seconds)
        observer = upstream.observer(self.transport.redactor) if upstream else None
        self.engine = Engine(
            Dispatcher(self.transport, self.sdk_clients(plans), observer),
            RateLimiter(target.rpm, target.tpm, budget=self.budget),
            record,
            concurrency=target.concurrency,
            window=WINDOW,
            timeout=options.timeout,
        )
        if options.concurrency:
            self.engine.throttle.start_at_ceiling()
        self.engine.runner.health_check.keeps_going = options.keep_going
        self.scheduler = Scheduler(self.engine, plans, options.repeat, answers)

    def sdk_clients(self, plans: Sequence[Plan]) -> SdkClients | None:
        """Return the SDK clients if a case needs them."""
        if not any(shot.call.client for plan in plans for shot in plan.shots):
            return None
        from harness.fire.sdk.clients import SdkClients

        transport = self.transport
        return SdkClients(
            self.target, self.keys, transport.forward, transport.redactor, self.options.timeout
        )

    def first_call(self, pack: Pack) -> None:
        """Make one cheap call. Raises Unreachable."""
        script = first_call(pack, self.target)
        exchange = self.engine.wait(0, [script])[script.shots[0].id]
        inquiry = Inquiry(self.options, self.target, self.keys)
        if error := preflight_error(exchange, script, inquiry):
            raise Unreachable(self.redact(error))
        self.engine.runner.health_check.script = script

    def continue_after(
        self, seconds: float, earlier_exchange: Callable[[Shot], Exchange | None]
    ) -> None:
        """Continue a run that lasted so many seconds, and use its exchanges."""
        self.transport.start_time -= seconds
        self.engine.runner.earlier_exchange = earlier_exchange

    def stop(self) -> None:
        """Stop sending, and free the plans; a second call does nothing."""
        self.engine.stop()
        self.scheduler.plans, self.scheduler.coming = (), iter(())

    def redact(self, text: str) -> str:
        """Return the text without the secrets of the run."""
        return self.transport.redactor.text(redact_url(text))


def make_transport(options: Options, target: Target, keys: Mapping[str, str]) -> HttpTransport:
    """Return the transport to a target. Raises UsageError if the options name no valid file."""
    trust = Trust(options.ca, options.insecure)
    packs = options.packs or target.packs
    limits = Limits(options.timeout)
    return HttpTransport(target, keys, limits, random.random, trust=trust, packs=packs)
