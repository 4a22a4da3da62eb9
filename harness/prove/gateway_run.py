"""A run of cases whose exchanges with one gateway in this process are there already."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from harness.model import Answer, Case, Exchange, Plan, Script, Signals, Verdict
from harness.model.exchanges import AGAIN
from harness.prove.matrix import Kill
from harness.run import Session, run_cases
from harness.run.session import Exchanges

KillsIn = Callable[[Verdict], Iterator[Kill]]
Fire = Callable[[Sequence[Script]], Mapping[str, Exchange]]


class GatewayRun(Session):
    """The cases of some plans, judged on their exchanges with one gateway in this process.

    Args:
        exchanges: The exchanges of the plans' shots, by shot id.
        fire: Sends scripts that only a failure makes necessary, and returns the exchanges.
        signals: What is known about the gateway's signals.
        answers: Parsed answers of exchanges that are equal to known ones, by shot id.
    """

    def __init__(
        self,
        plans: Iterable[Plan],
        exchanges: Mapping[str, Exchange],
        fire: Fire,
        signals: Signals,
        answers: dict[str, Answer] | None = None,
    ) -> None:
        self.plans = {plan.case.name: plan for plan in plans}
        self.sent, self.fire = exchanges, fire
        self.further: dict[str, Exchange] = {}
        self.answers = {} if answers is None else answers
        self.signals = {(): signals}

    def load(self) -> Sequence[Case]:
        return [plan.case for plan in self.plans.values()]

    def plan(self, case: Case) -> Plan:
        return self.plans[case.name]

    def exchanges(self, plan: Plan, turn: int) -> Mapping[str, Exchange]:
        return {shot.id: self.sent[shot.id] for shot in plan.shots}

    def further_scripts(
        self, plan: Plan, verdict: Verdict, exchanges: Mapping[str, Exchange]
    ) -> Sequence[Script]:
        """Return the requests without which the verdict is not final. The model never varies."""
        scripts = super().further_scripts(plan, verdict, exchanges)
        return [script for script in scripts if script.tag != AGAIN]

    def further_exchanges(self, plan: Plan, turn: int, scripts: Sequence[Script]) -> Exchanges:
        new = [script for script in scripts if script.shots[-1].id not in self.further]
        self.further |= self.fire(new) if new else {}
        return self.further

    def kills(self, kills_in: KillsIn) -> tuple[Kill, ...]:
        """Run the cases and return the findings that `kills_in` takes from each verdict."""
        return tuple(kill for result in run_cases(self) for kill in kills_in(result.verdict))
