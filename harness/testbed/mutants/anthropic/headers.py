"""Mutants of response headers on the Anthropic endpoint, and of client-specific behaviour."""

from __future__ import annotations

from collections.abc import Callable

from harness.testbed.base import Mutant
from harness.testbed.gateway.endpoint import Request, header_values
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.mutants.anthropic.error_operators import headers
from harness.testbed.mutants.anthropic.operators import mutant, refuses
from harness.testbed.mutants.anthropic.request_operators import (
    at,
    both_of,
    errors_as_events,
    header_contains,
    rejects_with,
    streamed,
)
from harness.testbed.mutants.openai.operators import Body, has_value
from harness.testbed.mutation.rows import mutants_in

RESULT = ("messages", "*", "content", "*")
LEFT = "anthropic-ratelimit"
ORIGIN = "headers access-control-allow-origin"
PROMISED = "headers anthropic-ratelimit-"


def omits(*names: str) -> Callable[[dict[str, str]], None]:
    def remove(headers: dict[str, str]) -> None:
        for name in list(headers):
            if name.startswith(names):
                del headers[name]

    return remove


def reset_in_seconds(headers: dict[str, str]) -> None:
    for name in headers:
        if name.endswith("-reset"):
            headers[name] = "60"


def prefix_limits(headers: dict[str, str]) -> None:
    for name in [name for name in headers if name.startswith(LEFT)]:
        headers[f"llm_provider-{name}"] = headers.pop(name)


def auto_beside_result(body: Body) -> bool:
    is_auto = has_value("tool_choice", "type", value="auto")(body)
    return is_auto and has_value(*RESULT, "type", value="tool_result")(body)


def preflight(request: Request) -> bool:
    return bool(request["method"] == "OPTIONS")


ANTHROPIC_HEADERS = (
    mutant("header.ratelimit.lost", "omits the remaining requests",
           "ratelimit.requests", f"{PROMISED}requests-remaining", headers(omits(f"{LEFT}-req"))),
    mutant("header.ratelimit.prefixed", "sends the provider's headers with a prefix",
           "ratelimit.tokens", f"{PROMISED}tokens-limit", headers(prefix_limits)),
    mutant("header.ratelimit.seconds", "sends a reset in seconds", "ratelimit.written",
           f"{PROMISED}requests-reset", headers(reset_in_seconds)),
    mutant("browser.closed", "omits CORS headers", "browser", ORIGIN,
           {"anthropic.cors_headers": lambda original, headers: []}),
    mutant("browser.preflight", "requires a key for preflight requests",
           "browser.preflight", "status",
           {"anthropic.respond": lambda original, request, ids: original(
               {**request, "method": "PATCH"} if preflight(request) else request, ids)}),
    mutant("browser.errors", "omits CORS headers in errors", "browser.refused", ORIGIN,
           {"anthropic.respond": lambda original, request, ids: without_cors(
               original(request, ids))}),
)  # fmt: skip


def without_cors(reply: Body) -> Body:
    if reply["status"] < 400:
        return reply
    pairs = [pair for pair in reply["headers"] if not pair[0].startswith("access-control")]
    return {**reply, "headers": pairs}


def client(name: str, description: str, rule: str, override: Overrides) -> Mutant:
    return mutant(
        f"client.{name}", description, f"client.{name.rpartition('-')[0]}", rule, override
    )


def user_agent_contains(*names: str) -> Callable[[Request], bool]:
    return header_contains("user-agent", *names)


def without_type(original: Callable[..., bytes], name: str, data: bytes) -> bytes:
    """Omits the type in the data of events."""
    return original(name, data.replace(f'"type":"{name}",'.encode(), b"").replace(
        f'"type":"{name}"'.encode(), b""))  # fmt: skip


def has_type_without_body(request: Request) -> bool:
    return not request["body"] and bool(header_values(request["headers"], "content-type"))


CLIENTS = (
    client("go.stream-accept", "streams only if accept names nothing but event streams, to Go",
           "status", rejects_with(both_of(both_of(
               streamed, header_contains("accept", "application/json")),
               user_agent_contains("/Go ")), 406)),
    client("go.beta-path", "returns a 404 for ?beta=true", "status",
           rejects_with(lambda request: request["path"].endswith("?beta=true"), 404)),
    client("go-community.stream.refused-event",
           "sends errors as events if accept names event streams",
           "body $.error.message",
           errors_as_events(header_contains("accept", "text/event-stream"), 400)),
    client("go-community.tools-auto", "rejects tool_choice auto beside a result", "status",
           refuses(auto_beside_result, "tool_choice")),
    client("ruby.models-body", "requires a body if a content type is given", "status",
           rejects_with(both_of(at("/v1/models", "GET"), has_type_without_body), 400)),
    client("anthropic-rb.stream-type", "sends the event type only in the event line",
           "events $[*].type", {"anthropic.frame": without_type}),
)  # fmt: skip

ANTHROPIC_WIRE = (*mutants_in("anthropic/headers"), *ANTHROPIC_HEADERS, *CLIENTS)
