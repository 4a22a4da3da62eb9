"""The check `steps_agree`: two steps of a conversation have values with the same meaning."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.language.checks.base import Check, Undecided
from harness.language.checks.values import is_number, value_at
from harness.model import Answer, Finding, Json
from harness.util.format_value import format_value
from harness.util.strict_json import parse

# Protocols wrap the same text in a different number of tokens. A smaller difference is ignored.
SLACK = 8
PAIR = {"minItems": 2, "maxItems": 2}


def steps_agree(
    args: Json, answers: Sequence[Answer], against: Sequence[Answer]
) -> Iterator[Finding]:
    """Compare each answer with the other step of the same conversation; `args` is one entry."""
    own_path, other_path = args["paths"].values()
    for answer in answers:
        conversation = answer.shot.rpartition("/")[0]
        others = [other for other in against if other.shot.rpartition("/")[0] == conversation]
        if not others:
            raise Undecided("there is no answer over the other protocol to compare with")
        own, other = value_at(own_path, answer), value_at(other_path, others[0])
        if own is None or other is None:
            got = f"{format_value(own)} and {format_value(other)}"
            yield Finding(own_path, "a value in both answers", got)
        elif not means_the_same(own, other, args):
            yield Finding(own_path, expectation(other, args), format_value(own), answer.shot)


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
    return bool(as_object(own, other) == as_object(other, own))


def as_object(value: Json, other: Json) -> Json:
    """Parse a JSON text if the other protocol sends an object in its place."""
    if isinstance(value, str) and isinstance(other, dict):
        return parse(value).value
    return value


def expectation(other: Json, args: Json) -> str:
    if "within" in args:
        tolerance = f"{args['within']:.0%}"
        return f"{format_value(other)} within {tolerance}, as over the other protocol"
    return f"a value that means {format_value(other)} over the other protocol"


STEPS_AGREE = Check("steps_agree", "differential", steps_agree)
