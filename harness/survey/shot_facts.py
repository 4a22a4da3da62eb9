"""Facts about single answers that no assertion states: what refuses a field, what has no effect."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from harness.decode.response import read
from harness.language.behaviours.steps import field_pointer
from harness.language.checks.status import last_name, mentions
from harness.model import Case, Exchange, Json, Plan, Shot
from harness.util import json_pointer
from harness.util.error_words import MAX_READ, error_words
from harness.util.strict_json import parse

# Tags of shots with a value that a caller may send; others try wrong types and values out of range.
LEGAL: Final = ("probe", "legal", "extreme", "value", "in", "default")
# Members that can differ between the answers to two equal requests.
MAX_COMPARED: Final = 100_000  # bytes of an answer that is compared with another one
VARYING: Final = frozenset({"id", "created", "system_fingerprint", "request_id", "obfuscation"})
Comparison = Literal["same", "other", "varies", ""]


@dataclass(frozen=True, slots=True)
class ShotFacts:
    """The facts that a survey reads from one exchange of a case, beside the findings.

    Attributes:
        legal: Whether the shot has a value of the field that a caller may send.
        status: The status of the answer, None without one.
        named: Whether a refusal names the field.
        error: The words of a refusal, or "".
        answered_without: Whether the request without the field, if it was sent, was answered.
        compared: How the answer compares with the one without the field; "varies" if two of those
            differ from each other, "" if there is none to compare with.
    """

    legal: bool
    status: int | None
    named: bool
    error: str
    answered_without: bool
    compared: Comparison


def shot_facts(plan: Plan, exchanges: Mapping[str, Exchange]) -> dict[str, ShotFacts]:
    """Return the facts of a case's own shots, by shot id."""
    shots = {shot.id: shot for shot in plan.shots}
    return {
        shot.id: facts_of(plan, shot, shots, exchanges)
        for shot in own_shots(plan)
        if shot.id in exchanges
    }


def own_shots(plan: Plan) -> Iterator[Shot]:
    """Yield the last shot of each conversation that is the case's own."""
    for script in plan.scripts:
        if not script.shared:
            yield script.shots[-1]


def facts_of(
    plan: Plan, shot: Shot, shots: Mapping[str, Shot], exchanges: Mapping[str, Exchange]
) -> ShotFacts:
    exchange = exchanges[shot.id]
    text = exchange.body[: 4 * MAX_READ].decode("utf-8", "replace")
    refused = (exchange.status or 0) >= 400
    control = plan.controls.get(shot.id, "")
    return ShotFacts(
        legal=shot.tag in LEGAL or shot.tag.startswith("more-"),
        status=status_of(exchange),
        named=bool(exchange.alternative) or (refused and names_field(plan.case, text)),
        error=error_words(text)[1] if refused else "",
        answered_without=control not in exchanges or (exchanges[control].status or 500) < 400,
        compared="" if refused else compare(shot, shots.get(control), shots, exchanges),
    )


def status_of(exchange: Exchange) -> int | None:
    """Return the status; 400 if a field was refused, so that the request was sent without it."""
    if exchange.end != "complete":
        return None
    return 400 if exchange.alternative else exchange.status


def names_field(case: Case, text: str) -> bool:
    """Return whether the error of a refusal mentions the field under test."""
    names = case.spec.get("error_names", field_pointer(case))
    tokens = [*json_pointer.split(field_pointer(case))[:1], case.row.rpartition(".")[2]]
    expected = [last_name(name) for name in ([names] if isinstance(names, str) else names)]
    body = parse(text).value
    param = json_pointer.resolve(body, "/error/param") if isinstance(body, dict) else None
    texts = (error_words(text)[1], str(param or ""))
    return any(name and mentions(each, name) for name in (*expected, *tokens) for each in texts)


def compare(
    shot: Shot,
    control: Shot | None,
    shots: Mapping[str, Shot],
    exchanges: Mapping[str, Exchange],
) -> Comparison:
    """Compare an answer with its control, and that with its repetition, if it was repeated."""
    if control is None or control.id not in exchanges:
        return ""
    if len(exchanges[shot.id].body) > MAX_COMPARED:
        return ""
    answer, without = (content(one, exchanges[one.id]) for one in (shot, control))
    again = shots.get(f"{control.id.removesuffix('1')}2")
    if again and again.id in exchanges and content(again, exchanges[again.id]) != without:
        return "varies"
    return "same" if answer == without else "other"


def content(shot: Shot, exchange: Exchange) -> Json:
    """Return the content of an answer, without ids and times."""
    answer = read(exchange, shot.call.protocol, shot.mode, shot.call.body)
    return [answer.status, answer.unreadable, stable(answer.body)]


def stable(value: Json) -> Json:
    """Return data without the members that differ between the answers to equal requests."""
    if isinstance(value, dict):
        return {key: stable(item) for key, item in value.items() if key not in VARYING}
    return [*map(stable, value)] if isinstance(value, list) else value
