"""summary.md, a page of Markdown for the summary of a CI job. No text of the target is markup."""

from __future__ import annotations

from collections.abc import Iterable

from harness.report import labels
from harness.report.data import ReportData
from harness.report.faults import case_name
from harness.report.headline import headline, known_cases, summary_sentences
from harness.report.page_data import fault_views, format_duration
from harness.report.text import code_span, escape_markdown, one_line, plural

MAX_FAULTS = 20
MAX_ROWS = 60
KNOWN = f"{labels.KNOWN.mark} {labels.KNOWN.label}"
Cells = tuple[object, ...]


def summary_markdown(report: ReportData) -> str:
    """GitHub-flavoured Markdown; a job summary may have 1 MiB, this has a page or two."""
    mark = labels.RESULTS[report["result"]].mark
    totals = report["totals"]
    counts = ", ".join(f"{totals[name]} {name}" for name in labels.OUTCOMES)
    duration = format_duration(report["started"], report["finished"])
    size = ", ".join(part for part in (plural(report["requests"], "request"), duration) if part)
    lines = [
        f"## {mark} {escape_markdown(headline(report))}",
        "",
        *(f"**{escape_markdown(reason)}**\n" for reason in report["reasons"]),
        summary_sentences(report),
        "",
        f"{counts}. Target {code_span(report['target']['base_url'])}, "
        f"model {code_span(report['target']['model'])}; {size}.",
        *profiles(report),
        *baseline(report),
        *faults(report),
        *rows(report),
    ]
    if report["command"]:
        command = one_line(report["command"], 2000)
        lines += ["", "### Reproduce", "", "```sh", command, "```"]
    return "\n".join(lines) + "\n"


def profiles(report: ReportData) -> list[str]:
    """The profiles, if one of them is not conformant."""
    found = report.get("profiles", ())
    if all(one["result"] == "conformant" for one in found):
        return []
    table: list[Cells] = [
        (
            f"{escape_markdown(one['pack'])} {one['version']}, {one['profile']}",
            f"{labels.RESULTS[one['result']].mark} {one['result']}",
            f"{one['totals']['pass'] + one['totals']['warn']} of {one['required']}",
            ", ".join(map(escape_markdown, one["shown"])),
            ", ".join(map(escape_markdown, one["not_claimed"])),
        )
        for one in found
    ]
    heads = ("Profile", "Result", "Required cases", "Features shown", "Not claimed")
    return section("Profiles", heads, table, len(table))


def baseline(report: ReportData) -> list[str]:
    """What has to be done about the baseline, and the failures that it covers."""
    messages = report["baseline"]["told"] if "baseline" in report else []
    actions: list[Cells] = [(one["kind"], escape_markdown(one["says"])) for one in messages]
    known: list[Cells] = [
        (
            KNOWN,
            code_span(case_name(case)),
            escape_markdown("; ".join(by["reason"] for by in case["known"]["by"])),
            escape_markdown(", ".join(by["issue"] for by in case["known"]["by"] if by["issue"])),
            ", ".join(by["until"] for by in case["known"]["by"] if by["until"]),
        )
        for case in known_cases(report)
    ]
    heads = ("Outcome", "Case", "Reason", "Issue", "Until")
    return [
        *section("Baseline: to do", ("Kind", "What to do"), actions[:MAX_ROWS], len(actions)),
        *section("Known deviations", heads, known[:MAX_ROWS], len(known)),
    ]


def faults(report: ReportData) -> list[str]:
    table: list[Cells] = [
        (
            len(fault["cases"]),
            f"{fault['sentence']} ({fault['level']}) {code_span(fault['where'])}".rstrip(),
            code_span(fault["expected"], 80),
            code_span(fault["got"][0] if fault["got"] else "", 80),
        )
        for fault in fault_views(report)[:MAX_FAULTS]
    ]
    heads = ("Cases", "What is wrong", "Expected", "Got")
    return section("Faults", heads, table, len(report["faults"]))


def rows(report: ReportData) -> list[str]:
    """The rows that did not pass, the strongest outcome first."""
    wrong = [row for row in report["fields"] if row["outcome"] not in ("pass", "not-testable")]
    wrong.sort(key=lambda row: labels.RANKS[row["outcome"]])
    table: list[Cells] = [
        (
            KNOWN if "known" in row else outcome(row["outcome"]),
            code_span(row["row"]),
            escape_markdown(row["declared"].replace("_", " ")),
            code_span(row["observed"], 100),
        )
        for row in wrong[:MAX_ROWS]
    ]
    heads = ("Outcome", "Field", "Declared", "Observed")
    return section("Fields that did not pass", heads, table, len(wrong))


def section(title: str, heads: Iterable[str], table: list[Cells], total: int) -> list[str]:
    """A heading with a table; `total` counts the rows that the table leaves out as well."""
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


def outcome(name: str) -> str:
    return f"{labels.ALL[name].mark} {labels.ALL[name].label}"
