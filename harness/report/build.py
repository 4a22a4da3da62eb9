"""Builds the data of report.json from judged cases, packs and the facts of a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import cast

from harness.model import OUTCOMES, Json, Pack, Plan
from harness.report.blocked import link_blocked
from harness.report.case_data import pack_source
from harness.report.case_types import CaseData, UnselectedData
from harness.report.causes.faults import find_faults
from harness.report.credit import scope
from harness.report.data import (
    FORMAT,
    PackData,
    ReportData,
    Result,
    RunFacts,
    TargetData,
    Totals,
)
from harness.report.faults import find_observations
from harness.report.fields import field_table
from harness.report.profiles import profiles
from harness.report.signals import link_signals
from harness.report.text import replace_surrogates

# The keys in the order of the file.
ORDER = tuple(ReportData.__annotations__)


def build_report(
    facts: RunFacts,
    packs: Sequence[Pack],
    cases: Sequence[CaseData],
    unselected: Sequence[UnselectedData] = (),
    plans: Iterable[Plan] = (),
) -> ReportData:
    """Builds all of report.json from the cases, in the order of the packs, and their plans."""
    fields = field_table(packs, cases, unselected)
    known, linked = fact_data(facts), link_blocked(cases)
    protocols = {pack.id: pack.protocol for pack in packs}
    report = {
        "format": FORMAT,
        **known,
        "signals": link_signals(known["signals"], cases, protocols),
        "packs": [pack_data(pack) for pack in packs],
        "result": run_result(cases, unselected, facts.get("transport", {})),
        "profiles": profiles(packs, cases, unselected),
        "totals": count_outcomes(cases),
        "scope": scope(fields),
        "faults": find_faults(linked, plans, fields),
        "observations": find_observations(cases),
        "fields": fields,
        "not_selected": list(unselected),
        "cases": linked,
    }
    clean = {key: replace_surrogates(report[key]) for key in report if key != "cases"}
    whole = {**clean, "cases": linked}  # the data of each case are clean already
    return cast(ReportData, {key: whole[key] for key in ORDER if key in whole})


def fact_data(facts: RunFacts) -> RunFacts:
    """The facts as the report has them; missing facts become empty."""
    return {
        "harness": "",
        "command": "",
        "started": "",
        "finished": "",
        "requests": 0,
        **facts,
        "target": target_data(facts.get("target", {})),
        "selection": dict(facts.get("selection") or {}) or None,
        "reasons": list(facts.get("reasons", ())),
        "unexpected": list(facts.get("unexpected", ())),
        "signals": list(facts.get("signals", ())),
    }


def target_data(facts: Mapping[str, Json]) -> TargetData:
    """The target's part of the report; missing facts become empty texts."""
    data: TargetData = {
        "name": str(facts.get("name", "")),
        "base_url": str(facts.get("base_url", "")),
        "model": str(facts.get("model", "")),
        "fronts": list(facts.get("fronts", ())),
    }
    if facts.get("version"):
        data["version"] = str(facts["version"])
    if facts.get("key_env"):
        data["key_env"] = str(facts["key_env"])
    if facts.get("insecure"):
        data["insecure"] = True
    return data


def pack_data(pack: Pack) -> PackData:
    return {
        "id": pack.id,
        "version": pack.version,
        "digest": pack.digest,
        "title": pack.title,
        "extends": list(pack.extends),
        "sources": {name: pack_source(source) for name, source in pack.sources.items()},
    }


def count_outcomes(cases: Iterable[CaseData]) -> Totals:
    """The number of cases with each outcome."""
    outcomes = [case["outcome"] for case in cases]
    return {outcome: outcomes.count(outcome) for outcome in OUTCOMES}


def run_result(
    cases: Sequence[CaseData],
    unselected: Sequence[UnselectedData],
    transport: Mapping[str, Json] = MappingProxyType({}),
) -> Result:
    """The result of a run: a fail counts in any case, a gap only in a core case.

    A fault of the target's transport counts as a fail.
    """
    if any(case["outcome"] == "fail" for case in cases) or transport.get("fault"):
        return "non-conformant"
    core = [case for case in cases if case["tier"] == "core"]
    without_verdict = any(case["outcome"] in ("skip", "inconclusive") for case in core)
    claimed = any(f["rule"] == "claim.deviates" for case in core for f in case["findings"])
    missing = any(case["tier"] == "core" for case in unselected)
    incomplete = without_verdict or claimed or missing or not cases
    return "partial" if incomplete else "conformant"
