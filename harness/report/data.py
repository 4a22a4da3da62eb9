"""Verdicts, packs, a run's facts -> the data of report.json. May not read or write anything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypedDict

from harness.model import OUTCOMES, Json, Pack
from harness.report.entries import Entry, case_entry, not_selected, pack_entry
from harness.report.faults import faults, observations
from harness.report.fields import fields
from harness.report.json_file import FORMAT
from harness.report.profiles import profiles
from harness.report.text import writable


class Run(TypedDict, total=False):
    """The facts of a run. Times are ISO 8601; `reasons` say why it ended early or not at exit 0.

    `unexpected`: what reached the provider and belongs to no request of ours.
    """

    harness: str
    target: Mapping[str, Json]
    selection: Mapping[str, Json] | None
    command: str
    started: str
    finished: str
    requests: int
    reasons: Sequence[str]
    unexpected: Sequence[str]
    baseline: Mapping[str, Json]


def build(
    run: Run, packs: Sequence[Pack], cases: Sequence[Entry], left_out: Sequence[Entry] = ()
) -> dict[str, Any]:
    """All of report.json, from `case_entry` and `not_selected` entries in item order."""
    report = {
        "format": FORMAT,
        "harness": run.get("harness", ""),
        "target": target(run.get("target", {})),
        "packs": [pack_entry(pack) for pack in packs],
        "selection": dict(run.get("selection") or {}) or None,
        "command": run.get("command", ""),
        "started": run.get("started", ""),
        "finished": run.get("finished", ""),
        "result": result(cases, left_out),
        "profiles": profiles(packs, cases, left_out),
        "reasons": list(run.get("reasons", ())),
        "totals": totals(cases),
        "requests": run.get("requests", 0),
        "unexpected": list(run.get("unexpected", ())),
        "faults": faults(cases),
        "observations": observations(cases),
        "fields": fields(packs, cases, left_out),
        "not_selected": list(left_out),
        "cases": list(cases),
        **({"baseline": dict(run["baseline"])} if "baseline" in run else {}),
    }
    return {key: writable(value) for key, value in report.items()}


def target(known: Mapping[str, Json]) -> Entry:
    named = {key: str(known.get(key, "")) for key in ("name", "base_url", "model")}
    return {**named, "fronts": list(known.get("fronts", ()))}


def totals(cases: Iterable[Entry]) -> dict[str, int]:
    seen = [case["outcome"] for case in cases]
    return {outcome: seen.count(outcome) for outcome in OUTCOMES}


def result(cases: Sequence[Entry], left_out: Sequence[Entry]) -> str:
    """A fail counts wherever it is; what the target did not show counts where it is core."""
    if any(case["outcome"] == "fail" for case in cases):
        return "non-conformant"
    core = [case for case in cases if case["tier"] == "core"]
    unshown = any(case["outcome"] in ("skip", "inconclusive") for case in core)
    claimed = any(f["rule"] == "claim.deviates" for case in core for f in case["findings"])
    missing = any(case["tier"] == "core" for case in left_out)
    return "partial" if unshown or claimed or missing or not cases else "conformant"


__all__ = ["FORMAT", "Run", "build", "case_entry", "not_selected", "result", "totals"]
