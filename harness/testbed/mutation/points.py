"""The points of the gateway at which a change can be made: their hooks and operators.

A builder takes a change and returns the functions that override hooks, by the names of the hooks
without the prefix of a protocol.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from harness.testbed.gateway.errors import RequestError
from harness.testbed.gateway.gateway import Override, Overrides
from harness.testbed.mutation import bodies, failures, providers, replies

Change = Mapping[str, Any]
# The prefix of the hooks of a protocol's endpoints. `openai` stands for both of its endpoints.
PREFIXES: Final[Mapping[str, str]] = {
    "openai": "",
    "chat": "chat.",
    "anthropic": "anthropic.",
    "responses": "responses.",
    "embeddings": "embeddings.",
}
EVERY: Final = tuple(PREFIXES)
MODELS: Final = ("openai", "chat", "anthropic", "responses")
PROVIDERS: Final = ("openai", "anthropic", "responses", "embeddings")


@dataclass(frozen=True, slots=True)
class Point:
    """A point of the gateway.

    Attributes:
        operators: The operators that it takes apart from edits.
        edits: Whether it has JSON data, which edits can change.
        protocols: The protocols of the endpoints that have it; for a point between the gateway and
            a provider, the protocols of providers.
        prefix: Of its hooks, before that of the protocol.
    """

    build: Callable[[Change], Overrides]
    operators: tuple[str, ...] = ()
    edits: bool = True
    protocols: tuple[str, ...] = EVERY
    prefix: str = ""


POINTS: Final[Mapping[str, Point]] = {
    "request": Point(bodies.at_request, ("refuse", "crash", "forgive", "accept")),
    "model": Point(bodies.at_model, ("prompt",)),
    "answer": Point(bodies.at_answer),
    "stream": Point(bodies.at_stream, protocols=MODELS),
    "frames": Point(bodies.at_frames, protocols=MODELS),
    "error": Point(replies.at_error, ("status", "send", "set_header", "drop_header")),
    "headers": Point(replies.at_headers, ("set_header", "drop_header", "rename_header"), False),
    "reply": Point(
        replies.at_reply, ("status", "send", "set_header", "drop_header", "rename_header")
    ),
    "http": Point(replies.at_http, ("refuse", "crash", "set_header", "drop_header")),
    "forwarded": Point(
        providers.at_forwarded, ("forgive", "twice"), protocols=PROVIDERS, prefix="forward."
    ),
    "forwarded-headers": Point(
        providers.at_forwarded_headers, ("set_header", "drop_header"), False, PROVIDERS, "forward."
    ),
    "provider-answer": Point(
        providers.at_provider_answer, protocols=PROVIDERS[:3], prefix="forward."
    ),
    "provider-error": Point(
        failures.at_provider_error, ("status", "hide"), protocols=PROVIDERS, prefix="forward."
    ),
}


def overrides_of(change: Change) -> Overrides:
    """Returns the functions that make a change, by the names of their hooks.

    Args:
        change: A valid change; `protocol` is set.
    """
    point = POINTS[change["at"]]
    protocol = change["protocol"]
    prefix = f"{point.prefix}{protocol}." if point.prefix else PREFIXES[protocol]
    functions = point.build(change).items()
    return {f"{prefix}{hook}": partial(guarded, function) for hook, function in functions}


def guarded(function: Override, *args: Any) -> Any:
    """Answers with an error if the gateway cannot read what a change has made of its data."""
    try:
        return function(*args)
    except RequestError:
        raise
    except Exception as error:
        message = f"Internal error: {type(error).__name__}."
        raise RequestError(500, message, kind="server_error") from error
