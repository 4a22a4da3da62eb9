"""The data of report.json -> what the page's templates lay out. May not write HTML or decide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from harness.report import flaky, rules, smoked, words
from harness.report.faults import name
from harness.report.observed import status, told
from harness.report.text import compact, plural

Data = dict[str, Any]


def summary(report: Data) -> Data:
    """Everything the top of the page shows."""
    rows = report["fields"]
    return {
        "report": report,
        "result": words.RESULTS[report["result"]],
        "subject": words.listed(words.subject(report)),
        "packs": [pack for group in words.packs(report) for pack in group],
        "lede": lede(report),
        "facts": facts(report),
        "faults": [fault(one, len(report["cases"])) for one in report["faults"]],
        "observations": [observation(one) for one in report["observations"]],
        "groups": groups(rows),
        "row_counts": counts(rows, words.ALL),
        "case_counts": counts(report["cases"], words.OUTCOMES),
        "untested": untested(report),
        "known": known(report),
    }


def lede(report: Data) -> str:
    """One or two sentences: how much, and because of what."""
    return " ".join([said(report), *smoked.told(report), *flaky.told(report)])


def said(report: Data) -> str:
    total, cases = report["totals"], len(report["cases"])
    if report["result"] == "non-conformant":
        accepted = sum(case["outcome"] == "fail" for case in known(report))
        but = f", {accepted} of them as the baseline knows" if accepted else ""
        said = f"{total['fail']} of {plural(cases, 'case')} fail{but}."
        return " ".join([said, *causes(report)])
    if report["result"] == "conformant":
        weak = sum(row["evidence"] == "accepted" for row in report["fields"])
        more = f" Of {plural(weak, 'row')} only acceptance could be seen." if weak else ""
        return f"Nothing failed in {plural(cases, 'case')}, and every core case was run.{more}"
    core = [case for case in report["cases"] if case["tier"] == "core"]
    gaps = [
        (sum(case["outcome"] == "skip" for case in core), "skipped"),
        (sum(case["outcome"] == "inconclusive" for case in core), "inconclusive"),
        (sum(case["tier"] == "core" for case in report["not_selected"]), "not run"),
    ]
    named = ", ".join(f"{number} {gap}" for number, gap in gaps if number)
    why = f"of the core cases: {named}" if named else "a claimed deviation stands in a core case"
    return f"Nothing failed in {plural(cases, 'case')}, but not everything was shown; {why}."


def known(report: Data) -> list[Data]:
    """The cases of which the baseline knows all that is wrong."""
    return [case for case in report["cases"] if case.get("known", {}).get("whole")]


def causes(report: Data) -> list[str]:
    musts = [fault for fault in report["faults"] if fault["level"] == "must"]
    if not musts:
        return []
    first = musts[0]
    behind = f"{plural(len(musts), 'fault is', 'faults are')} behind that"
    if first["alone"] < 2:
        return [f"{behind}."]
    return [f"{behind}; mending the first alone would clear {first['alone']} of them."]


def grades(report: Data) -> str:
    """How many verdicts rest on which evidence, the weakest first."""
    seen = Counter(case["evidence"] for case in report["cases"] if case["outcome"] != "skip")
    return ", ".join(f"{seen[grade]} {grade}" for grade in words.EVIDENCE if seen[grade])


def facts(report: Data) -> list[tuple[str, str]]:
    target = report["target"]
    fronts = target.get("fronts", ())
    where = [(f"Base URL, {front['protocol']}", front["base_url"]) for front in fronts]
    listed = [
        *(where if len(where) > 1 else [("Base URL", target["base_url"])]),
        ("Model", target["model"]),
        ("Started", moment(report["started"])),
        ("Took", took(report["started"], report["finished"])),
        ("Requests", f"{report['requests']:,}"),
        ("Verdicts rest on", grades(report)),
        ("Reached the provider unasked", "; ".join(report.get("unexpected", ()))),
        ("Harness", report["harness"]),
    ]
    return [(label, value) for label, value in listed if value]


def moment(text: str) -> str:
    try:
        return datetime.fromisoformat(text).strftime("%Y-%m-%d %H:%M:%S %Z").strip()
    except ValueError:
        return text


def took(started: str, finished: str) -> str:
    try:
        span = datetime.fromisoformat(finished) - datetime.fromisoformat(started)
    except (ValueError, TypeError):
        return ""
    seconds = span.total_seconds()
    if seconds < 60:
        return f"{seconds:.1f} s"
    return f"{int(seconds // 60)} min {int(seconds % 60)} s"


def fault(one: Data, cases: int) -> Data:
    """With `share`, 0 to 100: how much of the run it touches."""
    pairs = [told({**one, "got": got}) for got in one["got"]]
    return {
        **one,
        "says": rules.says(one["rule"]),
        "where": place(one),
        "expected": pairs[0][0],
        "got": list(dict.fromkeys(got for _, got in pairs if got)),
        "share": max(1, round(100 * len(one["cases"]) / max(cases, 1))),
    }


def place(finding: Data) -> str:
    """Where it is in the answer, unless the rule's sentence has said so."""
    return "" if finding["at"] in ("status", "transport", finding["rule"]) else str(finding["at"])


def groups(rows: Iterable[Data]) -> list[Data]:
    """The matrix by pack and location, in the order of the rows; `twins` are paths of several."""
    found: dict[tuple[str, str], list[Data]] = {}
    for row in rows:
        found.setdefault((row["pack"], row["location"]), []).append(row)
    return [
        {
            "pack": pack,
            "location": where,
            "title": words.location(where),
            "rows": members,
            "twins": {
                path for path, many in Counter(r["path"] for r in members).items() if many > 1
            },
        }
        for (pack, where), members in found.items()
    ]


def counts(items: Iterable[Data], names: Mapping[str, Any]) -> list[tuple[str, int]]:
    seen = [item["outcome"] for item in items]
    return [(outcome, seen.count(outcome)) for outcome in names]


def untested(report: Data) -> list[tuple[str, list[Data]]]:
    """What says nothing about the target, and why: cases without a verdict, rows without a test."""
    ran, rows = report["cases"], report["fields"]
    gaps = {
        "inconclusive": [case for case in ran if case["outcome"] == "inconclusive"],
        "skip": [case for case in ran if case["outcome"] == "skip"],
        "not-selected": report["not_selected"],
        "not-testable": [row for row in rows if row["outcome"] == "not-testable"],
    }
    return [(kind, because(items)) for kind, items in gaps.items() if items]


def because(items: Iterable[Data]) -> list[Data]:
    """The same reason is told once."""
    found: dict[str, Data] = {}
    for item in items:
        cause = f"{item['cause']}: " if item.get("cause") else ""
        why = cause + item["reason"]
        found.setdefault(why, {"reason": why, "names": []})["names"].append(label(item))
    return sorted(found.values(), key=lambda gap: -len(gap["names"]))


def observation(one: Data) -> Data:
    seen = status(one["got"]) if one["rule"] == "status" else f"{one['at']} {one['got']}".strip()
    return {**one, "says": seen, "sent": "" if one["value"] is None else compact(one["value"])}


def label(item: Data) -> tuple[str, str]:
    """(text, the case's name if it has a place on the page)."""
    if "path" in item:
        return item["path"], ""
    return name(item), name(item) if "outcome" in item else ""
