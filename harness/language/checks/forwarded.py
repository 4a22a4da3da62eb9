"""The checks on requests that reached the provider behind the gateway.

They do not apply without an upstream, nor to requests that the gateway refused itself. A successful
answer without a forwarded request is undecided: the gateway can have another upstream or a cache.
What the provider answered is irrelevant; if it refused, its reason is part of the finding.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from harness.language.checks.base import Controls, Findings, NotApplicable, Undecided, check
from harness.language.checks.body import check_paths
from harness.language.checks.forwarded_leaves import differences, leaves_of, members
from harness.language.checks.headers import check_headers
from harness.model import Answer, Finding, Forwarded, Json
from harness.model.protocol import PROTOCOLS
from harness.util import json_pointer
from harness.util.format_value import format_value
from harness.util.strict_json import parse

MARK = "cache_control"  # of Anthropic: the provider caches the request up to here


def provider_requests(answer: Answer, plain: Sequence[Answer] = ()) -> list[Forwarded]:
    """Return the requests to endpoints of models that the shot caused.

    Args:
        plain: Answers to plain requests of the same run.

    Raises:
        NotApplicable: There is no upstream, or the gateway refused or used another endpoint.
        Undecided: The gateway answered, but no request arrived.
    """
    if answer.forwarded is None:
        raise NotApplicable
    requests = [request for request in answer.forwarded if request.protocol in PROTOCOLS]
    if not requests:
        refused = answer.status is not None and answer.status >= 400
        if answer.forwarded or refused or answer.alternative:
            raise NotApplicable
        raise Undecided(why_nothing_arrived(answer, plain))
    return requests


def why_nothing_arrived(answer: Answer, plain: Sequence[Answer]) -> str:
    """Return the reason; the gateway is connected if plain requests did arrive."""
    if not any(other.forwarded for other in plain):
        return "nothing reached the provider: is the gateway pointed at the upstream?"
    return (
        f"the gateway answered {answer.status} without a request to the provider, although it "
        "forwards other requests of this run; the answer can come from a cache"
    )


def consequence(request: Forwarded) -> str:
    """Return how the provider refused the request, as the end of a message; "" if it did not."""
    if not 400 <= request.status < 500:
        return ""
    reason = f": {format_value(request.refusal)}" if request.refusal else ""
    return f"; the provider refused it with {request.status}{reason}"


def body_of(request: Forwarded) -> Json:
    return parse(request.body).value


@check("forwarded", "upstream")
def forwarded(args: Json, answer: Answer, controls: Controls) -> Findings:
    requests = provider_requests(answer, controls)
    if "count" in args:
        yield from check_paths({"$": args["count"]}, len(requests), "requests at the provider ")
    examined = [request for request in requests if request.protocol in args]
    if not examined and "count" not in args:
        raise NotApplicable
    for request in examined:
        for finding in check_request(args[request.protocol], request):
            yield replace(finding, got=finding.got + consequence(request))


def equal_bodies(request: Forwarded) -> Iterator[Json]:
    """Yield the body, and another one if that means the same to the provider.

    An Anthropic provider joins neighbouring turns of one role, so that a gateway can send a turn in
    parts.
    """
    body = body_of(request)
    yield body
    messages = body.get("messages") if isinstance(body, Mapping) else None
    if request.protocol != "anthropic" or not isinstance(messages, list):
        return
    if not all(isinstance(message, Mapping) for message in messages):
        return
    turns = [list(turns) for _, turns in groupby(messages, lambda message: message.get("role"))]
    if len(turns) < len(messages):
        yield {**body, "messages": [joined_turn(parts) for parts in turns]}


def joined_turn(parts: Sequence[Mapping[str, Json]]) -> Mapping[str, Json]:
    """Return one turn with the content of all; a single turn is returned as it is."""
    if len(parts) == 1:
        return parts[0]
    blocks = [block for part in parts for block in content_blocks(part.get("content"))]
    return {**parts[0], "content": blocks}


def content_blocks(content: Json) -> list[Json]:
    if isinstance(content, list):
        return content
    return [{"type": "text", "text": content}]


def check_request(args: Json, request: Forwarded) -> Findings:
    if "body" in args:
        results = (
            list(check_paths(args["body"], body, "forwarded ")) for body in equal_bodies(request)
        )
        yield from min(results, key=len)
    if "headers" in args:
        yield from check_headers(args["headers"], request.headers, "forwarded ")
    for name in args.get("single", ()):
        values = [value for key, value in request.headers if key.lower() == name]
        if len(values) != 1 or "," in values[0]:
            yield Finding(f"forwarded header {name}", "exactly one value", format_value(values))


@check("forwarded_bound", "upstream", in_cases=False)
def bound(args: Json, answer: Answer, controls: Controls) -> Findings:
    """A value beyond the range must arrive as the bound, one within it unchanged."""
    for request in provider_requests(answer):
        sent = json_pointer.resolve(answer.request, args["at"])
        got = json_pointer.resolve(body_of(request), args["at"])
        expected = min(max(sent, args["min"]), args["max"])
        if got != expected or isinstance(got, bool):
            message = f"{format_value(expected)} for {format_value(sent)}"
            text = format_value(got) + consequence(request)
            yield Finding(f"forwarded {args['at']}", message, text)


@check("forwarded_as", "upstream", in_cases=False)
def as_control(args: Json, answer: Answer, controls: Controls) -> Findings:
    """The request that arrives must be the one that arrives without the field."""
    at_provider = [provider_requests(control)[-1] for control in controls]
    ignored = None if members(answer.request, MARK) else MARK
    for request in provider_requests(answer):
        comparable = [c for c in at_provider if c.protocol == request.protocol]
        if len(comparable) < 2:
            raise Undecided("there are no two controls at the provider to compare with")
        own, *others = (leaves_of(body_of(each), ignored) for each in (request, *comparable))
        for finding in differences(own, others):
            yield replace(finding, got=finding.got + consequence(request))
