"""summary.md, a page of Markdown for the summary of a CI job. No text of the target is markup."""

from __future__ import annotations

from harness.report import labels
from harness.report.clients import client_lines
from harness.report.data import ReportData
from harness.report.headline import headline, known_cases, result_key, summary_sentences
from harness.report.lead import lead_sentence
from harness.report.limits import limit_sentences
from harness.report.page_data import fault_views, format_duration
from harness.report.rendering import render
from harness.report.signals import dead_signals


def summary_markdown(report: ReportData) -> str:
    """GitHub-flavoured Markdown; a job summary may have 1 MiB, this has a page or two."""
    rows = [row for row in report["fields"] if row["outcome"] not in ("pass", "not-testable")]
    data = {
        "report": report,
        "headline": headline(report),
        "result": result_key(report),
        "sentences": summary_sentences(report),
        "lead": lead_sentence(report),
        "limits": limit_sentences(report),
        "duration": format_duration(report["started"], report["finished"]),
        "clients": client_lines(report),
        "profiles": report.get("profiles", []),
        "dead_signals": dead_signals(report),
        "messages": report["baseline"]["told"] if "baseline" in report else [],
        "known": known_cases(report),
        "faults": fault_views(report),
        "rows": sorted(rows, key=lambda row: labels.RANKS[row["outcome"]]),
        "max_faults": 20,
        "max_rows": 60,
    }
    return render("summary.md.jinja2", data)
