"""Describes findings for people: a row's result in a few words, expected against got."""

from __future__ import annotations

import re
from collections.abc import Sequence

from harness.model import GRADES
from harness.report.case_types import CaseData, FindingData
from harness.report.credit import all_refused, showing_cases
from harness.report.data import RowOutcome
from harness.report.labels import WORDING, rule_sentence
from harness.report.text import compact_json, one_line
from harness.util.jsonpath import readable_place

STATUS = re.compile(r"\b([1-5]\d\d)\b")
SCHEMA_ERROR = re.compile(r"""(?:["{[\d-].*?|true|false|null|an? \w+) (should .+)""", re.DOTALL)
UNION = re.compile(r"""\[["']([^"']+)["'](?:, ?["'][^"']+["'])+\]""")  # several names in a path
SEARCH = re.compile(r"forwarded \$\.\.\[\?search\(@, ('.*?')\)\]")  # for words in a whole request
# "not after" is how version 0.1 wrote it in its reports.
NOT_CONFORMING = re.compile("(?:does not conform to|not after) (.*)", re.DOTALL)
# Rules for every answer. They say something about the answer, not about the field under test.
GENERAL_RULES = ("schema", "transport", "stream.", "http.")
MAX_VALUES = 3
# How an answer ends that does not arrive, by the words of HTTP libraries and of the harness.
ENDINGS = {
    "early": re.compile("complete message body|incomplete|ended prematurely", re.IGNORECASE),
    "none": re.compile("without sending a response|^dropped$|was dropped|reset", re.IGNORECASE),
    "size": re.compile("size limit|more than [0-9]+ bytes"),
}


def describe_row(outcome: RowOutcome, cases: Sequence[CaseData]) -> str:
    """Describe the observation of a row in a few words.

    Of the cases that decide the row, the failed finding with the best evidence is described.
    """
    deciding = [case for case in cases if case["outcome"] == outcome]
    if outcome == "pass" and all_refused(deciding):
        return str(WORDING["refused"])
    if outcome == "pass":
        grades = [case["evidence"] for case in showing_cases(deciding)]
        best = max(grades, key=GRADES.index)  # the evidence of the row
        return str(WORDING["passed"].get(best, "as declared"))
    if outcome in ("skip", "inconclusive"):
        cause, reason = deciding[0].get("cause"), deciding[0]["reason"]
        named = cause and not reason.startswith(f"{cause} ")
        return one_line(f"{cause}: {reason}" if named else reason)
    if outcome == "fail":
        deciding.sort(key=lambda case: GRADES.index(case["evidence"]), reverse=True)
    level = "must" if outcome == "fail" else "should"
    for case in deciding:
        failed = [f for f in case["findings"] if not f["holds"] and f["level"] != "may"]
        # The provider's side says more about the field than the answer does.
        failed.sort(
            key=lambda f: (f["level"] != level, is_general(f["rule"]), f["grade"] != "upstream")
        )
        if failed:
            return describe_finding(failed[0]) + failed_values(case, failed[0])
    return one_line(deciding[0]["reason"]) or outcome


def is_general(rule: str) -> bool:
    """Whether a rule applies to every answer."""
    return rule.startswith(GENERAL_RULES)


def describe_finding(finding: FindingData) -> str:
    """A failed finding in a few words: `refused with 400`, `system_fingerprint = "fp_1"`."""
    rule, at, got = finding["rule"], finding["at"], one_line(finding["got"], 80)
    if rule in WORDING["observed"]:
        return str(WORDING["observed"][rule])
    if rule.startswith("any_of") and (shown := first_value(finding["got"])):
        return shown
    if at == "status":
        return describe_status(got)
    if rule == "ignored.effect":
        return f"has an effect: {describe_effect(leaf(at), got)}"
    if rule == "transport":
        return str(WORDING["endings"].get(ending(finding["got"]), got))
    if rule in ("prerequisite", "any_of", "error_signalled_by"):
        return got
    if rule.startswith(("stream.", "http.")):
        sentence = rule_sentence(rule)
        return one_line(f"{sentence[:1].lower()}{sentence[1:]}: {got}".removesuffix(": "), 120)
    if is_general(rule):
        _, problem = expected_and_got(finding["at"], finding["expected"], finding["got"])
        return one_line(f"the answer is not well formed: {problem}", 120)
    absence = describe_absence(at, got)
    return absence or (f"{leaf(at)} = {got}" if at else got or rule)


def describe_absence(at: str, got: str) -> str:
    """The absence of a value: `usage is missing`, `'Rex' does not reach the provider`; else ""."""
    if got.startswith("nothing of "):
        return f"{got.removeprefix('nothing of ')} does not reach the provider"
    if not got.startswith(("no such", "nothing there")):
        return ""
    search = SEARCH.match(at)
    return f"{search[1]} does not reach the provider" if search else f"{leaf(at)} is missing"


def first_value(got: str) -> str:
    """Return the first value in an answer of what several alternatives found; "" without one."""
    parts = (part.partition(": ") for part in got.split("; ") if part.startswith("$"))
    place, _, value = next(parts, ("", "", ""))
    shown = describe_absence(place, value) or f"{leaf(place)} = {value}"
    return one_line(shown, 80) if value else ""


def ending(got: str) -> str:
    """Return how an answer ends that does not arrive: a key of `ENDINGS`, or ""."""
    return next((name for name, pattern in ENDINGS.items() if pattern.search(got)), "")


def describe_effect(place: str, got: str) -> str:
    if place == "body":
        return got
    return f"{place} is {got}" if got in ("there", "not there") else f"{place} = {got}"


def describe_status(got: str) -> str:
    """`refused with 400` or `answered with 200`, from a text that contains the status."""
    code = STATUS.search(got)
    if not code:
        return got or "no answer"
    return f"{'refused' if code[1].startswith('4') else 'answered'} with {code[1]}"


def requirement(expected: str) -> str:
    """A schema error without the value it is about: `should be one of null, ""`."""
    match = SCHEMA_ERROR.match(expected)
    return match[1] if match else expected


def expected_and_got(at: str, expected: str, got: str) -> tuple[str, str]:
    """The two texts of a finding for people: the error of a schema belongs to `got`."""
    schema = NOT_CONFORMING.match(got)
    if schema:
        place = f"{readable_place(at)}: " if at.startswith("/") else ""
        return f"conforms to {schema[1]}", place + expected
    return requirement(expected), got


def finding_texts(finding: FindingData) -> tuple[str, str]:
    """`expected_and_got` of a finding in report.json."""
    return expected_and_got(finding["at"], finding["expected"], finding["got"])


def finding_line(finding: FindingData) -> str:
    """A failed finding on one line, with its rule and place."""
    expected, got = finding_texts(finding)
    where = f"{finding['level']} {finding['rule']}: {readable_place(finding['at'])}"
    return f"{where}: expected: {expected}; got: {got}"


def leaf(at: str) -> str:
    """The last names of a place: `usage.prompt_tokens` for `/usage/prompt_tokens`."""
    if at.startswith("header "):
        return at.removeprefix("header ")
    tail = at.rsplit(" ", 1)[-1]
    if not tail.startswith(("/", "$")):
        return at
    first = UNION.sub(r".\1", tail)
    tokens = [t for t in re.split(r"[/.\[\]'\"$]+", first) if t and t != "*" and not t.isdigit()]
    return ".".join(tokens[-2:]) or at


def failed_values(case: CaseData, finding: FindingData) -> str:
    """` for 1.5, 2`, if the case tries several values and the rule fails for some of them."""
    values = {
        shot["id"]: compact_json(shot["value"], 24)
        for shot in case["shots"]
        if shot["value"] is not None
    }
    failed = dict.fromkeys(
        values[f["shot"]]
        for f in case["findings"]
        if not f["holds"] and f["rule"] == finding["rule"] and f["shot"] in values
    )
    if not failed or set(values.values()) <= set(failed):
        return ""
    more = ", …" if len(failed) > MAX_VALUES else ""
    return f" for {', '.join(list(failed)[:MAX_VALUES])}{more}"
