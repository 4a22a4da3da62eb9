"""The data of a case from which the page renders it when it is opened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import PurePath
from typing import Any, Final

from harness.language.behaviours import BY_ID
from harness.model.exchanges import AGAIN, SIMPLER
from harness.report import labels
from harness.report.case_types import CaseData, FindingData, ShotData, SourceData
from harness.report.credit import is_refused
from harness.report.faults import case_name
from harness.report.fields import displayed_outcome
from harness.report.findings import finding_texts
from harness.report.headline import is_known
from harness.report.labels import rule_sentence
from harness.report.page_data import place
from harness.report.page_marks import marks
from harness.report.text import compact_json, truncate

# Labels of requests that were sent only because another one failed.
TAGS: Final = {SIMPLER: "a simpler request", AGAIN: "sent again"}
KEPT: Final = (
    *("title", "declared", "why", "reason", "row", "feature", "tier", "level", "outcome"),
    *("evidence", "cause", "refused", "blocked_by", "claim"),
)
MAX_FINDINGS: Final = 50  # of one case; report.json has all
MAX_TEXT: Final = 1000  # characters
MAX_SHOTS: Final = 500
MAX_LABELS: Final = 12  # of the requests of one finding


def case_view(case: CaseData, most: int = MAX_FINDINGS) -> dict[str, Any]:
    """Return what the page shows of a case beside its requests and answers.

    Args:
        most: The number of findings that fail, and of those that hold.
    """
    by_shot = {shot["id"]: shot_label(shot) for shot in case["shots"]}
    failed = merge_shots((f for f in case["findings"] if not f["holds"]), by_shot)
    held = merge_shots((f for f in case["findings"] if f["holds"]), by_shot)
    behaviour = BY_ID.get(case["behaviour"])
    data: Mapping[str, Any] = case
    return {
        **{key: data[key] for key in KEPT if key in data},
        "name": case_name(case),
        "behaviour": case["behaviour"].replace("_", " "),
        "promise": behaviour.promise if behaviour else "",
        "stronger": behaviour.needs if behaviour and case["evidence"] != "upstream" else "",
        "source": [linked(source) for source in case["source"]],
        "place": short_place(case["place"]),
        "is_blocked": "blocking" in case,
        "known": case["known"]["by"] if "known" in case else [],
        "failed": failed[:most],
        "held": held[:most],
        "findings_left_out": sum(max(0, len(each) - most) for each in (failed, held)),
        "shots": [shot_view(shot, by_shot) for shot in case["shots"][:MAX_SHOTS]],
        "shots_left_out": max(0, len(case["shots"]) - MAX_SHOTS),
    }


def case_line(case: CaseData, block: int) -> list[Any]:
    """Return what the list of cases shows of a case, and the number of the block with its data."""
    mark = "known" if is_known(case) else "refused" if is_refused(case) else ""
    title = "" if case["title"] == case["id"] else case["title"]
    milliseconds = round(case["seconds"] * 1000)
    return [
        *(case_name(case), title, case["outcome"], case["evidence"], mark, milliseconds, block),
        case["why"],
    ]


def shot_view(shot: ShotData, by_shot: Mapping[str, str]) -> list[Any]:
    """Return id, label, outcome, status and milliseconds of a request."""
    milliseconds = round(shot["seconds"] * 1000)
    outcome = displayed_outcome(shot)
    return [shot["id"], by_shot[shot["id"]], outcome, shot["status"], milliseconds]


def shot_label(shot: ShotData) -> str:
    """`stream, 1.5` or `plain, answer` or `control`."""
    value = "" if shot["value"] is None else compact_json(shot["value"], 40)
    subject = "control" if shot["control"] else TAGS.get(shot["tag"], value)
    repeat = f"repeat {shot['repeat']}" if "repeat" in shot else ""
    return ", ".join(part for part in (shot["mode"], shot["step"], subject, repeat) if part)


def merge_shots(
    findings: Iterable[FindingData], shot_labels: Mapping[str, str]
) -> list[dict[str, Any]]:
    """The same finding on several shots becomes one entry with the labels of these shots."""
    merged: dict[tuple[str, ...], dict[str, Any]] = {}
    for finding in findings:
        expected, got = finding_texts(finding)
        entry: dict[str, Any] = {
            "rule": finding["rule"],
            "sentence": rule_sentence(finding["rule"]),
            "level": finding["level"],
            "defined": short_place(finding["demanded"]),
            "where": place(finding),
            "marks": marks(finding),
            "expected": truncate(expected, MAX_TEXT),
            "got": truncate(got, MAX_TEXT),
        } | ({"depends_on_model": True} if "depends_on_model" in finding else {})
        shots = merged.setdefault(tuple(map(str, entry.values())), {**entry, "shots": {}})["shots"]
        shots[finding["shot"]] = shot_labels.get(finding["shot"], finding["shot"])
    for entry in merged.values():
        every = list(entry["shots"].items())
        entry |= {"shots": every[:MAX_LABELS], "shots_left_out": max(0, len(every) - MAX_LABELS)}
    return sorted(merged.values(), key=lambda entry: [*labels.LEVELS].index(entry["level"]))


@lru_cache(maxsize=4096)
def short_place(place: str) -> str:
    """Return `openai-compat/limits.yaml:12:5`: a place in a file, relative to the pack's parent."""
    return "/".join(PurePath(place).parts[-2:])


def linked(source: SourceData) -> list[str]:
    """Return the title of a source, and its address if a page can link to it."""
    is_link = source["url"].startswith(("https://", "http://"))
    return [source["title"] or source["name"], source["url"] if is_link else ""]
