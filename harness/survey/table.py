"""The data of a survey: one row for each field, with its status in both modes and the evidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final, TypedDict, get_args

from harness.model import GRADES, Json, Mode, Pack, Row
from harness.report.case_types import CaseData
from harness.report.labels import WORDING, location
from harness.survey.evidence import SurveyShot, UnmetPromise, shots_of, unmet_promises
from harness.survey.fields import Field, fields_of
from harness.survey.kinds import KINDS, MODE_WORDS, Kind, Status
from harness.survey.shot_facts import ShotFacts
from harness.survey.status import field_status
from harness.survey.unknowns import not_examined

MODES: Final[tuple[Mode, ...]] = get_args(Mode)
FORMAT: Final = 1
ENOUGH: Final = 20  # requests in a mode; if none is answered, the mode is not
ORDER: Final = tuple(KINDS)


class ModeData(TypedDict):
    """The status in one mode; `evidence` is the grade."""

    kind: Kind
    status: str
    evidence: str


class SurveyRow(TypedDict):
    """One field; `label` is its path, or the name of its row where other rows have that path.

    `rows` are the rows of all documents about it, as PACK/ROW.
    `plain` and `stream` are None if nothing is sent in that mode.
    """

    pack: str
    row: str
    label: str
    location: str
    field: str
    kind: Kind
    status: str
    evidence: str
    plain: ModeData | None
    stream: ModeData | None
    rows: list[str]
    cases: list[str]
    unmet: list[UnmetPromise]
    shots: list[SurveyShot]


class SurveyData(TypedDict):
    """A survey, as survey.json has it."""

    format: int
    harness: str
    target: Json
    packs: list[dict[str, str]]
    started: str
    finished: str
    requests: int
    upstream: bool
    incomplete: str
    notes: list[str]
    signals: list[str]
    totals: dict[Kind, int]
    rows: list[SurveyRow]


def survey_rows(
    packs: Sequence[Pack], cases: Sequence[CaseData], facts: Mapping[str, ShotFacts]
) -> list[SurveyRow]:
    """Return the rows of the table, by location, in the order of the documents."""
    fields = fields_of(packs, cases)
    order = [*dict.fromkeys(field.row.location for field in fields)]
    known = [*WORDING["locations"]]
    order.sort(key=lambda name: known.index(name) if name in known else len(known))
    paths = Counter(field.row.path for field in fields)
    unique = {path for path, number in paths.items() if number == 1 and path[:1] != "("}
    modes = [mode for mode in MODES if is_answered(mode, cases, facts)]
    made = [
        survey_row(
            field, field.row.path if field.row.path in unique else field.row.id, modes, facts
        )
        for field in fields
    ]
    return sorted(made, key=lambda row: order.index(row["location"]))


def is_answered(mode: Mode, cases: Sequence[CaseData], facts: Mapping[str, ShotFacts]) -> bool:
    """Whether a request in a mode was answered. If none was, no field is the reason."""
    shots = (s["id"] for case in cases for s in case["shots"] if s["mode"] == mode)
    sent = [facts[name] for name in shots if name in facts]
    return len(sent) < ENOUGH or any((each.status or 500) < 400 for each in sent)


def notes(cases: Sequence[CaseData], facts: Mapping[str, ShotFacts]) -> list[str]:
    """Return what is true of all rows: the modes in which nothing is answered."""
    dead = [MODE_WORDS[mode] for mode in MODES if not is_answered(mode, cases, facts)]
    return [f"No {mode} request was answered; the rows leave that out." for mode in dead]


def survey_row(
    field: Field, label: str, modes: Sequence[Mode], facts: Mapping[str, ShotFacts]
) -> SurveyRow:
    plain, stream = statuses_of(field, modes, facts)
    present = [status for status in (plain, stream) if status]
    gravest = min(present, key=gravity, default=not_examined(field, modes))
    deciding = [*dict.fromkeys(name for one in present for name in one.cases)]
    return {
        "pack": field.readings[0].pack,
        "row": field.row.id,
        "label": label,
        "location": field.row.location,
        "field": field.row.path,
        "kind": gravest.kind,
        "status": joined_text(plain, stream) or gravest.text,
        "evidence": min((s.grade for s in present), key=GRADES.index, default="none"),
        "plain": mode_data(plain),
        "stream": mode_data(stream),
        "rows": [f"{one.pack}/{row.id}" for one in field.readings for row in one.rows],
        "cases": deciding,
        "unmet": unmet_promises(field, deciding),
        "shots": shots_of(field, facts),
    }


def gravity(status: Status) -> int:
    return ORDER.index(status.kind)


def statuses_of(
    field: Field, modes: Sequence[Mode], facts: Mapping[str, ShotFacts]
) -> tuple[Status | None, Status | None]:
    """Return the status in plain answers, and the one in streams; None if it was not examined."""
    sent = MODES if field.row.path == "stream" else modes
    statuses = {mode: field_status(field, mode, facts) for mode in sent}
    plain, stream = (statuses.get(mode) for mode in MODES)
    return (None if is_only_in_streams(field.row) else plain), stream


def is_only_in_streams(row: Row) -> bool:
    """Whether a field is documented for streams alone; `stream_options` is refused elsewhere."""
    names = row.path.split(".")
    in_streams = row.location == "stream" or row.id.startswith("stream.")
    return in_streams or "stream_options" in names or "delta" in names


def joined_text(plain: Status | None, stream: Status | None) -> str:
    """Return the text of both modes, once if they are of one kind; "" without any."""
    if plain and stream and plain.kind != stream.kind:
        return f"Plain: {lower(plain.text)}. Streamed: {lower(stream.text)}"
    return max((s.text for s in (plain, stream) if s), key=len, default="")


def lower(text: str) -> str:
    return f"{text[:1].lower()}{text[1:]}".removesuffix(".")


def mode_data(status: Status | None) -> ModeData | None:
    if status is None:
        return None
    return {"kind": status.kind, "status": status.text, "evidence": status.grade}


def totals(rows: Sequence[SurveyRow]) -> dict[Kind, int]:
    """Return how many rows have each kind of status, the gravest first."""
    counts = Counter(row["kind"] for row in rows)
    return {kind: counts[kind] for kind in ORDER if counts[kind]}


def sections(rows: Sequence[SurveyRow]) -> list[tuple[str, list[SurveyRow]]]:
    """Return the rows by the heading of their location."""
    groups: dict[str, list[SurveyRow]] = {}
    for row in rows:
        groups.setdefault(location(row["location"]), []).append(row)
    return [*groups.items()]
