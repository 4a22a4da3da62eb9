"""Rules for the embeddings requests that reach the provider, whatever the case is about.

A gateway can send a list of inputs in several requests, and equal inputs once; so the inputs of all
requests that the provider answered are compared with those of the caller. Their order shows in the
answers, which other cases examine.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from harness.language.checks.base import Controls, Findings, NotApplicable, check
from harness.language.checks.chat_request import squeeze
from harness.language.checks.forward_rules import (
    Sent,
    repeated_headers,
    repeated_refusals,
    with_consequence,
)
from harness.language.checks.forwarded import body_of, provider_requests
from harness.model import Answer, Finding, Forwarded, Json
from harness.util.format_value import format_value

PROTOCOL: Final = "embeddings"
# A gateway can write the numbers itself in the form that its caller asks for.
PERMITTED: Final = ("model", "input", "encoding_format", "user")
SHOWN: Final = 30  # characters of an input in a finding
SHOWN_TOKENS: Final = 8
Requests = list[tuple[Forwarded, Sent]]


@check("forward.embeddings.additions", "upstream", in_cases=False)
def additions(args: Json, answer: Answer, controls: Controls) -> Findings:
    """Nothing is added: no parameter, and no input beside those that the caller's became."""
    sent, requests = sent_and_answered(answer)
    for request, body in requests:
        yield from with_consequence(added(sent, body), request)
    missing, foreign = differences(sent, requests)
    for item in foreign[len(missing) :]:
        yield Finding("forwarded $.input", "only the caller's inputs", format_value(item))


def added(sent: Sent, body: Sent) -> Findings:
    for name, value in body.items():
        if value is not None and sent.get(name) is None and name not in PERMITTED:
            expected = "nothing that the caller did not send"
            yield Finding(f"forwarded $.{name}", expected, format_value(value))


@check("forward.embeddings.lost", "upstream", in_cases=False)
def lost(args: Json, answer: Answer, controls: Controls) -> Findings:
    """Each input arrives, and as it was sent."""
    sent, requests = sent_and_answered(answer)
    missing, foreign = differences(sent, requests)
    for number, item in enumerate(missing):
        got = f"nothing of {short(item)}"
        if number < len(foreign):
            got = f"{short(foreign[number])} in the place of {short(item)}"
        finding = Finding("forwarded $.input", "every input of the caller", got)
        yield from with_consequence(iter([finding]), requests[-1][0])


@check("forward.embeddings.values", "upstream", in_cases=False)
def values(args: Json, answer: Answer, controls: Controls) -> Findings:
    """The number of dimensions keeps its value. A gateway can shorten embeddings itself."""
    sent, requests = sent_and_answered(answer)
    for request, body in requests:
        expected, got = sent.get("dimensions"), body.get("dimensions")
        if expected is not None and got is not None and got != expected:
            finding = Finding(
                "forwarded $.dimensions", f"should be {format_value(expected)}", format_value(got)
            )
            yield from with_consequence(iter([finding]), request)
        yield from with_consequence(repeated_headers(request), request)


@check("forward.embeddings.once", "upstream", in_cases=False)
def once(args: Json, answer: Answer, controls: Controls) -> Findings:
    """Each input is embedded once, since each is charged; a request that failed can be repeated."""
    sent, requests = sent_and_answered(answer)
    allowed = len(inputs(sent.get("input"))) * answer.attempts
    answered = [body for request, body in requests if 200 <= request.status < 300]
    count = sum(len(inputs(body.get("input"))) for body in answered)
    place, expected = "inputs at the provider", f"at most {allowed} that are answered"
    if count > allowed:
        yield Finding(place, expected, f"{count}")
    if repeated := list(repeated_refusals(embeddings_requests(answer))):
        got = f"{len(repeated) + 1} times the same after status {repeated[0].status}"
        yield Finding(place, "no repetition of a refused request", got, level="should")


def embeddings_requests(answer: Answer) -> list[Forwarded]:
    return [request for request in provider_requests(answer) if request.protocol == PROTOCOL]


def sent_and_answered(answer: Answer) -> tuple[Sent, Requests]:
    """Return the caller's body, and the forwarded requests that were answered, with their bodies.

    If the provider refused all, the last one is returned.

    Raises:
        NotApplicable: The gateway refused the request, or a body is not an object.
        Undecided: The gateway answered, but no request arrived.
    """
    requests = [(request, body_of(request)) for request in embeddings_requests(answer)]
    answered = [each for each in requests if 200 <= each[0].status < 300]
    kept = answered or requests[-1:]
    is_readable = all(isinstance(body, Mapping) for _, body in kept)
    if not kept or not is_readable or not isinstance(answer.request, Mapping):
        raise NotApplicable
    return answer.request, kept


def inputs(value: Json) -> list[Json]:
    """Return the inputs of a request: texts, or lists of tokens."""
    if isinstance(value, list) and value and not isinstance(value[0], int):
        return value
    return [] if value is None else [value]


def differences(sent: Sent, requests: Requests) -> tuple[list[Json], list[Json]]:
    """Return the caller's inputs that do not arrive, and the inputs that are none of theirs.

    Blanks are not compared; a case of its own checks them.

    Raises:
        NotApplicable: Tokens arrive as their text, or texts as their tokens.
    """
    own = {key(item): item for item in inputs(sent.get("input"))}
    arrived = {key(item): item for _, body in requests for item in inputs(body.get("input"))}
    if {type(item) for item in own.values()} != {type(item) for item in arrived.values()}:
        raise NotApplicable
    missing = [item for name, item in own.items() if name not in arrived]
    return missing, [item for name, item in arrived.items() if name not in own]


def key(item: Json) -> str:
    """Return what identifies an input; the whole of a list, since two can begin alike."""
    return squeeze(item) if isinstance(item, str) else json.dumps(item)


def short(item: Json) -> str:
    """Return the beginning of an input, and how long it is if that is not all of it."""
    if isinstance(item, list) and len(item) > SHOWN_TOKENS:
        return f"{format_value(item[:SHOWN_TOKENS])[:-1]}, ...] ({len(item)} tokens)"
    if isinstance(item, str) and len(item) > SHOWN:
        return f"{format_value(item[:SHOWN])} and so on ({len(item)} characters)"
    return format_value(item)
