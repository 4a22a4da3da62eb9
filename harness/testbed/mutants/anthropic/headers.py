"""Mutants of the Anthropic front's headers, and of what Go's and Ruby's clients meet."""

from __future__ import annotations

from collections.abc import Callable

from harness.testbed.base import Mutant
from harness.testbed.gateway.endpoint import Request, header_values
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.mutants.anthropic.error_operators import headers, on_errors, text
from harness.testbed.mutants.anthropic.operators import answers, mutant, refuses
from harness.testbed.mutants.anthropic.request_operators import (
    at,
    both_of,
    errors_as_events,
    said,
    streamed,
    turned_away,
)
from harness.testbed.mutants.openai.operators import Body, has_value

RESULT = ("messages", "*", "content", "*")
LEFT = "anthropic-ratelimit"
ORIGIN = "headers access-control-allow-origin"
PROMISED = "headers anthropic-ratelimit-"


def lacks(*names: str) -> Callable[[dict[str, str]], None]:
    def lose(found: dict[str, str]) -> None:
        for name in list(found):
            if name.startswith(names):
                del found[name]

    return lose


def seconds(found: dict[str, str]) -> None:
    for name in found:
        if name.endswith("-reset"):
            found[name] = "60"


def renamed(found: dict[str, str]) -> None:
    found["x-request-id"] = found.pop("request-id")


def prefixed(found: dict[str, str]) -> None:
    for name in [name for name in found if name.startswith(LEFT)]:
        found[f"llm_provider-{name}"] = found.pop(name)


def as_text(found: dict[str, str]) -> None:
    found["content-type"] = "text/plain"


def preflight(request: Request) -> bool:
    return bool(request["method"] == "OPTIONS")


ANTHROPIC_HEADERS = (
    mutant("header.text", "sends errors as plain text", "content-type.answer", "present",
           on_errors(as_text)),
    mutant("header.request-id.renamed", "calls it x-request-id", "request-id", "present",
           headers(renamed)),
    mutant("header.request-id.lost", "sends no request-id with errors", "request-id", "present",
           on_errors(lacks("request-id"))),
    mutant("header.request-id.same", "gives every request one id", "request-id.unique",
           "unique header request-id", headers(lambda found: found.update({"request-id": "r"}))),
    mutant("header.ratelimit.lost", "does not tell what is left of requests",
           "ratelimit.requests", f"{PROMISED}requests-remaining", headers(lacks(f"{LEFT}-req"))),
    mutant("header.ratelimit.prefixed", "puts a prefix before its provider's headers",
           "ratelimit.tokens", f"{PROMISED}tokens-limit", headers(prefixed)),
    mutant("header.ratelimit.seconds", "tells a reset in seconds", "ratelimit.written",
           f"{PROMISED}requests-reset", headers(seconds)),
    mutant("browser.closed", "lets no browser read its answers", "browser", ORIGIN,
           {"anthropic.cors_headers": lambda original, headers: []}),
    mutant("browser.preflight", "asks a browser's first question for a key",
           "browser.preflight", "status",
           {"anthropic.respond": lambda original, request, ids: original(
               {**request, "method": "PATCH"} if preflight(request) else request, ids)}),
    mutant("browser.errors", "lets browsers read no errors", "browser.refused", ORIGIN,
           {"anthropic.respond": lambda original, request, ids: unpermitted(
               original(request, ids))}),
)  # fmt: skip


def unpermitted(reply: Body) -> Body:
    if reply["status"] < 400:
        return reply
    pairs = [pair for pair in reply["headers"] if not pair[0].startswith("access-control")]
    return {**reply, "headers": pairs}


def client(name: str, says: str, rule: str, wrong: Overrides) -> Mutant:
    return mutant(f"client.{name}", says, f"client.{name.rpartition('-')[0]}", rule, wrong)


def agent(*names: str) -> Callable[[Request], bool]:
    return said("user-agent", *names)


def untyped(original: Callable[..., bytes], name: str, data: bytes) -> bytes:
    """The event line tells the type, and the data no longer."""
    return original(name, data.replace(f'"type":"{name}",'.encode(), b"").replace(
        f'"type":"{name}"'.encode(), b""))  # fmt: skip


def no_usage(original: Callable[[Body], Body], whole: Body) -> Body:
    event = original(whole)
    del event["usage"]
    return event


def typed(kind: str) -> Callable[[Body, Body], None]:
    return lambda _, whole: whole.update(type=kind)


def no_body(request: Request) -> bool:
    return not request["body"] and bool(header_values(request["headers"], "content-type"))


CLIENTS = (
    client("go.message-agent", "lets in only clients that it knows", "status",
           turned_away(agent("anthropic/go"), 403)),
    client("go.stream-accept", "streams only to who accepts a stream", "status",
           turned_away(both_of(streamed, said("accept", "application/json")), 406)),
    client("go.tools-is_error", "knows is_error as true only", "status",
           refuses(has_value(*RESULT, "is_error", value=False), "is_error")),
    client("go.beta-path", "finds nothing at ?beta=true", "status",
           turned_away(lambda request: request["path"].endswith("?beta=true"), 404)),
    client("go-community.message-accept", "knows Accept without a charset only", "status",
           turned_away(said("accept", "charset"), 406)),
    client("go-community.stream-accept", "sends nothing but JSON, streams included", "status",
           turned_away(said("accept", "text/event-stream"), 406)),
    client("go-community.stream.refused-event", "sends errors as events to who accepts events",
           "schema anthropic/error", errors_as_events(said("accept", "text/event-stream"), 400)),
    client("go-community.tools-auto", "refuses tool_choice auto", "status",
           refuses(has_value("tool_choice", "type", value="auto"), "tool_choice")),
    client("ruby.message-timeout", "breaks over a time-out with a decimal point", "status",
           turned_away(said("x-stainless-timeout", "."), 500)),
    client("ruby.stream-agent", "breaks over a name with two colons", "status",
           turned_away(agent("::"), 500)),
    client("ruby.models-body", "reads a body wherever a content type is named", "status",
           turned_away(both_of(at("/v1/models", "GET"), no_body), 400)),
    client("ruby-anthropic.message-accept", "does not know that */* is JSON too", "status",
           turned_away(said("accept", "*/*"), 406)),
    client("ruby-anthropic.stream-usage", "sends a message_delta without usage",
           "events $[?@.type=='message_delta'].usage", {"anthropic.message_delta": no_usage}),
    client("anthropic-rb.message-type", "calls a message a completion", "body $.type",
           answers(typed("completion"))),
    client("anthropic-rb.stream-type", "tells the type of an event in its event line only",
           "events $[*].type", {"anthropic.frame": untyped}),
    client("anthropic-rb.beta-old", "refuses betas that are none any more", "status",
           turned_away(said("anthropic-beta", "tools-2024"), 400)),
    client("anthropic-rb.refused-text", "sends errors as text", "body $.type", text()),
)  # fmt: skip

ANTHROPIC_WIRE = (*ANTHROPIC_HEADERS, *CLIENTS)
