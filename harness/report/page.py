"""HTML of the report page, handed to pytest-html. Every text is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.report import labels
from harness.report.case_types import CaseData, FindingData, ShotData
from harness.report.data import ReportData
from harness.report.evidence import ShotView, displayed_shots
from harness.report.findings import finding_texts
from harness.report.headline import headline
from harness.report.labels import rule_sentence
from harness.report.page_data import place, summary_data
from harness.report.text import compact_json, visible

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"


class Escaped(str):
    """Text without a character that begins a tag or an entity, for the content of elements."""

    __slots__ = ()

    def __html__(self) -> str:
        return str(self)


def escape_content(text: object) -> Escaped:
    """Escapes text for the content of an element. Quotes stay: bodies are full of them."""
    readable = visible(str(text))
    return Escaped(readable.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))


def format_backticks(text: object) -> Escaped:
    """Escaped text, with the parts between backticks as code."""
    parts = [escape_content(part) for part in str(text).split("`")]
    if not len(parts) % 2:  # a backtick without its pair
        return escape_content(text)
    marked = [f"<code>{part}</code>" if index % 2 else part for index, part in enumerate(parts)]
    return Escaped("".join(marked))


@cache
def environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        auto_reload=False,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(content=escape_content, ticks=format_backticks)
    made.globals.update(labels=labels)
    return made


def render(template: str, data: Mapping[str, Any]) -> str:
    return environment().get_template(template).render(data)


def title(report: ReportData) -> str:
    """The title of the page: the result in one line."""
    return visible(headline(report))


def css() -> str:
    """The page's style, which also applies to the parts that pytest-html writes."""
    return (TEMPLATES / "report.css").read_text(encoding="utf-8")


def summary_html(report: ReportData) -> str:
    """The page above the table of cases, with style and script, for pytest-html's summary."""
    return render("summary.html.jinja2", summary_data(report))


def case_html(case: CaseData, evidence: Mapping[str, ShotView]) -> str:
    """An opened case, for pytest-html's extras; `evidence` may lack shots of the case."""
    labelled = {shot["id"]: shot_label(shot) for shot in case["shots"]}
    outcomes = {shot["id"]: shot["outcome"] for shot in case["shots"]}
    exchanges = [
        {**evidence[shot], "id": shot, "label": labelled[shot], "outcome": outcomes[shot]}
        for shot in displayed_shots(case)
        if shot in evidence
    ]
    data = {
        "case": case,
        "promise": labels.promise(case["behaviour"]),
        "stronger": labels.stronger_evidence(case["behaviour"], case["evidence"]),
        "evidence": labels.EVIDENCE[case["evidence"]],
        "failed": merge_shots((f for f in case["findings"] if not f["holds"]), labelled),
        "held": merge_shots((f for f in case["findings"] if f["holds"]), labelled),
        "exchanges": exchanges,
        "hidden": len(case["shots"]) - len(exchanges),
    }
    return render("case.html.jinja2", data)


def shot_label(shot: ShotData) -> str:
    """`stream, 1.5` or `plain, answer` or `control`."""
    value = "" if shot["value"] is None else compact_json(shot["value"], 40)
    subject = "control" if shot["control"] else value
    repeat = f"repeat {shot['repeat']}" if "repeat" in shot else ""
    return ", ".join(part for part in (shot["mode"], shot["step"], subject, repeat) if part)


def merge_shots(
    findings: Iterable[FindingData], shot_labels: Mapping[str, str]
) -> list[dict[str, Any]]:
    """The same finding on several shots becomes one entry with the labels of these shots."""
    merged: dict[tuple[str, ...], dict[str, Any]] = {}
    for finding in findings:
        expected, got = finding_texts(finding)
        entry = {
            "rule": finding["rule"],
            "sentence": rule_sentence(finding["rule"]),
            "level": finding["level"],
            "demanded": finding["demanded"],
            "where": place(finding),
            "expected": expected,
            "got": got,
        }
        shots = merged.setdefault(tuple(entry.values()), {**entry, "shots": []})["shots"]
        label = shot_labels.get(finding["shot"], finding["shot"])
        if label not in shots:
            shots.append(label)
    return sorted(merged.values(), key=lambda entry: [*labels.LEVELS].index(entry["level"]))
