"""agree: two steps of one conversation, over two protocols, tell the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.language.checks.base import Check, Undecided, format_value
from harness.language.checks.values import PATH, is_number, value_at
from harness.model import Answer, Finding, Json
from harness.util.strict_json import parse

# Counts differ by what a protocol wraps around a text: so much is never a difference.
SLACK = 8
TWO = {"minItems": 2, "maxItems": 2}
ARGUMENTS: Json = {
    "type": "array",
    "minItems": 1,
    "items": {
        "type": "object",
        "required": ["paths"],
        "additionalProperties": False,
        "properties": {
            "paths": {
                "type": "object",
                "additionalProperties": PATH,
                "minProperties": 2,
                "maxProperties": 2,
                "description": "step: JSONPath, of the two values that agree",
            },
            "pairs": {
                "type": "array",
                "items": {"type": "array", **TWO},
                "minItems": 1,
                "description": "what means the same, in the order of the steps",
            },
            "within": {
                "type": "number",
                "exclusiveMinimum": 0,
                "description": f"numbers agree within this fraction, and always within {SLACK}",
            },
        },
    },
}


def agree(args: Json, answers: Sequence[Answer], against: Sequence[Answer]) -> Iterator[Finding]:
    """`args` is one entry; each answer is held against the other step of its own conversation."""
    mine, theirs = args["paths"].values()
    for answer in answers:
        talk = answer.shot.rpartition("/")[0]
        others = [other for other in against if other.shot.rpartition("/")[0] == talk]
        if not others:
            raise Undecided("there is no answer over the other protocol to compare with")
        here, there = value_at(mine, answer), value_at(theirs, others[0])
        if here is None or there is None:
            yield Finding(
                mine, "a value on both sides", f"{format_value(here)} and {format_value(there)}"
            )
        elif not same(here, there, args):
            yield Finding(mine, wanted(there, args), format_value(here), answer.shot)


def same(here: Json, there: Json, args: Json) -> bool:
    """Raises Undecided for values that the case gives no meaning."""
    if "pairs" in args:
        known = [pair for pair in args["pairs"] if here == pair[0] or there == pair[1]]
        if not known:
            raise Undecided(f"nothing is said of {format_value(here)} and {format_value(there)}")
        return [here, there] in known
    if "within" in args and is_number(here) and is_number(there):
        return bool(abs(here - there) <= max(SLACK, args["within"] * max(abs(here), abs(there))))
    return bool(read(here, there) == read(there, here))


def read(value: Json, other: Json) -> Json:
    """A text that stands for an object, where the other protocol sends the object itself."""
    if isinstance(value, str) and isinstance(other, dict):
        return parse(value).value
    return value


def wanted(there: Json, args: Json) -> str:
    if "within" in args:
        return f"{format_value(there)}, as over the other protocol, within {args['within']:.0%}"
    return f"what means {format_value(there)} over the other protocol"


AGREE = Check("agree", "differential", ARGUMENTS, agree)
