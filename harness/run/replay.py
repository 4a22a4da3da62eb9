"""A recorded run, judged again: its verdicts, and the data of report.json.

With other versions of its packs the cases are planned again for the target of the header; a
recorded answer counts only if the same request was sent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from harness.language.behaviours import BY_ID
from harness.load.absent_features import without_absent_features
from harness.load.packs import load_packs
from harness.model import (
    Answer,
    Case,
    Json,
    Pack,
    Plan,
    Script,
    Target,
    Verdict,
)
from harness.plan import plan
from harness.plan.repetitions import repeat_plan
from harness.report.build import build_report
from harness.report.case_data import unselected_case
from harness.report.case_types import UnselectedData
from harness.report.data import ReportData, RunFacts
from harness.report.faults import case_name
from harness.report.signals import signal_data
from harness.run.calibration import calibration_shots, calibrations_in
from harness.run.facts import end_facts, not_judged, own_version
from harness.run.inputs import check_protocols
from harness.run.judged_case import entry_again, judge_again
from harness.run.repeated_case import CaseResult, RepeatedCase
from harness.run.session import Exchanges, Session, run_cases
from harness.run.shared_scripts import SharedScripts
from harness.run.stored_exchanges import StoredExchanges, incomplete_cases, open_recorded
from harness.run.transcript_checks import check_contents, check_footer, check_header
from harness.run.unchanged import unchanged_shots
from harness.util import serialization
from harness.util.errors import UsageError

NO_END = "the transcript has no end"


@dataclass
class RecordedRun(Session):
    """A run whose exchanges come from its transcript.

    Attributes:
        ended: The footer, or its replacement if the transcript has none.
        not_run: The entries of the cases that the run did not select.
    """

    name: str
    header: Mapping[str, Json]
    recorded: StoredExchanges
    ended: Mapping[str, Json]
    plans: Sequence[Plan]
    packs: Sequence[Pack]
    not_run: Sequence[UnselectedData]
    answers: dict[str, Answer] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.repeat = repetitions(self.header)
        self.by_case = {plan.case.name: plan for plan in self.plans}

    def load(self) -> Sequence[Case]:
        unjudged = {*self.ended["unjudged"]}
        plans = [plan for plan in self.plans if plan.case.name not in unjudged]
        self.scripts = SharedScripts(plans)
        return [plan.case for plan in plans]

    def plan(self, case: Case) -> Plan:
        return self.by_case[case.name]

    def calibrate(self, plans: Sequence[Plan]) -> None:
        self.observe(calibrations_in(self.header), self.recorded)

    def exchanges(self, plan: Plan, turn: int) -> Exchanges:
        shots = repeat_plan(plan, turn).shots
        return {shot.id: self.recorded[shot.id] for shot in shots if shot.id in self.recorded}

    def further_exchanges(self, plan: Plan, turn: int, scripts: Sequence[Script]) -> Exchanges:
        shots = [shot.id for script in scripts for shot in script.shots]
        return {shot: self.recorded[shot] for shot in shots if shot in self.recorded}

    def release(self, plan: Plan, turn: int) -> None:
        for script in self.scripts.unused_after(plan, turn):
            for shot in script.shots:
                self.answers.pop(shot.id, None)

    def judge(self, repeated: RepeatedCase) -> CaseResult:
        return judge_again(repeated, self.ended.get("faulty", ()))

    def verdicts(self) -> Iterator[tuple[Plan, Verdict]]:
        """Yield each judged case with the plan of the repetitions that are kept."""
        return ((result.plan, result.verdict) for result in run_cases(self))

    def report(self) -> ReportData:
        """Return the report as the run would have written it, by this version of the harness."""
        faulty = self.ended.get("faulty", ())
        entries = {
            result.verdict.case.name: entry_again(result, self.packs, faulty)
            for result in run_cases(self)
        }
        judged = [*entries.values()]
        positions = {pack.id: index for index, pack in enumerate(self.packs)}
        judged.sort(key=lambda entry: positions[entry["pack"]])
        reason = self.ended["reason"]
        why = not_judged(reason)
        unjudged = [
            unselected_case(plan.case, why, self.packs)
            for name, plan in self.by_case.items()
            if name not in entries
        ]
        run = self.header["run"]
        facts: RunFacts = {
            "harness": own_version(),
            "target": run["target"],
            "selection": run["selection"],
            "command": run["command"],
            "signals": signal_data(self.signal_states),
            **({"fail_on": run["fail_on"]} if "fail_on" in run else {}),
            **end_facts(self.header["started"], self.ended),
        }
        return build_report(facts, self.packs, judged, [*self.not_run, *unjudged], self.plans)


def load_recorded(path: str, packs: Sequence[str] = (), unfinished: bool = False) -> RecordedRun:
    """Read the run of a transcript, for other versions of its packs if `packs` are given.

    Raises:
        UsageError: It is not a transcript, or it has no end and `unfinished` is not set.
    """
    header, recorded, footer, lines, requests = open_recorded(path)
    if footer is None and not unfinished:
        raise UsageError(
            f"{path}: it has no end: the run was killed, or is not over; "
            f"--unfinished judges the part that is there"
        )
    check_header(path, header)
    if footer is not None:
        check_footer(path, footer)
    try:
        target = serialization.from_json(Target, header["target"])
        plans = [serialization.from_json(Plan, each) for each in header.pop("plans")]
        packs_then = [serialization.from_json(Pack, each) for each in header["packs"]]
        not_run = header["run"]["not_selected"]
    except (serialization.DecodeError, KeyError) as error:
        raise UsageError(f"{path}: its header is invalid: {error}") from error
    check_contents(path, repetitions(header), packs_then, plans, lines)
    ended = {"requests": requests, "finished": "", "reason": NO_END}
    ended |= footer or {"unjudged": incomplete_cases(plans, recorded, repetitions(header))}
    run = RecordedRun(path, header, recorded, ended, plans, packs_then, not_run)
    return replan(run, target, packs) if packs else run


def repetitions(header: Mapping[str, Json]) -> int:
    """Return how many times each case ran."""
    return int(header.get("repeat", 1))


def replan(run: RecordedRun, target: Target, names: Sequence[str]) -> RecordedRun:
    """Return the run with other versions of its packs; cases that it did not select stay out."""
    packs = without_absent_features(load_packs(names, tuple(BY_ID)))
    for pack in packs:
        check_protocols(target, pack)
    reasons = {case_name(case): case["reason"] for case in run.not_run}
    not_run = [
        unselected_case(case, why, packs)
        for pack in packs
        for case in pack.cases
        if (why := reasons.get(case.name) or opt_in_reason(pack, case.feature, target))
    ]
    gone = set(map(case_name, not_run))
    plans = [
        plan(case, pack, target) for pack in packs for case in pack.cases if case.name not in gone
    ]
    kept = unchanged_shots(run.plans, plans, run.repeat)
    kept |= calibration_shots(calibrations_in(run.header))
    recorded = run.recorded.of_shots(kept)
    return RecordedRun(run.name, run.header, recorded, run.ended, plans, packs, not_run)


def opt_in_reason(pack: Pack, feature: str, target: Target) -> str:
    """Return why cases are not selected, or nothing."""
    selected = pack.features.get(feature) != "opt-in" or feature in target.features
    if selected:
        return ""
    return f"opt-in: --{'upstream' if feature == 'upstream' else f'feature {feature}'}"
