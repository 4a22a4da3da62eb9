"""Verdict, Plan, packs -> a case's entry in report.json. May not judge: it only tells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from harness.model import (
    LEVELS,
    Case,
    Claim,
    Exchange,
    Finding,
    Json,
    Level,
    Pack,
    Plan,
    Row,
    ShotResult,
    Verdict,
)
from harness.report.text import cut, kept, writable

EITHER = "an answer or a refusal"
Entry = dict[str, Any]
Exchanges = Mapping[str, Exchange]
NONE: Exchanges = {}


def case_entry(
    verdict: Verdict, plan: Plan, packs: Iterable[Pack] = (), exchanges: Exchanges = NONE
) -> Entry:
    """One of report.json's `cases[]`.

    With `packs` it also tells what the document says, with `exchanges` each shot's HTTP status.
    """
    case, known = verdict.case, tuple(packs)
    row = row_of(case, known)
    entry: Entry = {
        **identity(case, known),
        "behaviour": case.behaviour,
        "level": level_of(plan),
        "title": row.path if row else case.row,
        "declared": row.documented_as if row else "",
        "why": case.why,
        "source": sources(case, row, known),
        "place": str(case.place),
        "outcome": verdict.outcome,
        "evidence": verdict.evidence,
        **({"cause": verdict.cause} if verdict.cause else {}),
        **({"repeats": dict(Counter(verdict.repeats))} if verdict.repeats else {}),
        "reason": cut(verdict.reason or plan.skip),
        "seconds": round(verdict.seconds, 3),
        **({"claim": claim_entry(plan.claim)} if plan.claim else {}),
        "shots": shots(verdict, plan, exchanges),
        "findings": findings(verdict, plan, exchanges),
    }
    return {key: writable(value) for key, value in entry.items()}


def claim_entry(claim: Claim) -> Entry:
    return {key: getattr(claim, key) for key in ("declared", "behaviour", "because")}


def not_selected(case: Case, reason: str, packs: Iterable[Pack] = ()) -> Entry:
    """One of report.json's `not_selected[]`: a case that was not fired, and why."""
    return {**identity(case, tuple(packs)), "reason": reason}


def identity(case: Case, packs: Sequence[Pack]) -> Entry:
    """Which case it is, and whether its feature is core, extended or opt-in."""
    tiers = next((pack.features for pack in packs if pack.id == case.pack), {})
    usual = "core" if case.feature == "core" else "extended"
    return {
        "id": case.id,
        "pack": case.pack,
        "row": case.row,
        "also": list(case.also),
        "feature": case.feature,
        "tier": tiers.get(case.feature, usual),
    }


def row_of(case: Case, packs: Sequence[Pack]) -> Row | None:
    """The case's row in its own pack, or in one that this pack builds on."""
    own_first = sorted(packs, key=lambda pack: pack.id != case.pack)
    return next((row for pack in own_first for row in pack.rows if row.id == case.row), None)


def sources(case: Case, row: Row | None, packs: Sequence[Pack]) -> list[dict[str, str]]:
    """Where the promise is written: what the case names (`page § Simple fields`), else its row."""
    written = case.spec.get("source") or (row.source if row else ())
    names = [written] if isinstance(written, str) else list(written)
    known = {name: about for pack in reversed(packs) for name, about in pack.sources.items()}
    return [named_source(str(name), known) for name in names]


def named_source(written: str, known: Mapping[str, Json]) -> dict[str, str]:
    name, mark, section = written.partition(" § ")
    found = source_of(known.get(name))
    title = f"{found['title']}{mark}{section}" if found["title"] else ""
    return {"name": written, "title": title, "url": found["url"]}


def source_of(about: Json) -> dict[str, str]:
    about = about if isinstance(about, Mapping) else {}
    where = about.get("url") or about.get("file") or ""
    return {"title": str(about.get("title", "")), "url": str(where)}


def level_of(plan: Plan) -> Level:
    """The strongest level of what the case itself demands; laws owed by every answer count last."""
    asked = [d for d in plan.assertions if d.stage != "assume"]
    own = [d for d in asked if d.rule not in ("schema", "shape") and d.check != "shape"]
    return min((d.level for d in own or asked), key=LEVELS.index, default="must")


def shots(verdict: Verdict, plan: Plan, exchanges: Exchanges) -> list[Entry]:
    compared = {shot for assertion in plan.assertions for shot in assertion.against}
    compared |= {shot for d in plan.assertions if d.stage == "assume" for shot in d.shots}
    judged = {shot for d in plan.assertions if d.stage == "rest" for shot in d.shots}
    return [
        shot_entry(shot, shot.id in compared - judged, exchanges.get(shot.id))
        for shot in verdict.shots
    ]


def shot_entry(shot: ShotResult, control: bool, exchange: Exchange | None) -> Entry:
    return {
        "id": shot.id,
        "step": shot.step,
        "mode": shot.mode,
        "tag": shot.tag,
        "value": kept(shot.value),
        "outcome": shot.outcome,
        "evidence": shot.evidence,
        "seconds": round(shot.seconds, 3),
        **({"repeat": shot.turn} if shot.turn > 1 else {}),
        "control": control,
        "status": exchange.status if exchange else None,
    }


def findings(verdict: Verdict, plan: Plan, exchanges: Exchanges) -> list[Entry]:
    """Where a document allows an answer or a refusal, the finding also says which it was."""
    allowed = {
        (assertion.rule, shot)
        for assertion in plan.assertions
        if assertion.check == "status" and assertion.args == "ok-or-refused"
        for shot in assertion.shots
        if shot in exchanges
    }
    entries = [finding_entry(finding) for finding in verdict.findings]
    for entry in entries:
        if entry["holds"] and (entry["rule"], entry["shot"]) in allowed:
            entry["expected"] = EITHER
            entry["got"] = str(exchanges[entry["shot"]].status)
    return entries


def finding_entry(finding: Finding) -> Entry:
    return {
        "rule": finding.rule,
        "level": finding.level,
        "holds": finding.holds,
        "grade": finding.grade,
        "shot": finding.shot,
        "demanded": str(finding.place),
        "at": cut(finding.at),
        "expected": cut(finding.expected),
        "got": cut(finding.got),
    }


def pack_entry(pack: Pack) -> Entry:
    return {
        "id": pack.id,
        "version": pack.version,
        "digest": pack.digest,
        "title": pack.title,
        "extends": list(pack.extends),
        "sources": {name: source_of(about) for name, about in pack.sources.items()},
    }
