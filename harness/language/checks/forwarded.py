"""forwarded and its kin: what reached the provider behind the gateway. Silent where none stood.

A 2xx with nothing behind it accuses nobody: the gateway may be pointed elsewhere, or keep answers.
What it refuses by itself has nothing behind it either; of that nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from harness.language.checks.base import Check, NotApplicable, Undecided, format_value
from harness.language.checks.body import NAMES, PATHS, conforming, headers_conforming
from harness.model import Answer, Finding, Forwarded, Json
from harness.util import json_pointer
from harness.util.strict_json import parse

CHATS = ("anthropic", "openai")
HEADER_LIST = {"type": "array", "items": {"type": "string"}, "minItems": 1}
SEEN: Json = {
    "type": "object",
    "minProperties": 1,
    "additionalProperties": False,
    "properties": {"body": PATHS, "headers": NAMES, "once": HEADER_LIST},
}
ARGUMENTS: Json = {
    "type": "object",
    "minProperties": 1,
    "additionalProperties": False,
    "properties": {
        **{
            protocol: {**SEEN, "description": f"before a provider that speaks {protocol}"}
            for protocol in CHATS
        },
        "times": {"type": "object", "description": "a JSON Schema of how many requests arrived"},
    },
}


def arrived(answer: Answer) -> list[Forwarded]:
    """The chat requests that came of a shot. Raises Silent, and Undecided where none came."""
    if answer.forwarded is None:
        raise NotApplicable
    chats = [each for each in answer.forwarded if each.protocol in CHATS]
    if not chats:
        refused = answer.status is not None and answer.status >= 400
        if answer.forwarded or refused:
            raise NotApplicable  # the gateway used another endpoint, or refused
        raise Undecided("nothing reached the provider: is the gateway pointed at the upstream?")
    return chats


def body_of(each: Forwarded) -> Json:
    return parse(each.body).value


def forwarded(
    args: Json, answers: Sequence[Answer], against: Sequence[Answer]
) -> Iterator[Finding]:
    for answer in answers:
        chats = arrived(answer)
        if "times" in args:
            yield from conforming({"$": args["times"]}, len(chats), "requests at the provider ")
        known = [each for each in chats if each.protocol in args]
        if not known and "times" not in args:
            raise NotApplicable
        for each in known:
            yield from one(args[each.protocol], each)


def one(wanted: Json, each: Forwarded) -> Iterator[Finding]:
    if "body" in wanted:
        yield from conforming(wanted["body"], body_of(each), "forwarded ")
    if "headers" in wanted:
        for problem in headers_conforming(wanted["headers"], each.headers):
            yield Finding(f"forwarded {problem.at}", problem.expected, problem.got)
    for name in wanted.get("once", ()):
        values = [value for key, value in each.headers if key.lower() == name]
        if len(values) != 1 or "," in values[0]:
            yield Finding(f"forwarded header {name}", "one value, once", format_value(values))


def bound(args: Json, answers: Sequence[Answer], against: Sequence[Answer]) -> Iterator[Finding]:
    """A value beyond the range arrives as the bound, one within it untouched."""
    for answer in answers:
        for each in arrived(answer):
            sent = json_pointer.resolve(answer.request, args["at"])
            got = json_pointer.resolve(body_of(each), args["at"])
            wanted = min(max(sent, args["min"]), args["max"])
            if got != wanted or isinstance(got, bool):
                where = f"forwarded {args['at']}"
                yield Finding(
                    where, f"{format_value(wanted)} for {format_value(sent)}", format_value(got)
                )


def as_control(
    args: Json, answers: Sequence[Answer], against: Sequence[Answer]
) -> Iterator[Finding]:
    """The request that arrives is the one that arrives without the field."""
    controls = [arrived(control)[-1] for control in against]
    for answer in answers:
        for each in arrived(answer):
            alike = [c for c in controls if c.protocol == each.protocol]
            if len(alike) < 2:
                raise Undecided("there are no two controls at the provider to compare with")
            yield from differences(read(body_of(each)), [read(body_of(c)) for c in alike])


Members = dict[str, Json]


def read(body: Json) -> Members:
    """The request as a model reads it: a system prompt in several blocks is one text."""
    if isinstance(body, Mapping):
        system = body.get("system")
        texts = [texts_alone(block) for block in system] if isinstance(system, list) else [None]
        if texts and None not in texts:
            body = {**body, "system": "\n".join(map(str, texts))}
    return members(body)


def texts_alone(block: Json) -> str | None:
    """The words of a block that has nothing else to say."""
    text = block.get("text") if isinstance(block, Mapping) and len(block) == 2 else None
    return text if isinstance(text, str) else None


def members(value: Json, place: str = "") -> Members:
    """Every leaf by its pointer; an empty object or array is a leaf."""
    inner: list[tuple[str, Json]] = []
    if isinstance(value, Mapping):
        inner = [(key, item) for key, item in value.items() if item is not None]
    elif isinstance(value, list):
        inner = [(str(index), item) for index, item in enumerate(value)]
    if not inner:
        return {place: value}
    return {k: v for key, item in inner for k, v in members(item, f"{place}/{key}").items()}


def differences(own: Members, controls: Sequence[Members]) -> Iterator[Finding]:
    """Where the controls differ from one another, nothing is said."""
    everywhere = set(own).union(*controls)
    for place in sorted(everywhere):
        known = [control.get(place) for control in controls]
        if any(value != known[0] for value in known) or own.get(place) == known[0]:
            continue
        where = f"forwarded {place}"
        if place not in own:
            yield Finding(where, f"{format_value(known[0])}, as without the field", "nothing there")
        else:
            was = f"{format_value(known[0])}, as" if place in controls[0] else "nothing here, as"
            yield Finding(where, f"{was} without the field", format_value(own[place]))


FORWARDED = Check("forwarded", "upstream", ARGUMENTS, forwarded)
BOUND = Check("forwarded_bound", "upstream", True, bound, in_cases=False)
AS_CONTROL = Check("forwarded_as", "upstream", True, as_control, in_cases=False)
