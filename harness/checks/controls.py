"""same_as, more_than, untouched: an answer against the controls of the same mode.

A control is fired twice. Only where both agree is there anything to compare with: what varies
between two equal requests varies by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from harness.checks.record import Check, Problem, shown
from harness.checks.values import first, is_number
from harness.model import Answer, Json

# Sampled texts, their lengths, and what is new in each answer: never compared.
VARYING = frozenset(
    "id created content arguments completion_tokens total_tokens finish_reason system_fingerprint "
    "obfuscation tool_calls function_call reasoning reasoning_content reasoning_details annotations "
    "completion_tokens_details prompt_tokens_details".split()
)
ECHO = 6


def same_as(args: Json, answers: Sequence[Answer], against: Sequence[Answer]) -> Iterator[Problem]:
    for answer in answers:
        for path in args:
            known = [first(path, control) for control in against]
            got = first(path, answer)
            if known and known[0] is not None and all(k == known[0] for k in known) and got != known[0]:
                yield Problem(path, f"{shown(known[0])}, as the control", shown(got))


def comparable(args: Json, against: Sequence[Answer]) -> bool:
    """Whether the controls say anything on these paths."""
    known = [[first(path, control) for path in args] for control in against]
    return bool(known) and None not in known[0] and all(k == known[0] for k in known)


def same_or_lost(args: Json, answers: Sequence[Answer], against: Sequence[Answer]) -> Iterator[Problem]:
    """As an alternative, an empty comparison proves nothing."""
    if not comparable(args, against):
        yield Problem(str(args[0]), "controls that agree", "nothing to compare with")
    else:
        yield from same_as(args, answers, against)


def more_than(args: Json, answers: Sequence[Answer], against: Sequence[Answer]) -> Iterator[Problem]:
    for answer in answers:
        for path in args:
            known = [n for n in (first(path, control) for control in against) if is_number(n)]
            got = first(path, answer)
            if not known or not is_number(got):
                yield Problem(path, "a number in both", shown([got, *known]))
            elif got <= max(known):
                yield Problem(path, f"more than {max(known)}", shown(got))


def paths(data: Json, at: str = "", general: str = "") -> Iterator[tuple[str, str, Json]]:
    """(pointer, pointer with * for indices, scalar or None) of every member that is compared."""
    if isinstance(data, Mapping):
        for key, value in data.items():
            if key not in VARYING:
                yield f"{at}/{key}", f"{general}/{key}", None if _nested(value) else value
                yield from paths(value, f"{at}/{key}", f"{general}/{key}")
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from paths(value, f"{at}/{index}", f"{general}/*")


def _nested(value: Json) -> bool:
    return isinstance(value, (dict, list))


def untouched(args: Json, answers: Sequence[Answer], against: Sequence[Answer]) -> Iterator[Problem]:
    """Key set and every pointer on which the controls agree are the same; nothing is echoed."""
    controls = [list(paths(control.body)) for control in against]
    keys = [{general for _, general, _ in control} for control in controls]
    values = [{at: value for at, _, value in control} for control in controls]
    for answer in answers:
        if not keys or (answer.status or 0) >= 400:
            continue
        own = list(paths(answer.body))
        named = {general for _, general, _ in own}
        for key in sorted(named - set().union(*keys)):
            yield Problem(key, "not there, as in the controls", "there")
        for key in sorted(set.intersection(*keys) - named):
            yield Problem(key, "there, as in the controls", "not there")
        yield from changed({at: value for at, _, value in own}, values)
        yield from echoed(args["at"], answer, against)


def changed(own: Mapping[str, Json], known: Sequence[Mapping[str, Json]]) -> Iterator[Problem]:
    for at, value in known[0].items():
        if at in own and all(other.get(at) == value for other in known) and own[at] != value:
            yield Problem(at, f"{shown(value)}, as the controls", shown(own[at]))


def echoed(at: str, answer: Answer, against: Sequence[Answer]) -> Iterator[Problem]:
    """A text that was only sent in the field, seen in the answer."""
    for text in strings(_value(answer.request, at)):
        seen = [a.text + repr(a.headers) for a in (answer, *against)]
        if len(text) >= ECHO and text in seen[0] and not any(text in other for other in seen[1:]):
            yield Problem("body", f"no trace of {shown(text)}", "it comes back in the answer")


def _value(data: Json, at: str) -> Json:
    for token in at.split("/")[1:]:
        if isinstance(data, Mapping):
            data = data.get(token)
        elif isinstance(data, list) and re.fullmatch(r"\d+", token) and int(token) < len(data):
            data = data[int(token)]
        else:
            return None
    return data


def strings(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, Mapping) else value if _nested(value) else ():
        yield from strings(inner)


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
        "paths": {"type": "array", "items": {"type": "string", "pattern": r"^\$"}, "minItems": 1},
    },
}
SAME_AS = Check("same_as", "differential", COMPARED, same_as)
MORE_THAN = Check("more_than", "differential", COMPARED, more_than)
SHOWN_SAME = Check("shown_same", "differential", True, same_or_lost, written=False)
UNTOUCHED = Check("untouched", "differential", True, untouched, written=False)
