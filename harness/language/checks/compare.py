"""The checks `same_as`, `more_than` and `not_less`: an answer compared with its controls.

Each control is sent twice. A value that differs between two equal requests cannot be compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.language.checks.base import Check, Undecided
from harness.language.checks.values import is_number, value_at
from harness.model import Answer, Finding, Json
from harness.util.format_value import format_value


def same_as(args: Json, answers: Sequence[Answer], against: Sequence[Answer]) -> Iterator[Finding]:
    """Compare the values at some paths; a value that only the controls have is a difference."""
    agreed = {path: agreed_value(path, against) for path in args}
    if all(value is None for value in agreed.values()):
        raise Undecided(f"the controls do not agree on {' or '.join(args)}")
    for answer in answers:
        for path, expected in agreed.items():
            got = value_at(path, answer)
            if expected is not None and got != expected:
                yield Finding(path, f"{format_value(expected)}, as the control", format_value(got))


def agreed_value(path: str, against: Sequence[Answer]) -> Json:
    """Return the value that at least two controls share, or None."""
    values = [value_at(path, control) for control in against]
    same = len(values) > 1 and all(value == values[0] for value in values)
    return values[0] if same else None


def more_than(
    args: Json, answers: Sequence[Answer], against: Sequence[Answer]
) -> Iterator[Finding]:
    """Compare numbers; one that lies between the numbers of the controls is undecided."""
    for path, got, controls in numbers(args, answers, against):
        if got <= min(controls):
            yield Finding(path, f"more than {min(controls)}", format_value(got))
        elif got <= max(controls):
            values = format_value(controls)
            raise Undecided(f"the controls have {values} at {path}, and the answer {got}")


def not_less(args: Json, answers: Sequence[Answer], against: Sequence[Answer]) -> Iterator[Finding]:
    for path, got, controls in numbers(args, answers, against):
        if got < min(controls):
            yield Finding(path, f"at least {min(controls)}", format_value(got))


def numbers(
    args: Json, answers: Sequence[Answer], against: Sequence[Answer]
) -> Iterator[tuple[str, Json, list[Json]]]:
    """Yield (path, number in the answer, numbers in the controls).

    Raises:
        Undecided: The answer or all controls have no number there. A missing count is not wrong.
    """
    for answer in answers:
        for path in args:
            got = value_at(path, answer)
            values = [value_at(path, control) for control in against]
            controls = [value for value in values if is_number(value)]
            if not controls or not is_number(got):
                raise Undecided(f"there is no number at {path} in both answer and control")
            yield path, got, controls


SAME_AS = Check("same_as", "differential", same_as)
MORE_THAN = Check("more_than", "differential", more_than)
NOT_LESS = Check("not_less", "differential", not_less, in_cases=False)
