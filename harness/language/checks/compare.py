"""same_as, more_than, not_less: an answer against the controls of the same mode.

A control is fired twice. Only where both agree is there anything to compare with: what varies
between two equal requests varies by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.language.checks.base import Check, Undecided, format_value
from harness.language.checks.values import PATHS, is_number, value_at
from harness.model import Answer, Finding, Json


def same_as(args: Json, answers: Sequence[Answer], against: Sequence[Answer]) -> Iterator[Finding]:
    """A value that both controls have and this answer has not is a difference too."""
    agreed = {path: agreement(path, against) for path in args}
    if all(value is None for value in agreed.values()):
        raise Undecided(f"the controls do not agree on {' or '.join(args)}")
    for answer in answers:
        for path, known in agreed.items():
            got = value_at(path, answer)
            if known is not None and got != known:
                yield Finding(path, f"{format_value(known)}, as the control", format_value(got))


def agreement(path: str, against: Sequence[Answer]) -> Json:
    """What two controls or more all say, or None."""
    known = [value_at(path, control) for control in against]
    return known[0] if len(known) > 1 and all(value == known[0] for value in known) else None


def more_than(
    args: Json, answers: Sequence[Answer], against: Sequence[Answer]
) -> Iterator[Finding]:
    """Between two controls that differ lies room for doubt."""
    for path, got, known in numbers(args, answers, against):
        if got <= min(known):
            yield Finding(path, f"more than {min(known)}", format_value(got))
        elif got <= max(known):
            raise Undecided(
                f"the controls have {format_value(known)} at {path}, and the answer {got}"
            )


def not_less(args: Json, answers: Sequence[Answer], against: Sequence[Answer]) -> Iterator[Finding]:
    for path, got, known in numbers(args, answers, against):
        if got < min(known):
            yield Finding(path, f"at least {min(known)}", format_value(got))


def numbers(
    args: Json, answers: Sequence[Answer], against: Sequence[Answer]
) -> Iterator[tuple[str, Json, list[Json]]]:
    """(path, the answer's number, the controls'). Who counts nothing has not counted wrong."""
    for answer in answers:
        for path in args:
            got, found = value_at(path, answer), [value_at(path, control) for control in against]
            known = [value for value in found if is_number(value)]
            if not known or not is_number(got):
                raise Undecided(f"there is no number at {path} in both answer and control")
            yield path, got, known


COMPARED = {
    "type": "object",
    "required": ["control", "paths"],
    "additionalProperties": False,
    "properties": {
        "control": {
            "type": "object",
            "properties": {
                "request": {"type": "object"},
                "omit": {"type": "array", "items": {"type": "string"}},
            },
            "additionalProperties": False,
        },
        "paths": PATHS,
    },
}
SAME_AS = Check("same_as", "differential", COMPARED, same_as)
MORE_THAN = Check("more_than", "differential", COMPARED, more_than)
NOT_LESS = Check("not_less", "differential", True, not_less, in_cases=False)
