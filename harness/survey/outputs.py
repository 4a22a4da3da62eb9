"""The files of a survey: the table as JSON, Markdown and HTML."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

from harness.report.labels import EVIDENCE
from harness.report.page_data import format_duration, format_time
from harness.report.rendering import render
from harness.report.signals import signal_data, signal_line, views_of_dead
from harness.report.text import json_text, one_line
from harness.run.facts import end_facts
from harness.survey.kinds import KINDS
from harness.survey.session import SurveySession
from harness.survey.table import FORMAT, SurveyData, notes, sections, survey_rows, totals
from harness.util.errors import file_errors
from harness.util.file_access import write_whole
from harness.util.printable import printable_json

JSON, MARKDOWN, PAGE = "survey.json", "survey.md", "survey.html"
CLAIMS, TARGET, BASELINE = "claims.yaml", "target.yaml", "baseline.yaml"
FILES: Final = (JSON, MARKDOWN, PAGE, CLAIMS, TARGET, BASELINE)


def survey_data(session: SurveySession) -> SurveyData:
    """Return the data of a survey that has ended."""
    packs = [*session.packs.values()]
    cases = [session.entries[c.name] for c in session.cases if c.name in session.entries]
    rows = survey_rows(packs, cases, session.facts_of_shots)
    end = end_facts(session.started, session.footer)
    return {
        "format": FORMAT,
        "harness": session.facts["harness"],
        "target": session.facts["target"],
        "packs": [{"id": pack.id, "version": pack.version, "title": pack.title} for pack in packs],
        "started": session.started,
        "finished": end["finished"],
        "requests": end["requests"],
        "upstream": session.target.upstream,
        "incomplete": "; ".join(end["reasons"]),
        "notes": notes(cases, session.facts_of_shots),
        "signals": [
            one_line(signal_line(each)[1], 500)
            for each in views_of_dead(signal_data(session.signal_states), cases)
        ],
        "totals": totals(rows),
        "rows": rows,
    }


def json_of(survey: SurveyData) -> str:
    return printable_json(json_text(survey, indent=2)) + "\n"


def page_data(survey: SurveyData) -> dict[str, object]:
    target = survey["target"]
    name = f"{target['name']} {target.get('version', '')}".strip()
    return {
        "survey": survey,
        "headline": f"Compatibility table of {name}",
        "kinds": KINDS,
        "evidence": EVIDENCE,
        "sections": sections(survey["rows"]),
        "started": format_time(survey["started"]),
        "duration": format_duration(survey["started"], survey["finished"]),
    }


def markdown_of(survey: SurveyData) -> str:
    return render("survey.md.jinja2", page_data(survey))


def html_of(survey: SurveyData) -> str:
    return render("survey.html.jinja2", page_data(survey))


WRITERS: Final[Mapping[str, Callable[[SurveyData], str]]] = {
    JSON: json_of,
    MARKDOWN: markdown_of,
    PAGE: html_of,
}


def write_tables(out: Path, survey: SurveyData) -> None:
    """Write the table in every form. Raises UsageError if a file cannot be written."""
    write_files(out, {name: text(survey) for name, text in WRITERS.items()})


def write_files(out: Path, texts: Mapping[str, str]) -> None:
    """Write files into the folder. Raises UsageError."""
    for name, text in texts.items():
        with file_errors("write", out / name):
            write_whole(out / name, text)


def remove_files(out: Path, names: Iterable[str]) -> None:
    """Remove files of an earlier survey. Raises UsageError."""
    for name in names:
        with file_errors("remove", out / name):
            (out / name).unlink(missing_ok=True)
