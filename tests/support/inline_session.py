"""A run of one case against a gateway that is a function, with the requests that it adds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.model import Exchange, Plan, Script
from harness.run.repeated_case import CaseResult, RepeatedCase
from harness.run.session import Exchanges, Session
from tests.support.inline_pack import Gateway, exchange, send


class InlineSession(Session):
    """Judges cases like a run; `sent` has the ids of the scripts that were added."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway, self.answers = gateway, {}
        self.sent: list[str] = []

    def exchanges(self, plan: Plan, turn: int) -> Mapping[str, Exchange]:
        return send(plan, self.gateway)

    def further_exchanges(self, plan: Plan, turn: int, scripts: Sequence[Script]) -> Exchanges:
        self.sent += [script.id for script in scripts]
        shots = [shot for script in scripts for shot in script.shots]
        return {shot.id: exchange(shot, self.gateway(shot)) for shot in shots}

    def run(self, plan: Plan) -> CaseResult:
        """Judge a case that runs once."""
        repeated = RepeatedCase(plan)
        self.add(repeated, 1)
        return self.judge(repeated)


def run_case(plan: Plan, gateway: Gateway) -> CaseResult:
    return InlineSession(gateway).run(plan)
