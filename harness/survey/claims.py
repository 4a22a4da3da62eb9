"""Turns a survey into files that `harness run` checks: target, claims and baseline.

The pack that describes the target best is chosen. Where the target differs from it, a claim states
how, if a second run of the cases shows that the claim holds; the rest goes into a baseline.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from harness.load.absent_features import lineage, without_absent_features
from harness.model import Case, Claim, Pack, Place
from harness.plan import plan
from harness.plan.claims import main_behaviour
from harness.report.baseline import baseline_of
from harness.report.case_types import CaseData
from harness.report.text import one_line, plural
from harness.run import load_session
from harness.survey.check_files import claims_text, target_text
from harness.survey.kinds import Kind
from harness.survey.outputs import BASELINE, CLAIMS, TARGET, remove_files, write_files
from harness.survey.session import SurveySession, complete
from harness.survey.table import SurveyData, SurveyRow
from harness.util.errors import FileProblems

# What can be claimed about a field with a status, the likeliest first.
CLAIMABLE: Final[Mapping[Kind, tuple[str, ...]]] = {
    "ignored": ("ignored",),
    "accepted": ("ignored", "supported"),
    "refused_by_name": ("rejected",),
    "refused": ("rejected",),
    "supported": ("supported",),
    "always_empty": ("always_empty",),
}


def write_checks(out: Path, session: SurveySession, survey: SurveyData) -> list[str]:
    """Write target.yaml and, where they are needed, claims.yaml and baseline.yaml.

    Files of an earlier survey are removed first. After an incomplete survey nothing is written.

    Returns:
        The names of the written files.
    """
    remove_files(out, (TARGET, CLAIMS, BASELINE))
    if survey["incomplete"]:
        return []
    pack, packs = best_pack(session)
    entries = {n: e for n, e in session.entries.items() if n in {c.name for c in cases_of(packs)}}
    claims = proposals(packs, entries, survey["rows"], session)
    confirmed, judged = confirm(out, session, pack, claims)
    cases = [judged.get(name, entry) for name, entry in entries.items()]
    texts = {TARGET: target_text(session, pack)}
    if confirmed:
        texts[CLAIMS] = claims_text(confirmed)
    if any(case["outcome"] == "fail" for case in cases):
        texts[BASELINE] = baseline_of(cases, session.started[:10])
    write_files(out, texts)
    return [*texts]


def cases_of(packs: Iterable[Pack]) -> list[Case]:
    return [case for pack in packs for case in pack.cases]


def best_pack(session: SurveySession) -> tuple[Pack, list[Pack]]:
    """Return the pack of whose cases the smallest part fails, and the packs of its run."""
    choices = []
    for pack in session.packs.values():
        family = [session.packs[name] for name in lineage(pack, session.packs)]
        run = without_absent_features(family)
        sent = [session.entries[c.name] for c in cases_of(run) if c.name in session.entries]
        failed = sum(entry["outcome"] == "fail" for entry in sent)
        choices.append((failed / max(1, len(sent)), -len(sent), pack, run))
    _, _, pack, run = min(choices, key=lambda choice: choice[:2])
    return pack, run


def proposals(
    packs: Sequence[Pack],
    entries: Mapping[str, CaseData],
    rows: Sequence[SurveyRow],
    session: SurveySession,
) -> dict[str, Claim]:
    """Return a claim for each row with a failed case that a claim can change, by PACK/ROW."""
    claims: dict[str, Claim] = {}
    by_id = {pack.id: pack for pack in packs}
    for case in cases_of(packs):
        entry = entries.get(case.name)
        if entry and entry["outcome"] == "fail":
            name = f"{case.pack}/{case.row}"
            row = next((row for row in rows if entry_is_in(case.name, row)), None)
            claim = row and claim_for_case(case, by_id[case.pack], row, session)
            if claim and name not in claims:
                claims[name] = claim
    return claims


def entry_is_in(case: str, row: SurveyRow) -> bool:
    return case in row["cases"] or any(shot["id"].startswith(f"{case}/") for shot in row["shots"])


def claim_for_case(case: Case, pack: Pack, row: SurveyRow, session: SurveySession) -> Claim | None:
    """Return the claim that a case can be planned with, or None."""
    if case.behaviour != main_behaviour(case, pack):
        return None
    for behaviour in CLAIMABLE.get(row["kind"], ()):
        why = one_line(f"Seen by a survey on {session.started[:10]}: {row['status']}", 200)
        claim = Claim(f"{case.pack}/{case.row}", behaviour, why, Place(CLAIMS, 1))
        try:
            plan(case, pack, replace(session.target, deviations=(claim,)))
        except FileProblems:
            continue
        return claim if behaviour != case.behaviour else None
    return None


def confirm(
    out: Path, session: SurveySession, pack: Pack, claims: Mapping[str, Claim]
) -> tuple[dict[str, Claim], dict[str, CaseData]]:
    """Judge the claims on the target; return those that hold, and the entries of their cases.

    A claim of which no case is decided does not hold.
    """
    entries = judge_again(out, session, pack, claims) if claims else {}
    by_row: dict[str, list[CaseData]] = {}
    for entry in entries.values():
        by_row.setdefault(f"{entry['pack']}/{entry['row']}", []).append(entry)
    confirmed = {name: claim for name, claim in claims.items() if is_true(by_row.get(name, ()))}
    judged = {n: e for n, e in entries.items() if f"{e['pack']}/{e['row']}" in confirmed}
    return confirmed, judged


def is_true(cases: Sequence[CaseData]) -> bool:
    """Whether a case with a claim passes, and none shows that the claim is untrue."""
    untrue = any(f["rule"] == "claim.untrue" for case in cases for f in case["findings"])
    return not untrue and any(case["outcome"] in ("pass", "warn") for case in cases)


def judge_again(
    out: Path, session: SurveySession, pack: Pack, claims: Mapping[str, Claim]
) -> Mapping[str, CaseData]:
    """Send the cases with claims once more. Raises KeyboardInterrupt if the user interrupts it."""
    options = replace(
        session.options, packs=(pack.folder,), claims=str(out / CLAIMS), cases=(), out=""
    )
    write_files(out, {CLAIMS: claims_text(claims)})
    try:
        again = load_session(options, may_send=True)
    finally:
        remove_files(out, (CLAIMS,))
    again.cases = [
        case
        for case in cases_of(again.packs.values())
        if f"{case.pack}/{case.row}" in claims and case.name in session.entries
    ]
    again.announce = session.announce
    session.announce(f"\n{plural(len(claims), 'deviation')} to confirm:")
    if not complete(again):
        raise KeyboardInterrupt
    return again.entries
