"""A gateway that passes requests and answers on as they are, with its own key for the provider."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from harness.fire.redaction.exchange import ExchangeRedactor
from harness.fire.redaction.secrets import find_secrets
from harness.fire.upstream_observer import UpstreamObserver
from harness.judge.signals import observe_signals
from harness.model import Exchange, Script
from harness.prove.calibration import scripts_in
from harness.prove.gateway_run import GatewayRun
from harness.prove.in_process import scripts_of
from harness.prove.in_process_upstream import InProcessUpstream, provider
from harness.prove.matrix import Kill, false_accusations
from harness.testbed.forward.provider_client import Send
from harness.testbed.gateway.endpoint import Reply, Request
from harness.testbed.gateway.gateway import Gateway
from harness.testbed.keys import GATEWAY_KEY, PROVIDER_KEY


class TransparentGateway(Gateway):
    """Its provider speaks the protocols of its callers."""

    def __init__(self, send: Send) -> None:
        super().__init__()
        self.send = send

    def respond(self, request: Request) -> Reply:
        headers = [(n, v.replace(GATEWAY_KEY, PROVIDER_KEY)) for n, v in request["headers"]]
        return self.send({**request, "headers": headers})


def accusations(pack: str) -> tuple[Kill, ...]:
    """Return the failures and warnings of a pack's cases on the transparent gateway."""
    behind = InProcessUpstream((pack,))
    plans = [plan for plan in behind.all_plans.values() if plan.case.feature != "limits"]
    calibrations = behind.calibrations_for(plans)
    upstream, respond = provider()
    gateway, target = TransparentGateway(respond), behind.session.target
    redactor = ExchangeRedactor(find_secrets(target, behind.session.keys), target)
    observer = UpstreamObserver(upstream, redactor)

    def fire(scripts: Iterable[Script]) -> dict[str, Exchange]:
        return asyncio.run(behind.send_all(scripts, gateway, observer))

    scripts = {script.id: script for script in (*scripts_in(calibrations), *scripts_of(plans))}
    sent = fire(scripts.values())
    run = GatewayRun(plans, sent, fire, observe_signals(calibrations, sent))
    return run.kills(false_accusations)
