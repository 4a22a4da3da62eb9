"""The check `untouched`: an answer to a request with a field is like the answers without it.

Members that can differ between two equal requests are not compared: sampled values, counts of
them, times, ids, and names of the server that answered. The controls of both modes are compared
with, and only values on which all agree, since two can agree by chance behind a load balancer.
An absent, a null and an empty member are equal.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set

from harness.language.checks.base import Controls, Findings, Undecided, check
from harness.language.checks.compared import COUNT, observation
from harness.model import Answer, Finding, Json
from harness.util import json_pointer
from harness.util.format_value import format_value

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
MIN_ECHO = 6  # characters; a shorter text can appear in an answer by chance
Members = dict[str, Json]
INDEX = re.compile(r"(?<=/)\d+(?=/|$)")


@check("untouched", "differential", pooled=True, in_cases=False, optional=("tokens",))
def untouched(args: Json, answer: Answer, controls: Controls) -> Findings:
    """Compare members and values with the controls, and look for the field's text in the answer.

    Token counts are not compared if those of this target do not distinguish requests.
    """
    readable = [control for control in controls if not control.unreadable]
    if len(readable) < 2:
        raise Undecided("there are no two controls to compare with")
    if answer.unreadable:
        yield Finding(got="the answer cannot be read", status="holds", grade="accepted")
        return
    own, *expected = (members(each.body) for each in (answer, *readable))
    if "tokens" in args.get("dead", ()):
        own, *expected = (without_counts(each) for each in (own, *expected))
    failures = [
        *changed_members(own, expected),
        *changed_values(own, expected),
        *echoes(args["at"], answer, readable),
    ]
    yield from failures
    if not failures:
        yield observation(answer.body, [control.body for control in readable], own, expected)


def without_counts(values: Members) -> Members:
    return {at: value for at, value in values.items() if not at.endswith(COUNT)}


def members(data: Json, at: str = "") -> Members:
    """Return compared members by pointer; the value of an object or an array is None."""
    result: Members = {}
    for key, value in children(data):
        if key not in VARYING and not is_empty(value):
            nested = isinstance(value, (dict, list))
            result[f"{at}/{key}"] = None if nested else value
            result |= members(value, f"{at}/{key}")
    return result


def is_empty(value: Json) -> bool:
    if isinstance(value, (dict, list)):
        return all(is_empty(inner) for _, inner in children(value))
    return value is None or value == ""


def children(data: Json) -> Iterable[tuple[str | int, Json]]:
    if isinstance(data, Mapping):
        return data.items()
    return enumerate(data) if isinstance(data, list) else ()


def by_pattern(values: Members) -> dict[str, str]:
    """Map pointers with `*` for each index to the pointer itself."""
    return {INDEX.sub("*", at): at for at in values}


def changed_members(own: Members, expected: Sequence[Members]) -> Findings:
    """Report members that are new or missing, but not members below those."""
    own_patterns, control_patterns = by_pattern(own), [by_pattern(each) for each in expected]
    new = own_patterns.keys() - set().union(*control_patterns)
    first = control_patterns[0]
    missing = set(first).intersection(*control_patterns) - own_patterns.keys()
    for pattern in outermost(new):
        at = own_patterns[pattern]
        got = "something there" if own[at] is None else format_value(own[at])
        yield Finding(at, "nothing here, as in the controls", got)
    for pattern in outermost(missing):
        yield Finding(first[pattern], "something here, as in the controls", "nothing there")


def outermost(places: Set[str]) -> list[str]:
    return sorted(place for place in places if place.rpartition("/")[0] not in places)


def changed_values(own: Members, expected: Sequence[Members]) -> Findings:
    """Report values on which the controls agree. A float is a measurement and not compared."""
    for at, value in own.items():
        others = [each[at] for each in expected if each.get(at) is not None]
        agreed = len(others) > 1 and all(other == others[0] for other in others)
        if agreed and value is not None and value != others[0] and not isinstance(value, float):
            yield Finding(at, f"{format_value(others[0])}, as the controls", format_value(value))


def echoes(at: str, answer: Answer, controls: Sequence[Answer]) -> Findings:
    """Report texts that were sent only in the field and appear in the answer.

    A single word is not searched for in sampled members, since a model can use any word.
    """
    elsewhere = "\n".join(texts(controls[0].request))
    for text in texts(json_pointer.resolve(answer.request, at)):
        if len(text) < MIN_ECHO or text in elsewhere:
            continue
        skipped = VARYING if text.isalpha() else frozenset[str]()
        own, *others = ["\n".join(answer_texts(a, skipped)) for a in (answer, *controls)]
        if text in own and not any(text in other for other in others):
            expected = f"an answer without {format_value(text)}"
            yield Finding("body", expected, "the answer contains the text")


def answer_texts(answer: Answer, skipped: frozenset[str]) -> Iterator[str]:
    yield from (f"{name}: {value}" for name, value in answer.headers)
    yield from texts(answer.body, skipped)


def texts(value: Json, skipped: frozenset[str] = frozenset()) -> Iterator[str]:
    """Yield every text in a value, including keys."""
    if isinstance(value, str):
        yield value
    for key, inner in children(value):
        if key not in skipped:
            if isinstance(key, str):
                yield key
            yield from texts(inner, skipped)
