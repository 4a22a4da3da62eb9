"""Rules for every chat request that reaches the provider, whatever the case is about.

Nothing is added, nothing is lost, values keep their meaning, and one request causes one. The rules
apply to the last request that the provider answered, or to the last one if it refused all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from harness.language.checks.base import Controls, Findings, NotApplicable, check
from harness.language.checks.chat_request import read_request
from harness.language.checks.emulation import has_hosted_tool, is_emulated, is_requested
from harness.language.checks.forward_content import (
    added_texts,
    added_tools,
    changed_order,
    lost_calls,
    lost_images,
    lost_texts,
    lost_tools,
)
from harness.language.checks.forward_table import (
    USUAL,
    is_foreign,
    is_sent,
    level_of_addition,
    why_permitted,
)
from harness.language.checks.forward_values import changed_values
from harness.language.checks.forwarded import body_of, consequence, provider_requests
from harness.model import Answer, Finding, Forwarded, Json, Level
from harness.util.format_value import format_value

COMPLETIONS: Final = ("/chat/completions", "/messages", "/responses")
FORCING: Final = ("tool_choice", "parallel_tool_calls")
SINGLE_HEADERS: Final = ("anthropic-version", "authorization", "content-type", "host", "x-api-key")
Sent = Mapping[str, Json]


def completions(answer: Answer) -> list[Forwarded]:
    """Return the forwarded requests that let a model answer, in order."""
    requests = answer.forwarded or ()
    return [r for r in requests if r.path.partition("?")[0].endswith(COMPLETIONS)]


def sent_and_forwarded(answer: Answer) -> tuple[Sent, Sent, Forwarded]:
    """Return the caller's body, the forwarded body, and the forwarded request.

    Raises:
        NotApplicable: The gateway refused the request, or one of the bodies is not an object.
        Undecided: The gateway answered, but no request arrived.
    """
    requests = [r for r in provider_requests(answer) if r in completions(answer)]
    if not requests or not isinstance(answer.request, Mapping):
        raise NotApplicable
    answered = [request for request in requests if 200 <= request.status < 300]
    request = (answered or requests)[-1]
    body = body_of(request)
    if not isinstance(body, Mapping):
        raise NotApplicable
    return answer.request, body, request


def with_consequence(findings: Findings, request: Forwarded) -> Findings:
    for finding in findings:
        yield replace(finding, got=finding.got + consequence(request))


@check("forward.additions", "upstream", in_cases=False)
def additions(args: Json, answer: Answer, controls: Controls) -> Findings:
    sent, body, request = sent_and_forwarded(answer)
    yield from with_consequence(added_parameters(sent, body, request.protocol), request)
    own, forwarded = read_request(sent), read_request(body)
    if not is_emulated(sent):
        yield from with_consequence(added_tools(own, forwarded), request)
        yield from with_consequence(added_texts(own, forwarded), request)


def added_parameters(sent: Sent, body: Sent, protocol: str) -> Findings:
    """Yield parameters that the caller did not send; permitted ones are only recorded."""
    for name, value in body.items():
        is_tool_of_gateway = name in FORCING and is_emulated(sent)
        is_usual = name in USUAL or is_requested(name, value, sent)
        if value is None or is_sent(name, sent) or is_usual or is_tool_of_gateway:
            continue
        reason = why_permitted(name, value, protocol)
        if name == "stream_options" and not body.get("stream"):
            reason = ""  # the provider refuses it there
        level: Level = "may" if reason else level_of_addition(name, value)
        got = format_value(value) + (f" ({reason})" if reason else "")
        expected = "nothing that the caller did not send"
        yield Finding(f"forwarded $.{name}", expected, got, level=level)


@check("forward.lost", "upstream", in_cases=False)
def lost(args: Json, answer: Answer, controls: Controls) -> Findings:
    sent, body, request = sent_and_forwarded(answer)
    own, forwarded = read_request(sent), read_request(body)
    for find in (lost_texts, lost_calls, lost_images, changed_order):
        yield from with_consequence(find(own, forwarded), request)
    # The older form of tools has cases of its own.
    choice = sent.get("tool_choice")
    may_be_called = choice not in ("none", {"type": "none"})
    if isinstance(choice, Mapping) and choice.get("type") == "allowed_tools":
        may_be_called = False  # not every tool: the case about the choice examines which one is
    if may_be_called and not sent.get("functions"):
        yield from with_consequence(lost_tools(own, forwarded), request)


@check("forward.values", "upstream", in_cases=False)
def values(args: Json, answer: Answer, controls: Controls) -> Findings:
    """Values keep their meaning, in the provider's form; `args` is the caller's protocol.

    A provider of the caller's protocol can get a tool choice or a parameter unchanged in a form
    that the protocol does not have. It is for the provider to refuse it.
    """
    sent, body, request = sent_and_forwarded(answer)
    same = {name for name in body if args == request.protocol and body[name] == sent.get(name)}
    left_out = {"tool_choice"} if has_hosted_tool(sent) else same & {"tool_choice"}
    compared = {name: sent[name] for name in sent if name not in left_out}
    yield from with_consequence(changed_values(compared, body, request.protocol), request)
    yield from with_consequence(repeated_headers(request), request)
    if 400 <= request.status < 500:
        added = {name: value for name, value in body.items() if name not in same}
        yield from with_consequence(unknown_parameters(added, request.protocol), request)


def unknown_parameters(body: Sent, protocol: str) -> Findings:
    """Yield parameters that only other protocols have; a lenient provider ignores them."""
    for name, value in body.items():
        if value is not None and is_foreign(name, protocol):
            expected = "no parameter that only another protocol has"
            yield Finding(f"forwarded $.{name}", expected, format_value(value))


def repeated_headers(request: Forwarded) -> Findings:
    """Yield headers with one value that arrive twice; a provider refuses them."""
    names = [name.lower() for name, _ in request.headers]
    for name in SINGLE_HEADERS:
        if names.count(name) > 1:
            yield Finding(f"forwarded header {name}", "exactly one value", f"{names.count(name)}")


@check("forward.once", "upstream", in_cases=False)
def once(args: Json, answer: Answer, controls: Controls) -> Findings:
    """Check the number of requests; `args` is how many completions the request can cause.

    A request that failed can be sent again, by the harness too. So can a refused one, if it is
    changed, since a refusal costs nothing.
    """
    if answer.forwarded is None or (args and has_hosted_tool(answer.request)):
        raise NotApplicable
    if args:
        provider_requests(answer)  # undecided if nothing arrived
    requests = completions(answer)
    answered = [request for request in requests if 200 <= request.status < 300]
    place, expected = "requests at the provider", f"at most {args} that is answered"
    if args == 0:
        expected = "no completion, which costs money"
    if len(answered) > args * answer.attempts:
        yield Finding(place, expected, f"{len(answered)}")
    repeated = list(repeated_refusals(requests))
    if repeated:
        got = f"{len(repeated) + 1} times the same after status {repeated[0].status}"
        yield Finding(place, "no repetition of a refused request", got, level="should")


def repeated_refusals(requests: list[Forwarded]) -> Iterator[Forwarded]:
    """Yield refused requests that were refused before, with the same body."""
    visited: set[str] = set()
    for request in requests:
        if 400 <= request.status < 500 and request.status not in (408, 409, 429):
            if request.body in visited:
                yield request
            visited.add(request.body)
