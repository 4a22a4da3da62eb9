"""Case entries, accepted deviations -> what is known, what is new, what is stale. Pure.

An entry excuses what would fail the run, and nothing else; it never makes a case green. Whoever
accepts a deviation is told when it is over: an entry that excuses nothing fails the run.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from harness.model import Accepted

Entry = Mapping[str, Any]
COUNTED: Final = {"fail": ("must",), "warn": ("must", "should")}
HEAD: Final = """\
# Deviations that are known and accepted. Each entry needs a reason; it may name an issue (a link)
# and the last day on which it counts (until: "2030-12-31"). Nothing changes this file but you.
"""


@dataclass(frozen=True, slots=True)
class Baseline:
    """`today`: YYYY-MM-DD; `fail_on`: what a case fails on, `fail` or `warn`."""

    accepted: Sequence[Accepted]
    today: str
    fail_on: str = "fail"

    def known(self, case: Entry) -> dict[str, Any] | None:
        """What excuses a case, for its entry in the report; `whole`: nothing else fails it."""
        broken = self.broken(case)
        live = [one for one in self.accepted if concerns(one, case) and not self.expired(one)]
        used = [one for one in live if any(covers(one, rule) for rule in broken)]
        if not used:
            return None
        whole = all(any(covers(one, rule) for one in used) for rule in broken)
        parts = ("rule", "reason", "issue", "until")
        return {
            "whole": whole,
            "by": [{part: getattr(one, part) for part in parts} for one in used],
        }

    def broken(self, case: Entry) -> list[str]:
        """The rules that fail a case, each once."""
        if case["outcome"] not in ("fail", self.fail_on):
            return []
        levels = COUNTED[self.fail_on]
        rules = (f["rule"] for f in case["findings"] if not f["holds"] and f["level"] in levels)
        return list(dict.fromkeys(rules))

    def expired(self, one: Accepted) -> bool:
        return bool(one.until) and one.until < self.today

    def told(
        self, cases: Sequence[Entry], left_out: Iterable[Entry], packs: Collection[str]
    ) -> list[dict[str, Any]]:
        """What is to be said of the cases and of each entry; `fails`: the run does, for that.

        `packs`: those that there are, in this run or not.
        """
        names = [f"{case['pack']}/{case['id']}" for case in (*cases, *left_out)]
        return [*self.new(cases), *self.stale(cases, names, packs)]

    def new(self, cases: Iterable[Entry]) -> Iterator[dict[str, Any]]:
        for case in cases:
            broken = self.broken(case)
            known = case.get("known") or {"whole": False, "by": []}
            if broken and not known["whole"]:
                rules = [r for r in broken if not any(b["rule"] in ("", r) for b in known["by"])]
                name = f"{case['pack']}/{case['id']}"
                says = f"{name} breaks {', '.join(rules)}: mend it, or add an entry with a reason"
                yield {"kind": "new", "case": name, "says": says, "fails": True}

    def stale(
        self, cases: Sequence[Entry], names: Sequence[str], packs: Collection[str]
    ) -> Iterator[dict[str, Any]]:
        for one in self.accepted:
            mine = [case for case in cases if concerns(one, case)]
            named = any(one.case in (name, name.partition("/")[2]) for name in names)
            kind, says = self.state(one, mine) if named else unknown(one, names, packs)
            if kind:
                told = {"kind": kind, "case": one.case, "says": f"{one.place}: {one.name} {says}"}
                yield {**told, "fails": kind in ("unknown", "expired", "passes")}

    def state(self, one: Accepted, mine: Sequence[Entry]) -> tuple[str, str]:
        """(kind, what to do); an entry that does its work, or whose case was not run, is none."""
        breaks = any(covers(one, rule) for case in mine for rule in self.broken(case))
        if self.expired(one):
            after = (
                "mend it, or agree on a later day" if breaks or not mine else "take the entry out"
            )
            return "expired", f"expired on {one.until}: {after}"
        if breaks or not mine:
            return "", ""
        for case in mine:
            if case["outcome"] in ("inconclusive", "skip"):
                why = f"{case['cause']}: " if case.get("cause") else ""
                says = f"was not shown this time ({why}{case['reason']}): nothing is known of it"
                return "inconclusive", " ".join(says.split())
            heard = any(finding["rule"] == one.rule for finding in case["findings"])
            if one.rule and case["outcome"] == "fail" and not heard:
                return "inconclusive", "was not asked: its case fails before"
        return "passes", "passes now: take the entry out"


def concerns(one: Accepted, case: Entry) -> bool:
    return one.case in (case["id"], f"{case['pack']}/{case['id']}")


def covers(one: Accepted, rule: str) -> bool:
    return one.rule in ("", rule)


def unknown(one: Accepted, names: Sequence[str], packs: Collection[str]) -> tuple[str, str]:
    """A pack that exists and is not in this run is no mistake."""
    pack, slash, _ = one.case.partition("/")
    loaded = {name.partition("/")[0] for name in names}
    if slash and pack in packs and pack not in loaded:
        return "", ""
    ids = [*names, *(name.partition("/")[2] for name in names)]
    near = difflib.get_close_matches(one.case, ids, 1)
    hint = f"did you mean {near[0]}?" if near else "correct the entry, or take it out"
    return "unknown", f"is no case of these packs: {hint}"


def render(report: Mapping[str, Any]) -> str:
    """A first baseline: each rule that fails a case of the report, as YAML."""
    first = Baseline((), "")
    lines = [HEAD + "deviations:"]
    for case in report["cases"]:
        for rule in first.broken(case):
            finding = next(f for f in case["findings"] if f["rule"] == rule and not f["holds"])
            seen = f"expected {short(finding['expected'])}, got {short(finding['got'])}"
            seen = f"seen on {report['started'][:10]}: {seen}"
            lines += [
                f"  - case: {quoted(case['pack'] + '/' + case['id'])}",
                f"    rule: {quoted(rule)}",
                f"    reason: {quoted(seen)}",
            ]
    return "\n".join(lines) + (" []\n" if len(lines) == 1 else "\n")


def short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 100 else f"{line[:99]}…"


def quoted(text: str) -> str:
    """A JSON string is one of YAML too, where nothing in it is invisible."""
    said = json.dumps(text, ensure_ascii=False)
    return "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in said)
