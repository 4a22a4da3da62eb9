"""Accepted deviations: which failures a baseline covers, and what has to be done about it.

An entry covers failures that would fail the run, and never makes a case green. An entry that covers
nothing any more fails the run, so that a baseline does not outlive the deviations it lists.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from harness.model import Accepted
from harness.report.case_types import CaseData, CaseIdentity, KnownData
from harness.report.data import BaselineMessage, ReportData
from harness.report.faults import case_name
from harness.report.headline import is_known
from harness.report.text import one_line

MessageKind = Literal["new", "unknown", "expired", "passes", "inconclusive"]
FAILING_LEVELS: Final[Mapping[str, Sequence[str]]] = {
    **dict.fromkeys(("fail", "inconclusive"), ("must",)),
    "warn": ("must", "should"),
}
FILE_HEAD: Final = """\
# Known and accepted deviations. Each entry needs a reason; it may name an issue (a link) and the
# last day on which it is valid (until: "2030-12-31"). The harness never changes this file.
"""


@dataclass(frozen=True, slots=True)
class Baseline:
    """The accepted deviations of a run, and the outcome that fails it; `warn` includes `fail`."""

    accepted: Sequence[Accepted]
    today: str  # YYYY-MM-DD
    fail_on: str = "fail"

    def known_data(self, case: CaseData) -> KnownData | None:
        """The entries that cover failures of a case; `whole` if they cover all of them."""
        rules = self.failed_rules(case)
        valid = [entry for entry in self.accepted if not self.is_expired(entry)]
        used = [e for e in valid if concerns(e, case) and any(covers(e, rule) for rule in rules)]
        if not used:
            return None
        return {
            "whole": all(any(covers(entry, rule) for entry in used) for rule in rules),
            "by": [
                {"rule": e.rule, "reason": e.reason, "issue": e.issue, "until": e.until}
                for e in used
            ],
        }

    def failed_rules(self, case: CaseData) -> list[str]:
        """The rules that fail a case, each once."""
        if case["outcome"] not in ("fail", self.fail_on):
            return []
        levels = FAILING_LEVELS[self.fail_on]
        rules = (f["rule"] for f in case["findings"] if not f["holds"] and f["level"] in levels)
        return list(dict.fromkeys(rules))

    def is_expired(self, entry: Accepted) -> bool:
        return bool(entry.until) and entry.until < self.today

    def messages(
        self, cases: Sequence[CaseData], unselected: Iterable[CaseIdentity], packs: Collection[str]
    ) -> list[BaselineMessage]:
        """Cases that the baseline does not cover, and entries that need attention.

        `packs` are the ids of all packs that exist, in this run or not.
        """
        names = [case_name(case) for case in (*cases, *unselected)]
        return [*self.uncovered_cases(cases), *self.entry_messages(cases, names, packs)]

    def uncovered_cases(self, cases: Iterable[CaseData]) -> Iterator[BaselineMessage]:
        for case in cases:
            failed = self.failed_rules(case)
            if not failed or is_known(case):
                continue
            covered = {entry["rule"] for entry in case["known"]["by"]} if "known" in case else set()
            rules = ", ".join(rule for rule in failed if not {"", rule} & covered)
            name = case_name(case)
            text = f"{name} fails {rules}: fix it, or add an entry with a reason"
            yield {"kind": "new", "case": name, "says": text, "fails": True}

    def entry_messages(
        self, cases: Sequence[CaseData], names: Sequence[str], packs: Collection[str]
    ) -> Iterator[BaselineMessage]:
        for entry in self.accepted:
            own = [case for case in cases if concerns(entry, case)]
            exists = any(entry.case in (name, name.partition("/")[2]) for name in names)
            state = self.entry_state(entry, own) if exists else unknown_case(entry, names, packs)
            if state:
                kind, text = state
                yield {
                    "kind": kind,
                    "case": entry.case,
                    "says": f"{entry.place}: {entry.name} {text}",
                    "fails": kind in ("unknown", "expired", "passes"),
                }

    def entry_state(
        self, entry: Accepted, cases: Sequence[CaseData]
    ) -> tuple[MessageKind, str] | None:
        """The kind of message and its text; None if the entry is in use or its case was not run."""
        in_use = any(covers(entry, rule) for case in cases for rule in self.failed_rules(case))
        if self.is_expired(entry):
            fails = in_use or not cases
            action = "fix it, or agree on a later day" if fails else "remove the entry"
            return "expired", f"expired on {entry.until}: {action}"
        if in_use or not cases:
            return None
        for case in cases:
            if case["outcome"] in ("inconclusive", "skip"):
                cause = f"{case['cause']}: " if "cause" in case else ""
                text = f"was not decided in this run ({cause}{case['reason']})"
                return "inconclusive", " ".join(text.split())
            checked = any(finding["rule"] == entry.rule for finding in case["findings"])
            if entry.rule and case["outcome"] == "fail" and not checked:
                return "inconclusive", "was not checked: its case fails earlier"
        return "passes", "passes now: remove the entry"


def concerns(entry: Accepted, case: CaseIdentity) -> bool:
    return entry.case in (case["id"], case_name(case))


def covers(entry: Accepted, rule: str) -> bool:
    return entry.rule in ("", rule)


def unknown_case(
    entry: Accepted, names: Sequence[str], packs: Collection[str]
) -> tuple[MessageKind, str] | None:
    """The message for an entry of an unknown case; its pack can be left out of this run."""
    pack, slash, _ = entry.case.partition("/")
    loaded = {name.partition("/")[0] for name in names}
    if slash and pack in packs and pack not in loaded:
        return None
    ids = [*names, *(name.partition("/")[2] for name in names)]
    near = difflib.get_close_matches(entry.case, ids, 1)
    hint = f"did you mean {near[0]}?" if near else "correct the entry, or remove it"
    return "unknown", f"is not a case of these packs: {hint}"


def first_baseline(report: ReportData) -> str:
    """The text of a baseline file that accepts each rule that fails a case of the report."""
    return baseline_of(report["cases"], report["started"][:10])


def baseline_of(cases: Iterable[CaseData], day: str) -> str:
    """The text of a baseline file that accepts each rule that fails a case; day as YYYY-MM-DD."""
    lines = [FILE_HEAD + "deviations:"]
    for case in cases:
        failed = {f["rule"]: f for f in reversed(case["findings"]) if not f["holds"]}
        for rule in Baseline((), "").failed_rules(case):
            finding = failed[rule]
            expected, got = one_line(finding["expected"], 100), one_line(finding["got"], 100)
            reason = f"seen on {day}: expected {expected}, got {got}"
            entry = {"case": case_name(case), "rule": rule, "reason": reason}
            fields = [f"{key}: {quote(value)}" for key, value in entry.items()]
            lines.append("  - " + "\n    ".join(fields))
    return "\n".join(lines) + (" []\n" if len(lines) == 1 else "\n")


def quote(text: str) -> str:
    """A JSON string, which is valid YAML if every character is printable."""
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in quoted)
