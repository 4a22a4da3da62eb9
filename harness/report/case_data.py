"""Builds the report data of one case from its verdict, its plan and its exchanges."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import cast

from harness.model import (
    LEVELS,
    Case,
    Exchange,
    Finding,
    Json,
    Level,
    Pack,
    Plan,
    Row,
    Verdict,
)
from harness.report.case_types import (
    CaseData,
    CaseIdentity,
    FindingData,
    SourceData,
    TierName,
    UnselectedData,
)
from harness.report.data import PackSourceData
from harness.report.shot_data import shots
from harness.report.text import replace_surrogates, truncate

OF_CLAIM = ("declared", "behaviour", "because")
ANSWER_OR_REFUSAL = "an answer or a refusal"
Exchanges = Mapping[str, Exchange]
NO_EXCHANGES: Exchanges = {}


def case_data(
    verdict: Verdict, plan: Plan, packs: Iterable[Pack] = (), exchanges: Exchanges = NO_EXCHANGES
) -> CaseData:
    """Build one of report.json's `cases`; rows come from `packs`, statuses from `exchanges`."""
    case, packs = verdict.case, tuple(packs)
    row = find_row(case, packs)
    data: CaseData = {
        **identity(case, packs),  # type: ignore[typeddict-item]
        "behaviour": case.behaviour,
        "level": case_level(plan),
        "title": row.path if row else case.row,
        "declared": row.documented_as if row else "",
        "why": case.why,
        "source": sources(case, row, packs),
        "place": str(case.place),
        "outcome": verdict.outcome,
        "evidence": verdict.evidence,
        "reason": truncate(verdict.reason or plan.skip),
        "seconds": round(verdict.seconds, 3),
        "shots": shots(verdict, plan, exchanges),
        "findings": findings(verdict, plan, exchanges),
    }
    return cast(CaseData, replace_surrogates({**data, **optional_data(verdict, plan)}))


def optional_data(verdict: Verdict, plan: Plan) -> dict[str, Json]:
    """The keys of a case that are present only if they say something."""
    data = {
        "cause": verdict.cause,
        "blocking": [asdict(blocker) for blocker in verdict.blocked_by],
        "refused": verdict.refused,
        "observes": [*dict.fromkeys(s for one in plan.assertions for s in one.observed())],
        "repeats": dict(Counter(verdict.repeats)),
        "if_failed": verdict.case.spec.get("broken", ""),
        "hint": verdict.case.spec.get("hint", ""),
        "claim": plan.claim and {key: getattr(plan.claim, key) for key in OF_CLAIM},
    }
    return {key: value for key, value in data.items() if value}


def unselected_case(case: Case, reason: str, packs: Iterable[Pack] = ()) -> UnselectedData:
    """One element of `not_selected` in report.json: a case that was not sent, and why."""
    return {**identity(case, tuple(packs)), "reason": reason}


def identity(case: Case, packs: Sequence[Pack]) -> CaseIdentity:
    """The case's ids, its feature, and whether that is core, extended or opt-in."""
    tiers = {"core": "core"} | next((dict(p.features) for p in packs if p.id == case.pack), {})
    return {
        "id": case.id,
        "pack": case.pack,
        "row": case.row,
        "also": list(case.also),
        "feature": case.feature,
        "tier": cast(TierName, tiers.get(case.feature, "extended")),
    }


def find_row(case: Case, packs: Sequence[Pack]) -> Row | None:
    """The case's row in its own pack, or in a pack that it extends."""
    own_first = sorted(packs, key=lambda pack: pack.id != case.pack)
    return next((row for pack in own_first for row in pack.rows if row.id == case.row), None)


def sources(case: Case, row: Row | None, packs: Sequence[Pack]) -> list[SourceData]:
    """The case's own `source` (`page § Simple fields`), or that of its row."""
    names = case.spec.get("source") or (row.source if row else ())
    listed = [names] if isinstance(names, str) else [*names]
    by_name = {name: source for pack in reversed(packs) for name, source in pack.sources.items()}
    return [source_data(str(name), by_name) for name in listed]


def source_data(text: str, by_name: Mapping[str, Json]) -> SourceData:
    name, mark, section = text.partition(" § ")
    source = pack_source(by_name.get(name))
    title = f"{source['title']}{mark}{section}" if source["title"] else ""
    return {"name": text, "title": title, "url": source["url"]}


def pack_source(source: Json) -> PackSourceData:
    source = source if isinstance(source, Mapping) else {}
    url = source.get("url", "")
    return {"title": str(source.get("title", "")), "url": str(url)}


def case_level(plan: Plan) -> Level:
    """The strongest level of the case's own assertions.

    Assertions that apply to every answer count only if the case has no others.
    """
    assertions = [a for a in plan.assertions if a.stage != "assume"]
    own = [a for a in assertions if a.rule not in ("schema", "shape") and a.check != "shape"]
    return min((a.level for a in own or assertions), key=LEVELS.index, default="must")


def findings(verdict: Verdict, plan: Plan, exchanges: Exchanges) -> list[FindingData]:
    """The findings; where an answer and a refusal are both permitted, with the actual status."""
    refused = {shot.id for shot in verdict.shots if shot.refused}
    permissive = {
        (assertion.rule, shot)
        for assertion in plan.assertions
        if assertion.check == "status"
        for shot in assertion.shots
        if shot in exchanges and (assertion.args == "ok-or-refused" or shot in refused)
    }
    for finding in (data := [finding_data(finding) for finding in verdict.findings]):
        if finding["holds"] and (finding["rule"], finding["shot"]) in permissive:
            finding["expected"] = ANSWER_OR_REFUSAL
            finding["got"] = str(exchanges[finding["shot"]].status)
    return data


def finding_data(finding: Finding) -> FindingData:
    data: FindingData = {
        "rule": finding.rule,
        "level": finding.level,
        "holds": finding.holds,
        "grade": finding.grade,
        "shot": finding.shot,
        "demanded": str(finding.place),
        "at": truncate(finding.at),
        "expected": truncate(finding.expected),
        "got": truncate(finding.got),
    }
    if finding.depends_on_model:
        data["depends_on_model"] = True
    if finding.others:
        data["others"] = [truncate(at) for at in finding.others]
    return data
