"""The data of report.json of a live run, and the facts with which its transcript begins."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from harness.load.deviations import load_baseline
from harness.load.pack_folders import shipped_packs
from harness.model import Pack, Target
from harness.model.options import Options
from harness.report.baseline import Baseline
from harness.report.build import build_report as build
from harness.report.case_data import unselected_case
from harness.report.case_types import CaseData, UnselectedData
from harness.report.data import ReportData, RunFacts
from harness.run.metadata import own_version, target_facts


@dataclass(frozen=True, slots=True)
class RunInfo:
    """What the caller knows about a run.

    Attributes:
        command: The command that repeats the run.
        selection: How the cases were selected; empty for all of them.
        reasons: Why a case is not in the run, by its full name.
    """

    command: str = ""
    selection: Mapping[str, Any] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunEnd:
    """How a run ended. Times are ISO 8601; `reason` is empty unless it ended early."""

    started: str
    requests: int
    reason: str = ""
    unexpected: Sequence[str] = ()


def run_facts(
    target: Target, packs: Iterable[Pack], redact: Callable[[str], str], info: RunInfo
) -> RunFacts:
    """Return what is known before anything is judged."""
    return {
        "harness": own_version(),
        "target": target_facts(target, packs, redact),
        "selection": dict(info.selection),
        "command": redact(info.command),
    }


def not_selected(
    packs: Sequence[Pack], judged: Collection[str], info: RunInfo, otherwise: str
) -> list[UnselectedData]:
    """Return the entries of the cases that were not judged, each with its reason."""
    cases = [case for pack in packs for case in pack.cases if case.name not in judged]
    return [unselected_case(case, info.reasons.get(case.name, otherwise), packs) for case in cases]


def build_report(
    facts: RunFacts,
    packs: Sequence[Pack],
    entries: Mapping[str, CaseData],
    info: RunInfo,
    end: RunEnd,
    baseline: tuple[str, Baseline] | None = None,
) -> ReportData:
    """Return the data of report.json. `baseline` is its file and its content."""
    run: RunFacts = {
        **facts,
        "started": end.started,
        "finished": now(),
        "requests": end.requests,
        "reasons": [end.reason] if end.reason else [],
        "unexpected": end.unexpected,
    }
    names = [case.name for pack in packs for case in pack.cases]
    judged = [entries[name] for name in names if name in entries]
    otherwise = f"not judged: {end.reason}" if end.reason else "deselected"
    others = not_selected(packs, entries, info, otherwise)
    if baseline:
        file, accepted = baseline
        run["baseline"] = {"file": file, "told": accepted.messages(judged, others, shipped_packs())}
    return build(run, packs, judged, others)


def read_baseline(options: Options, started: str) -> Baseline | None:
    """Return the accepted deviations of --baseline. Raises FileProblems."""
    if not options.baseline:
        return None
    return Baseline(load_baseline(options.baseline), started[:10], options.fail_on)


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
