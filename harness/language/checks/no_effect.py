"""untouched: an answer to a request with a field is like the answers without it.

What may rightly differ between two equal requests is left out: what is sampled, counted from it,
timed or new each time, and what tells which of several machines answered. Compared is what every
control agrees on, of both modes, since behind a balancer two may agree by chance. Absent, null and
empty are the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set

from harness.language.checks.base import Check, Undecided, format_value
from harness.model import Answer, Finding, Json
from harness.util import json_pointer

# fmt: off
SAMPLED = frozenset({
    "content", "arguments", "tool_calls", "function_call", "refusal", "reasoning",
    "reasoning_content", "reasoning_details", "annotations", "citations", "finish_reason",
    "native_finish_reason", "stop_reason", "completion_tokens", "total_tokens",
    "completion_tokens_details", "prompt_tokens_details",
})
VARYING = SAMPLED | {
    "id", "created", "obfuscation", "request_id", "x_groq",
    "system_fingerprint", "model", "provider",
    "timings", "time_info", "stats", "metrics", "cost", "cost_details",
}
# fmt: on
ECHO = 6
INDEX = re.compile(r"(?<=/)\d+(?=/|$)")


def untouched(
    args: Json, answers: Sequence[Answer], against: Sequence[Answer]
) -> Iterator[Finding]:
    """Key set and every value on which the controls agree are the same; nothing is echoed."""
    controls = [control for control in against if not control.unreadable]
    if len(controls) < 2:
        raise Undecided("there are no two controls to compare with")
    known = [members(control.body) for control in controls]
    for answer in answers:
        if not answer.unreadable:
            own = members(answer.body)
            yield from keys(own, known)
            yield from values(own, known)
            yield from echoes(args["at"], answer, controls)


Members = dict[str, Json]


def members(data: Json, at: str = "") -> Members:
    """Every member that is compared and not empty, by pointer; None for one that has members."""
    found: Members = {}
    for key, value in children(data):
        if key not in VARYING and not empty(value):
            nested = isinstance(value, (dict, list))
            found[f"{at}/{key}"] = None if nested else value
            found |= members(value, f"{at}/{key}")
    return found


def empty(value: Json) -> bool:
    if isinstance(value, (dict, list)):
        return all(empty(inner) for _, inner in children(value))
    return value is None or value == ""


def children(data: Json) -> Iterable[tuple[str | int, Json]]:
    if isinstance(data, dict):
        return data.items()
    return enumerate(data) if isinstance(data, list) else ()


def general(known: Members) -> dict[str, str]:
    """The same places in any element of an array."""
    return {INDEX.sub("*", at): at for at in known}


def keys(own: Members, known: Sequence[Members]) -> Iterator[Finding]:
    """What is new, or gone, and does not only stand below something that is."""
    mine, theirs = general(own), [general(each) for each in known]
    new = mine.keys() - set().union(*theirs)
    gone = set(theirs[0]).intersection(*theirs) - mine.keys()
    for key in outermost(new):
        value = own[mine[key]]
        got = "something there" if value is None else format_value(value)
        yield Finding(mine[key], "nothing here, as in the controls", got)
    for key in outermost(gone):
        yield Finding(theirs[0][key], "something here, as in the controls", "nothing there")


def outermost(places: Set[str]) -> list[str]:
    return sorted(place for place in places if place.rpartition("/")[0] not in places)


def values(own: Members, known: Sequence[Members]) -> Iterator[Finding]:
    """A fraction is a measurement, and not compared."""
    for at, value in own.items():
        others = [each[at] for each in known if each.get(at) is not None]
        agreed = len(others) > 1 and all(other == others[0] for other in others)
        if agreed and value is not None and value != others[0] and not isinstance(value, float):
            yield Finding(at, f"{format_value(others[0])}, as the controls", format_value(value))


def echoes(at: str, answer: Answer, controls: Sequence[Answer]) -> Iterator[Finding]:
    """A text that was sent in the field and nowhere else, and comes back.

    A plain word is not looked for in what is sampled: a model may say any word of its own accord.
    """
    elsewhere = "\n".join(texts(controls[0].request))
    for text in texts(json_pointer.resolve(answer.request, at)):
        if len(text) < ECHO or text in elsewhere:
            continue
        skipped = VARYING if text.isalpha() else frozenset[str]()
        seen, *before = ["\n".join(heard(a, skipped)) for a in (answer, *controls)]
        if text in seen and not any(text in other for other in before):
            yield Finding(
                "body", f"no trace of {format_value(text)}", "it comes back in the answer"
            )


def heard(answer: Answer, skipped: frozenset[str]) -> Iterator[str]:
    yield from (f"{name}: {value}" for name, value in answer.headers)
    yield from texts(answer.body, skipped)


def texts(value: Json, skipped: frozenset[str] = frozenset()) -> Iterator[str]:
    """Every text in a value, keys too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            if key not in skipped:
                yield key
                yield from texts(inner, skipped)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner, skipped)


UNTOUCHED = Check("untouched", "differential", True, untouched, pooled=True, in_cases=False)
