"""The result of a run in one to three sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from harness.report import labels
from harness.report.case_types import CaseData
from harness.report.credit import scope
from harness.report.data import ReportData
from harness.report.faults import case_name
from harness.report.text import plural

MAX_FLAKY: Final = 5
SCOPE: Final = {
    "shown": "shown by their effect",
    "shape": "by their shape",
    "accepted": "only accepted",
    "failed": "failed",
    "refused": "refused, which is permitted",
}


def headline(report: ReportData) -> str:
    """`acme is non-conformant to openai-compat 1.0.0`."""
    packs = join_words(subject(report)) or "nothing"
    result = labels.RESULTS[result_key(report)]
    return f"{target_label(report)} is {result.phrase} {result.preposition} {packs}"


def target_label(report: ReportData) -> str:
    """`acme 2.1`: the name of the target, with its version if the user gave one."""
    return " ".join(filter(None, (report["target"]["name"], report["target"].get("version"))))


def result_key(report: ReportData) -> str:
    """The result, or `untested` for a partial one where nothing was found to be lacking.

    That a part of the core cases was not run or not decided does not say that the target
    conforms to the other part only.
    """
    if report["result"] != "partial":
        return report["result"]
    core = [case for case in report["cases"] if case["tier"] == "core"]
    left_out = any(case["tier"] == "core" for case in report["not_selected"])
    lacking = any(
        case["outcome"] == "skip" or any(f["rule"] == "claim.deviates" for f in case["findings"])
        for case in core
    )
    return "partial" if lacking and not left_out and not report["reasons"] else "untested"


def subject(report: ReportData) -> list[str]:
    """`openai-compat 1.0.0`, without the packs that it extends."""
    extended = extended_packs(report)
    own = [pack for pack in report["packs"] if pack["id"] not in extended]
    return [f"{pack['id']} {pack['version']}" for pack in own]


def extended_packs(report: ReportData) -> set[str]:
    return {parent for pack in report["packs"] for parent in pack["extends"]}


def join_words(words: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def known_cases(report: ReportData) -> list[CaseData]:
    """The cases whose failures are all in the baseline."""
    return [case for case in report["cases"] if is_known(case)]


def evidence_counts(report: ReportData) -> dict[str, int]:
    """The number of decided cases for each grade, the weakest first."""
    grades = Counter(
        case["evidence"]
        for case in report["cases"]
        if case["outcome"] not in ("skip", "inconclusive")
    )
    return {grade: grades[grade] for grade in labels.EVIDENCE if grades[grade]}  # type: ignore[index]


def is_known(case: CaseData) -> bool:
    """Whether the baseline covers every failure of the case."""
    return "known" in case and case["known"]["whole"]


def summary_sentences(report: ReportData) -> str:
    """How much failed and why, and what limits the result."""
    smoke = (report["selection"] or {}).get("smoke")
    subset = [f"Only the smoke subset was run: {smoke}."] if smoke else []
    parts = [result_sentence(report), *subset, scope_sentence(report), *flaky_sentence(report)]
    return " ".join(filter(None, parts))


def scope_sentence(report: ReportData) -> str:
    """How many rows were examined, and what the evidence for them is."""
    counts = scope(report["fields"])
    if not counts["rows"]:
        return ""
    parts = [f"{counts[key]:,} {words}" for key, words in SCOPE.items() if counts[key]]  # type: ignore[literal-required]
    shown = f": {join_words(parts)}" if parts else ""
    return f"Examined {examined_rows(report)}{shown}."


def examined_rows(report: ReportData) -> str:
    """`167 of 179 rows`; empty if the report has no rows."""
    counts = scope(report["fields"])
    examined = counts["rows"] - counts["not_examined"]
    return f"{examined:,} of {plural(counts['rows'], 'row')}" if counts["rows"] else ""


def result_sentence(report: ReportData) -> str:
    if report["result"] == "non-conformant":
        return failure_sentences(report)
    cases = plural(len(report["cases"]), "case")
    if report["result"] == "conformant":
        return f"Nothing failed in {cases}, and every core case was run."
    core = [case["outcome"] for case in report["cases"] if case["tier"] == "core"]
    gaps = {
        "skipped": core.count("skip"),
        "inconclusive": core.count("inconclusive"),
        "not run": sum(case["tier"] == "core" for case in report["not_selected"]),
    }
    counts = ", ".join(f"{number} {gap}" for gap, number in gaps.items() if number)
    why = f"of the core cases: {counts}" if counts else "a core case has a declared deviation"
    return f"Nothing failed in {cases}, but not everything was shown; {why}."


def inconclusive_lines(report: ReportData) -> list[str]:
    """A line that says that inconclusive cases do not fail the run, if there are any."""
    if not report["totals"]["inconclusive"]:
        return []
    return ["Inconclusive cases fail the run only with --fail-on inconclusive."]


def failure_sentences(report: ReportData) -> str:
    known = sum(case["outcome"] == "fail" for case in known_cases(report))
    covered = f", {known} of them covered by the baseline" if known else ""
    total, cases = report["totals"]["fail"], plural(len(report["cases"]), "case")
    sentence = f"{total} of {cases} {'fails' if total == 1 else 'fail'}{covered}."
    musts = [fault for fault in report["faults"] if fault["level"] == "must"]
    if not musts:
        return sentence
    if len(musts) > total:
        return f"{sentence} {plural(len(musts), 'requirement is', 'requirements are')} violated."
    sentence += f" {plural(len(musts), 'fault causes', 'faults cause')} this"
    if musts[0]["clears"] < 2:
        return f"{sentence}."
    return f"{sentence}; fixing the first one alone would clear {musts[0]['clears']} of them."


def flaky_sentence(report: ReportData) -> list[str]:
    """The cases whose repetitions had different outcomes, if there are any."""
    flaky = [case for case in report["cases"] if len(case.get("repeats", ())) > 1]
    if not flaky:
        return []
    named = [f"{case_name(case)} ({count_repeats(case['repeats'])})" for case in flaky[:MAX_FLAKY]]
    more = [f"{len(flaky) - MAX_FLAKY} more"] if len(flaky) > MAX_FLAKY else []
    return [f"{plural(len(flaky), 'case is', 'cases are')} flaky: {join_words([*named, *more])}."]


def count_repeats(repeats: Mapping[str, int]) -> str:
    """`fail 3 of 5, pass 2 of 5`."""
    total = sum(repeats.values())
    outcomes = [outcome for outcome in labels.OUTCOMES if outcome in repeats]
    return ", ".join(f"{outcome} {repeats[outcome]} of {total}" for outcome in outcomes)
