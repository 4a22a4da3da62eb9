"""The data of report.json -> summary.md for a CI job's page. May not link or trust any text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from harness.report import rules, views, words
from harness.report.text import one_line, plural

Data = dict[str, Any]
FAULTS = 20
ROWS = 60
KNOWN = f"{words.KNOWN.mark} {words.KNOWN.label}"
TICKS = re.compile("`+")


def render(report: Data) -> str:
    """GitHub-flavoured Markdown; a job summary may have 1 MiB, this has a page or two."""
    result = words.RESULTS[report["result"]]
    totals = report["totals"]
    counts = ", ".join(f"{totals[name]} {name}" for name in words.OUTCOMES)
    took = views.took(report["started"], report["finished"])
    run = ", ".join(part for part in (plural(report["requests"], "request"), took) if part)
    lines = [
        f"## {result.mark} {plain(words.headline(report))}",
        "",
        *(f"**{plain(reason)}**\n" for reason in report["reasons"]),
        views.lede(report),
        "",
        f"{counts}. Target {code(report['target']['base_url'])}, "
        f"model {code(report['target']['model'])}; {run}.",
        *profiles(report),
        *baseline(report),
        *faults(report),
        *rows(report),
        *reproduce(report),
    ]
    return "\n".join(lines) + "\n"


def profiles(report: Data) -> list[str]:
    """What a certificate would rest on, where one is not whole; older reports have none."""
    found = report.get("profiles", ())
    if all(one["result"] == "conformant" for one in found):
        return []
    table = [
        (
            f"{plain(one['pack'])} {one['version']}, {one['profile']}",
            f"{words.RESULTS[one['result']].mark} {one['result']}",
            f"{one['totals']['pass'] + one['totals']['warn']} of {one['required']}",
            *(", ".join(map(plain, one[key])) for key in ("shown", "not_claimed")),
        )
        for one in found
    ]
    heads = ("Profile", "Result", "Required cases", "Features shown", "Not claimed")
    return section("Profiles", heads, table, len(table))


def baseline(report: Data) -> list[str]:
    """What the baseline knows, and what is to be done about it."""
    told = [(one["kind"], plain(one["says"])) for one in report.get("baseline", {}).get("told", ())]
    known = [
        (
            KNOWN,
            code(f"{case['pack']}/{case['id']}"),
            plain("; ".join(by["reason"] for by in case["known"]["by"])),
            plain(", ".join(by["issue"] for by in case["known"]["by"] if by["issue"])),
            ", ".join(by["until"] for by in case["known"]["by"] if by["until"]),
        )
        for case in views.known(report)
    ]
    heads = ("Outcome", "Case", "Reason", "Issue", "Until")
    return [
        *section("To be done about the baseline", ("Entry", "What to do"), told[:ROWS], len(told)),
        *section("Known deviations", heads, known[:ROWS], len(known)),
    ]


def faults(report: Data) -> list[str]:
    found = [views.fault(one, len(report["cases"])) for one in report["faults"]]
    table = [
        (
            len(fault["cases"]),
            f"{rules.says(fault['rule'])} ({fault['level']}) {code(fault['where'])}".rstrip(),
            code(fault["expected"], 80),
            code(fault["got"][0] if fault["got"] else "", 80),
        )
        for fault in found[:FAULTS]
    ]
    return section("Faults", ("Cases", "What is wrong", "Expected", "Got"), table, len(found))


def rows(report: Data) -> list[str]:
    wrong = [row for row in report["fields"] if row["outcome"] not in ("pass", "not-testable")]
    order = [*words.ALL]
    wrong.sort(key=lambda row: order.index(row["outcome"]))
    table = [
        (
            KNOWN if row.get("known") else outcome(row["outcome"]),
            code(row["row"]),
            plain(row["declared"].replace("_", " ")),
            code(row["observed"], 100),
        )
        for row in wrong[:ROWS]
    ]
    heads = ("Outcome", "Field", "Declared", "Observed")
    return section("Fields that did not pass", heads, table, len(wrong))


def section(
    title: str, heads: Iterable[str], table: list[tuple[Any, ...]], total: int
) -> list[str]:
    if not table:
        return []
    heads = tuple(heads)
    lines = [
        "",
        f"### {title}: {total}",
        "",
        f"| {' | '.join(heads)} |",
        f"|{' --- |' * len(heads)}",
        *(f"| {' | '.join(map(str, cells))} |" for cells in table),
    ]
    more = total - len(table)
    return [*lines, "", f"{more} more in report.html."] if more else lines


def reproduce(report: Data) -> list[str]:
    if not report["command"]:
        return []
    return ["", "### Reproduce", "", "```sh", one_line(report["command"], 2000), "```"]


def outcome(name: str) -> str:
    word = words.ALL[name]
    return f"{word.mark} {word.label}"


def code(text: str, most: int = 120) -> str:
    """A code span that no text can leave: nothing in it is a tag, a link, a mention or a cell."""
    said = one_line(text, most)
    if not said:
        return ""
    longest = max((len(found) for found in TICKS.findall(said)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if longest else ""
    return f"{fence}{pad}{said}{pad}{fence}".replace("|", "\\|")


def plain(text: str) -> str:
    """Words outside a code span, with what Markdown or HTML could read as markup escaped."""
    return re.sub(r"([\\`*_{}\[\]<>#|~@!&])", r"\\\1", one_line(text, 300))
