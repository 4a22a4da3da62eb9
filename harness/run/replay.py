"""A transcript -> its run judged again: verdicts, and the data of report.json. May not send.

With packs in their present version the cases are planned anew, for the target of the header; an
answer counts for a shot of theirs only where the very same was sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from harness.judge import judge
from harness.judge.repeats import Repeats
from harness.language.behaviours import BY_ID
from harness.load import load_packs
from harness.model import Answer, Exchange, Json, Pack, Plan, Script, Target, Verdict
from harness.plan import plan
from harness.plan.repetitions import combine_repetitions, repeat_plan
from harness.report.build import build_report
from harness.report.case_data import case_data, unselected_case
from harness.report.case_types import CaseData, UnselectedData
from harness.report.data import ReportData, RunFacts
from harness.run import transcript
from harness.run.inputs import check_protocols
from harness.run.metadata import own_version
from harness.util import serialization
from harness.util.errors import UsageError

Noun = TypeVar("Noun")


@dataclass(slots=True)
class RecordedRun:
    """A run as its transcript has it; `ended` is the footer, or what stands for it."""

    name: str
    header: Mapping[str, Json]
    exchanges: Mapping[str, Exchange]
    ended: Mapping[str, Json]
    plans: Sequence[Plan]
    packs: Sequence[Pack]
    left_out: Sequence[UnselectedData]
    read: dict[str, Answer] = field(default_factory=dict)

    def verdicts(self) -> Iterator[tuple[Plan, Verdict]]:
        """In the order of the run; what was not judged then is not judged now."""
        unjudged = set(self.ended["unjudged"])
        for each in self.plans:
            if each.case.name not in unjudged:
                yield self.judged(each)

    def judged(self, each: Plan) -> tuple[Plan, Verdict]:
        """As often as it was fired; with what its verdict shows."""
        repeats = Repeats()
        for turn in turns(self.header):
            repeats.add(judge(repeat_plan(each, turn), self.exchanges, self.read))
        verdict = repeats.verdict()
        return combine_repetitions(each, verdict.kept_repeats), verdict

    def report(self) -> ReportData:
        """As the run would have written it, by this version of the harness."""
        judged = {
            each.case.name: case_data(verdict, each, self.packs, self.exchanges)
            for each, verdict in self.verdicts()
        }
        reason = str(self.ended["reason"])
        why = f"not judged: {reason}" if reason else "not judged"
        names = {each.case.name: each.case for each in self.plans}
        unjudged = [
            unselected_case(case, why, self.packs)
            for name, case in names.items()
            if name not in judged
        ]
        run = self.header["run"]
        facts: RunFacts = {
            "harness": own_version(),
            "target": run["target"],
            "selection": run["selection"],
            "command": str(run["command"]),
            "started": str(self.header["started"]),
            "finished": str(self.ended["finished"]),
            "requests": int(self.ended["requests"]),
            "reasons": [reason] if reason else [],
            "unexpected": list(self.ended.get("unexpected", ())),
        }
        ordered = sorted(judged.values(), key=self.place)
        return build_report(facts, self.packs, ordered, [*self.left_out, *unjudged])

    def place(self, entry: CaseData) -> int:
        """A report has its packs one after the other, as they were loaded."""
        return [pack.id for pack in self.packs].index(entry["pack"])


def load_recorded(path: str, packs: Sequence[str] = (), unfinished: bool = False) -> RecordedRun:
    """Raises UsageError for what is no whole transcript, unless `unfinished` ones will do."""
    header, exchanges, footer = transcript.read(path)
    if footer is None and not unfinished:
        raise UsageError(
            f"{path}: it has no end: the run was killed, or goes on; "
            f"--unfinished judges what is there"
        )
    try:
        target = serialization.from_json(Target, header["target"])
        plans = [serialization.from_json(Plan, each) for each in header["plans"]]
        known = [serialization.from_json(Pack, each) for each in header["packs"]]
        left_out = header["run"]["not_selected"]
    except (serialization.DecodeError, KeyError) as error:
        raise UsageError(f"{path}: its header is not one of this harness: {error}") from error
    answered = {exchange.shot: exchange for exchange in exchanges}
    every = (combine_repetitions(each, turns(header)) for each in plans)
    ended = {"reason": "", "requests": len(exchanges), "finished": "", "unjudged": ()}
    ended |= footer or {"reason": "the transcript has no end", "unjudged": torn(every, answered)}
    run = RecordedRun(path, header, answered, ended, plans, known, left_out)
    return replanned(run, target, packs) if packs else run


def turns(header: Mapping[str, Json]) -> range:
    """The repetitions of each case."""
    return range(1, int(header.get("repeat", 1)) + 1)


def torn(plans: Iterable[Plan], exchanges: Mapping[str, Exchange]) -> tuple[str, ...]:
    """The cases of which not every answer was written down."""
    return tuple(
        each.case.name for each in plans if any(shot.id not in exchanges for shot in each.shots)
    )


def replanned(run: RecordedRun, target: Target, names: Sequence[str]) -> RecordedRun:
    """The run before other versions of its packs. What the run left out is left out here too."""
    packs = load_packs(names, tuple(BY_ID))
    for pack in packs:
        check_protocols(target, pack)
    reasons = {f"{one['pack']}/{one['id']}": str(one["reason"]) for one in run.left_out}
    left_out = [
        unselected_case(case, why, packs)
        for pack in packs
        for case in pack.cases
        if (why := reasons.get(case.name) or unasked(pack, case.feature, target))
    ]
    gone = {f"{one['pack']}/{one['id']}" for one in left_out}
    plans = [
        plan(case, pack, target) for pack in packs for case in pack.cases if case.name not in gone
    ]
    before = {script.id: script for each in run.plans for script in each.scripts}
    scripts = {script.id: script for each in plans for script in each.scripts}
    same = {shot for made in scripts.values() for shot in answered(made, before.get(made.id))}
    kept = {
        shot.id
        for each in plans
        for turn in turns(run.header)
        for first, shot in zip(each.shots, repeat_plan(each, turn).shots, strict=True)
        if first.id in same
    }
    exchanges = {shot: one for shot, one in run.exchanges.items() if shot in kept}
    return RecordedRun(run.name, run.header, exchanges, run.ended, plans, packs, left_out)


def unasked(pack: Pack, feature: str, target: Target) -> str:
    tier = pack.features.get(feature, "core")
    asked = tier != "opt-in" or feature in target.features
    return "" if asked else f"opt-in: --feature {feature}"


def answered(now: Script, before: Script | None) -> Iterator[str]:
    """The shots for which an answer was recorded: up to the first that was sent otherwise."""
    for old, new in zip(before.shots if before else (), now.shots, strict=False):
        if (old.call, old.mode) != (new.call, new.mode):
            return
        yield new.id
        if dict(old.capture) != dict(new.capture):
            return
