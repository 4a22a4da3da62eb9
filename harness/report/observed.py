"""A row's findings -> one short phrase of what was seen. May not judge."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from harness.model import GRADES
from harness.report.rules import says
from harness.report.text import compact, one_line

Entry = dict[str, Any]
STATUS = re.compile(r"\b([1-5]\d\d)\b")
COMPLAINT = re.compile(r"""(?:["{[\d-].*?|true|false|null|an? \w+) (should .+)""", re.DOTALL)
# The unasked laws: they say something about the answer, and nothing about the field under test.
LAWS = ("schema", "transport", "stream.")
SHOWN = {
    "accepted": "accepted",
    "shape": "there, and well formed",
}
PHRASES = {
    "exactly.quiet": "quietly accepted",
    "rejected.error": "refused, without the protocol's error object",
    "required.error": "refused, without the protocol's error object",
    "rejected.named": "refused, without naming the field",
    "required.named": "refused, without naming the field",
    "exactly.named": "refused, without naming the field",
    "hoisted.lost": "the late instruction is lost",
    "limited.provoked": "no limit was reached",
}
VALUES = 3


def observed(outcome: str, cases: Sequence[Entry]) -> str:
    """Of the cases that decide a row, the best shown broken demand in a person's words."""
    deciding = [case for case in cases if case["outcome"] == outcome]
    if outcome == "fail":
        deciding.sort(key=lambda case: GRADES.index(case["evidence"]), reverse=True)
    if outcome == "pass":
        return SHOWN.get(weak(deciding), "as declared")
    if outcome in ("skip", "inconclusive"):
        cause = f"{deciding[0]['cause']}: " if deciding[0].get("cause") else ""
        return one_line(cause + deciding[0]["reason"])
    level = "must" if outcome == "fail" else "should"
    for case in deciding:
        wrong = [f for f in case["findings"] if not f["holds"] and f["level"] != "may"]
        chosen = sorted(wrong, key=lambda f: (f["level"] != level, is_law(f["rule"]), unseen(f)))
        if chosen:
            return phrase(chosen[0]) + for_which(case, chosen[0])
    return one_line(deciding[0]["reason"]) or outcome


def unseen(finding: Entry) -> bool:
    """What was seen at the provider says more than how it answered that."""
    return bool(finding["grade"] != "upstream")


def weak(cases: Sequence[Entry]) -> str:
    grades = {case["evidence"] for case in cases}
    return "accepted" if "accepted" in grades else "shape" if "shape" in grades else ""


def is_law(rule: str) -> bool:
    return rule.startswith(LAWS)


def phrase(finding: Entry) -> str:
    """A broken demand, short: `refused with 400`, `system_fingerprint = "fp_1"`."""
    rule, at, got = finding["rule"], finding["at"], one_line(finding["got"], 80)
    if rule in PHRASES:
        return PHRASES[rule]
    if at == "status":
        return status(got)
    if rule == "ignored.effect":
        return f"has an effect: {effect(leaf(at), got)}"
    if rule in ("transport", "prerequisite", "any", "fails"):
        return got
    if rule.startswith("stream."):
        said = says(rule)
        return one_line(f"{said[:1].lower()}{said[1:]}: {got}".removesuffix(": "), 120)
    if is_law(rule):
        return one_line(f"the answer is not well formed: {told(finding)[1]}", 120)
    if got.startswith(("no such", "nothing there")):
        return f"{leaf(at)} is missing"
    return f"{leaf(at)} = {got}" if at else got or rule


def effect(where: str, got: str) -> str:
    if where == "body":
        return got
    return f"{where} is {got}" if got in ("there", "not there") else f"{where} = {got}"


def wanted(expected: str) -> str:
    """A schema's complaint without the value it complains about: `should be one of null, ""`."""
    found = COMPLAINT.match(expected)
    return found[1] if found else expected


def told(finding: Entry) -> tuple[str, str]:
    """(expected, got) for a person: a schema's complaint is what was got, and not repeated."""
    expected, got = finding["expected"], finding["got"]
    if got.startswith("does not conform to "):
        where = f"{finding['at']}: " if finding["at"].startswith("/") else ""
        return f"conforms to {got.removeprefix('does not conform to ')}", where + expected
    return wanted(expected), got


def status(got: str) -> str:
    code = STATUS.search(got)
    if not code:
        return got or "no answer"
    if code[1].startswith("4"):
        return f"refused with {code[1]}"
    return f"answered with {code[1]}"


def leaf(at: str) -> str:
    """The last words of a place: `/usage/prompt_tokens` -> `usage.prompt_tokens`."""
    if at.startswith("header "):
        return at.removeprefix("header ")
    tail = at.rsplit(" ", 1)[-1]
    if not tail.startswith(("/", "$")):
        return at
    tokens = [t for t in re.split(r"[/.\[\]'\"$]+", tail) if t and t != "*" and not t.isdigit()]
    return ".".join(tokens[-2:]) or at


def for_which(case: Entry, finding: Entry) -> str:
    """`for 1.5, 2`, where the case tries several values and some of them are well."""
    shots = {shot["id"]: shot for shot in case["shots"]}
    asked = {compact(s["value"], 24) for s in shots.values() if s["value"] is not None}
    wrong = dict.fromkeys(
        compact(shots[f["shot"]]["value"], 24)
        for f in case["findings"]
        if not f["holds"] and f["rule"] == finding["rule"] and f["shot"] in shots
    )
    wrong.pop("null", None)
    if not wrong or asked <= set(wrong):
        return ""
    more = ", …" if len(wrong) > VALUES else ""
    return f" for {', '.join(list(wrong)[:VALUES])}{more}"
