"""The order of a run, whether a target, a gateway in this process or a transcript answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from harness.judge import judge
from harness.judge.further import further_scripts
from harness.judge.signals import observe_signals
from harness.model import (
    Answer,
    Calibration,
    Case,
    Exchange,
    Plan,
    Script,
    Signals,
    SignalState,
    Verdict,
)
from harness.plan.repetitions import repeat_plan
from harness.run.repeated_case import CaseResult, RepeatedCase, Repetition
from harness.util.garbage import collection_paused
from harness.util.interruption import held

Exchanges = Mapping[str, Exchange]


class Session:
    """The steps of a run, apart from their order. Subclasses provide plans and exchanges.

    Attributes:
        repeat: How many times each case runs.
        answers: Parsed answers of shots that several cases share, by shot id.
        stopped: Why the run ends early; empty if it does not.
        signals: What is known about the signals of the target, by the names of the cases it
            applies to; no names stand for all cases.
    """

    repeat: int = 1
    stopped: str = ""
    signals: Mapping[tuple[str, ...], Signals] = MappingProxyType({})
    answers: dict[str, Answer]

    def load(self) -> Sequence[Case]:
        """Read what the run needs and return its cases. Raises HarnessError."""
        raise NotImplementedError

    def plan(self, case: Case) -> Plan:
        raise NotImplementedError

    def preflight(self, plans: Sequence[Plan]) -> None:
        """Raises HarnessError if the run cannot give results."""

    def calibrate(self, plans: Sequence[Plan]) -> None:
        """Establish which signals are alive, before anything is concluded from them."""

    def observe(
        self, calibrations: Sequence[Calibration], exchanges: Mapping[str, Exchange]
    ) -> None:
        """Keep what the answers to the calibration show."""
        cases = dict.fromkeys(calibration.cases for calibration in calibrations)
        self.signals = {
            names: observe_signals([c for c in calibrations if c.cases == names], exchanges)
            for names in cases
        }

    @property
    def signal_states(self) -> list[SignalState]:
        """The states of all calibrated signals."""
        return [state for signals in self.signals.values() for state in signals.values()]

    def signals_for(self, case: Case) -> Signals:
        for names, signals in self.signals.items():
            if not names or case.name in names:
                return signals
        return {}

    def send(self, plans: Sequence[Plan]) -> Iterable[Repetition]:
        """Begin to send the requests. Return what to judge, in the order of judging.

        The repetitions of a case come in their order, but not always one right after the other.
        """
        return ((plan, turn) for plan in plans for turn in range(1, self.repeat + 1))

    def exchanges(self, plan: Plan, turn: int) -> Mapping[str, Exchange]:
        """Return the exchanges of a repetition, by shot id; `turn` counts from 1."""
        raise NotImplementedError

    def release(self, plan: Plan, turn: int) -> None:
        """Free the exchanges of a repetition that is judged."""

    def add(self, repeated: RepeatedCase, turn: int) -> None:
        """Judge a repetition of a case, and free its exchanges."""
        try:
            if not repeated.error:
                repeated.add(self.judge_repetition(repeated.plan, turn))
        except Exception as error:
            repeated.error = error
        finally:
            self.release(repeated.plan, turn)

    def judge(self, repeated: RepeatedCase) -> CaseResult:
        """Return the result of a case whose repetitions are judged."""
        return repeated.result()

    def judge_repetition(self, plan: Plan, turn: int) -> CaseResult:
        """Judge a repetition of a case; send further requests as long as the verdict needs some."""
        plan, exchanges = repeat_plan(plan, turn), self.exchanges(plan, turn)
        signals = self.signals_for(plan.case)
        verdict = judge(plan, exchanges, self.answers, signals)
        while scripts := self.further_scripts(plan, verdict, exchanges):
            further = self.further_exchanges(plan, turn, scripts)
            sent = [script for script in scripts if script.shots[-1].id in further]
            if not sent:  # a transcript of a version that did not send them
                break
            exchanges = {**exchanges, **further}
            plan = replace(plan, scripts=(*plan.scripts, *sent))
            verdict = judge(plan, exchanges, self.answers, signals)
        return CaseResult(plan, verdict, exchanges)

    def further_scripts(
        self, plan: Plan, verdict: Verdict, exchanges: Exchanges
    ) -> Sequence[Script]:
        """Return the requests without which the verdict is not final."""
        return further_scripts(plan, verdict, exchanges, self.signals_for(plan.case))

    def further_exchanges(self, plan: Plan, turn: int, scripts: Sequence[Script]) -> Exchanges:
        """Send requests that only a failure makes necessary; return the exchanges by shot id."""
        raise NotImplementedError

    def close(self) -> None:
        """Stop what is running."""

    def write_reports(self) -> None:
        """Write the reports of the cases that were judged."""


def run_cases(session: Session) -> Iterator[CaseResult]:
    """Run the cases of a session and yield the result of each.

    They come in their order, but those with a request that is sent again at the end come last.

    A caller that stops early closes the generator: the session ends, and the reports have the
    cases that were judged.

    Raises:
        HarnessError: Before the first result, if the run cannot begin.
    """
    try:
        with collection_paused():
            cases = session.load()
            plans = [session.plan(case) for case in cases]
        session.preflight(plans)
        session.calibrate(plans)
        coming = session.send(plans)
        del plans  # the session has what the reports need of them
        yield from judged(session, coming)
    except KeyboardInterrupt:
        session.stopped = "interrupted"
        raise
    finally:
        with held():
            session.close()
            session.write_reports()


def judged(session: Session, coming: Iterable[Repetition]) -> Iterator[CaseResult]:
    """Judge repetitions as they come; yield the result of a case after its last one."""
    cases: dict[str, RepeatedCase] = {}
    for plan, turn in coming:
        repeated = cases.setdefault(plan.case.name, RepeatedCase(plan))
        session.add(repeated, turn)
        if turn == session.repeat:
            yield session.judge(cases.pop(plan.case.name))
