"""The data of two report.json -> what changed from one to the other, and why. Pure.

A case that is new cannot have regressed, and neither can one that was not run; what was shown
before and is not any more has, whatever the cause: else a gate would open for a target that is
down.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from harness.model import GRADES
from harness.report import rules
from harness.report.compare.grid import columns
from harness.report.faults import kind, name
from harness.report.observed import told
from harness.report.words import ORDER

Data = dict[str, Any]
SHOWN: Final = ("pass", "warn")
# Kind -> title, and whether it is a regression. In the order in which people ask.
KINDS: Final[Mapping[str, tuple[str, bool]]] = {
    "failing": ("Newly failing", True),
    "worse": ("Failing for more reasons", True),
    "lost": ("Shown before, not shown now", True),
    "warned": ("Newly warned of", False),
    "passing": ("No longer failing", False),
    "shown": ("Shown now, not shown before", False),
    "open": ("Failing before, not known now", False),
    "other": ("Other findings, the same outcome", False),
    "evidence": ("Other evidence", False),
    "added": ("Added", False),
    "removed": ("Removed, or not run", False),
}


def changes(before: Data, after: Data) -> Data:
    """{before, after, changes: {kind: [...]}, regressions}; kinds without a case are left out."""
    old, new = ({name(case): case for case in report["cases"]} for report in (before, after))
    found: dict[str, list[Data]] = {each: [] for each in KINDS}
    for case in dict.fromkeys((*new, *old)):
        one, other = old.get(case), new.get(case)
        if sort := sorted_as(one, other):
            found[sort].append(change(case, one, other, after))
    first, second = columns([before, after])
    told_of = {each: cases for each, cases in found.items() if cases}
    return {
        "before": first,
        "after": second,
        "changes": told_of,
        "regressions": sum(len(cases) for each, cases in told_of.items() if KINDS[each][1]),
    }


def regressions(found: Data, *also: str) -> int:
    """Those that there are, and what else counts as one: a kind."""
    return int(found["regressions"]) + sum(len(found["changes"].get(each, ())) for each in also)


def sorted_as(old: Data | None, new: Data | None) -> str:
    """The kind of a change; empty where there is none."""
    if old is None or new is None:
        return "added" if old is None else "removed"
    was, now = old["outcome"], new["outcome"]
    if was == now:
        return unmoved(old, new)
    if now == "fail":
        return "failing"
    if was in SHOWN:
        return "lost" if now not in SHOWN else "warned" if now == "warn" else "passing"
    if was == "fail":
        return "passing" if now in SHOWN else "open"
    return "shown" if now in SHOWN else "other"


def unmoved(old: Data, new: Data) -> str:
    """The same outcome, and yet: other findings, or shown by other means."""
    was, now = broken(old), broken(new)
    if any(f["level"] == "must" and key not in was for key, f in now.items()):
        return "worse"
    if was.keys() != now.keys():
        return "other"
    return "evidence" if old["evidence"] != new["evidence"] else ""


def change(case: str, old: Data | None, new: Data | None, after: Data) -> Data:
    one = new or old or {}
    return {
        "case": case,
        "row": one["row"],
        "title": one["title"],
        "before": side(old),
        "after": side(new),
        "weaker": weaker(old, new),
        "why": [*why(old, new)] if old and new else [],
        "reason": reason(case, new, after) if old else "",
    }


def side(case: Data | None) -> Data | None:
    return case and {"outcome": case["outcome"], "evidence": case["evidence"]}


def weaker(old: Data | None, new: Data | None) -> bool:
    if not (old and new and {old["outcome"], new["outcome"]} <= {*SHOWN}):
        return False
    grades: tuple[str, ...] = GRADES
    return grades.index(new["evidence"]) < grades.index(old["evidence"])


def reason(case: str, new: Data | None, after: Data) -> str:
    """Why a case says nothing now."""
    if new is not None:
        cause = f"{new['cause']}: " if new.get("cause") else ""
        return f"{cause}{new['reason']}"
    left_out = {name(one): str(one["reason"]) for one in after["not_selected"]}
    return left_out.get(case, "its pack is not there, or has no such case")


def broken(case: Data) -> dict[tuple[str, str, str], Data]:
    """What does not hold and counts, each thing once, at its strongest."""
    counted = [f for f in case["findings"] if not f["holds"] and f["level"] != "may"]
    weakest_first = sorted(counted, key=lambda f: -ORDER.index(f["level"]))
    return {kind(finding): finding for finding in weakest_first}


def why(old: Data, new: Data) -> Iterator[Data]:
    """The demands that tell one verdict from the other."""
    was, now = broken(old), broken(new)
    for key in sorted({*was, *now}, key=lambda key: (key not in now, key)):
        one, other = was.get(key), now.get(key)
        if one is None and other is not None:
            yield told_of(other, "now broken" + unheard(old, other))
        elif one is not None and other is None:
            yield told_of(one, since(new, one))
        elif one and other and one["level"] != other["level"]:
            yield told_of(other, f"was a {one['level']}, is a {other['level']}")


def told_of(finding: Data, what: str) -> Data:
    expected, got = told(finding)
    parts = {key: finding[key] for key in ("rule", "level", "at", "shot")}
    return {"what": what, "says": rules.says(finding["rule"]), **parts} | {
        "expected": expected,
        "got": got,
    }


def unheard(old: Data, finding: Data) -> str:
    """Whether the demand is new, or held before."""
    asked = any(f["rule"] == finding["rule"] for f in old["findings"])
    return "" if asked else ", not asked before"


def since(new: Data, finding: Data) -> str:
    same = [f for f in new["findings"] if f["rule"] == finding["rule"]]
    if not same:
        return "not asked any more"
    return "recorded only" if any(not f["holds"] for f in same) else "holds now"
