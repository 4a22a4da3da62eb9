"""The checks `same_as`, `more_than`, `not_less` and `steps_agree`: comparisons of two answers.

The first three compare with controls. Each control is sent twice, since a value that differs
between two equal requests cannot be compared. `steps_agree` compares two steps of a conversation.
"""

from __future__ import annotations

from collections.abc import Iterator

from harness.language.checks.base import Controls, Findings, NotApplicable, Undecided, check
from harness.language.checks.status import OK
from harness.language.checks.values import is_number, value_at
from harness.language.checks.vectors import as_vector, distance, lost_digits
from harness.model import Answer, Finding, Json
from harness.util.format_value import format_value
from harness.util.strict_json import parse

# Protocols wrap the same text in a different number of tokens. A smaller difference is ignored.
SLACK = 8


@check("same_as", "differential")
def same_as(args: Json, answer: Answer, controls: Controls) -> Findings:
    """Compare the values at some paths; a value that only the controls have is a difference."""
    agreed = {path: agreed_value(path, controls) for path in args}
    if all(value is None for value in agreed.values()):
        places = " or ".join(args)
        if controls and all(value_at(path, each) is None for path in args for each in controls):
            raise Undecided(f"the controls have no value at {places}", "signal")
        raise Undecided(f"the controls do not agree on {places}")
    for path, expected in agreed.items():
        got = value_at(path, answer)
        if expected is not None and got != expected:
            yield Finding(path, f"{format_value(expected)}, as the control", format_value(got))


def agreed_value(path: str, controls: Controls) -> Json:
    """Return the value that at least two controls share, or None."""
    values = [value_at(path, control) for control in controls]
    same = len(values) > 1 and all(value == values[0] for value in values)
    return values[0] if same else None


@check("more_than", "differential")
def more_than(args: Json, answer: Answer, controls: Controls) -> Findings:
    """Compare numbers; one that lies between the numbers of the controls is undecided."""
    for path, got, others in numbers(args, answer, controls):
        if got <= min(others):
            yield Finding(path, f"more than {min(others)}", format_value(got))
        elif got <= max(others):
            values = format_value(others)
            raise Undecided(f"the controls have {values} at {path}, and the answer {got}")


@check("not_less", "differential", in_cases=False)
def not_less(args: Json, answer: Answer, controls: Controls) -> Findings:
    """Compare numbers; many more are undecided, since a default system prompt can add them.

    Chat templates add one where the request has no system message, and that can hide a lost text.
    """
    for path, got, others in numbers(args, answer, controls):
        if got < min(others):
            yield Finding(path, f"at least {min(others)}", format_value(got))
        elif got > max(others) + SLACK:
            values = format_value(others)
            raise Undecided(f"the controls have {values} at {path}, and the answer {got}")


def numbers(
    paths: list[str], answer: Answer, controls: Controls
) -> Iterator[tuple[str, Json, list[Json]]]:
    """Yield (path, number in the answer, numbers in the controls).

    Raises:
        Undecided: The answer or all controls have no number there. A missing count is not wrong.
    """
    for path in paths:
        got = value_at(path, answer)
        others = list(filter(is_number, (value_at(path, control) for control in controls)))
        if not others or not is_number(got):
            raise Undecided(f"there is no number at {path} in both answer and control", "signal")
        yield path, got, others


@check("steps_agree", "differential")
def steps_agree(args: Json, answer: Answer, controls: Controls) -> Findings:
    """Compare an answer with the other step of its conversation; `args` is one entry."""
    own_path, other_path = args["paths"].values()
    conversation = answer.shot.rpartition("/")[0]
    others = [other for other in controls if other.shot.rpartition("/")[0] == conversation]
    if not others:
        raise Undecided("there is no answer of the other step to compare with")
    own, other = value_at(own_path, answer), value_at(other_path, others[0])
    if own is None and other is None:  # neither answer has a value to compare
        raise NotApplicable
    if own is None or other is None:
        if (answer.status in OK) != (others[0].status in OK):  # a refusal has not all the values
            raise NotApplicable
        present, missing = (other, own_path) if own is None else (own, other_path)
        got = f"nothing at {missing} of one, {format_value(present)} in the other"
        yield Finding(own_path, "a value in both answers", got, answer.shot)
    elif difference := differences(own, other, args):
        yield Finding(own_path, *difference, answer.shot)


def differences(own: Json, other: Json, args: Json) -> tuple[str, str] | None:
    """Return what was expected and what came, if two values do not mean the same."""
    if "within" in args and (digits := lost_digits(own, other)) is not None:
        return "the numbers of the list in Base64", f"numbers rounded to {digits} digits"
    if means_the_same(own, other, args):
        return None
    if "within" in args:
        expected = f"{format_value(other)} within {args['within']:.0%}, as in the other answer"
    else:
        expected = f"a value that means {format_value(other)}, as in the other answer"
    return expected, format_value(own)


def means_the_same(own: Json, other: Json, args: Json) -> bool:
    """Compare two values; raises Undecided if the case does not list either of them."""
    if "pairs" in args:
        pairs = [pair for pair in args["pairs"] if own == pair[0] or other == pair[1]]
        if not pairs:
            values = f"{format_value(own)} and {format_value(other)}"
            raise Undecided(f"the case lists no pair with {values}")
        return [own, other] in pairs
    if "within" in args and is_number(own) and is_number(other):
        return bool(abs(own - other) <= max(SLACK, args["within"] * max(abs(own), abs(other))))
    if "within" in args and (vector := as_vector(own)) and (reference := as_vector(other)):
        return bool(distance(vector, reference) <= args["within"])
    return bool(as_object(own) == as_object(other))


def as_object(value: Json) -> Json:
    """Return the object that a text has as JSON, such as the arguments of a call.

    Blanks and the order of keys have no meaning there, and some protocols send the object itself.
    """
    parsed = parse(value).value if isinstance(value, str) and value.lstrip()[:1] == "{" else None
    return parsed if isinstance(parsed, dict) else value
