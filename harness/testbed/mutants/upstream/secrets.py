"""Mutants of both endpoints that give away what is behind the gateway."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from harness.testbed.base import Mutant
from harness.testbed.forward import errors
from harness.testbed.forward.response_parser import parse_object, received_bytes
from harness.testbed.gateway.endpoint import Headers, Reply
from harness.testbed.gateway.errors import RequestError
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.keys import PROVIDER_KEY
from harness.testbed.mutants.upstream.operators import TO_ANTHROPIC, TO_OPENAI, Body, mutant_factory

RULE = "error.provider"
OPERATORS = ("anthropic-organization-id", "openai-organization", "via", "x-served-by", "location")
ENCODINGS: dict[str, Callable[[str], str]] = {
    "key-plain": str,
    "key-url": lambda key: quote(key.replace("-", "%2D")),
    "key-base64": lambda key: base64.b64encode(f"Bearer {key}".encode()).decode(),
    "key-part": lambda key: f"{key[:12]}...{key[-8:]}",
}


def adds_headers(way: str, *names: str) -> Overrides:
    """Hands headers of the provider on."""

    def forwarded_headers(original: Callable[..., Headers], request: Any, reply: Reply) -> Headers:
        kept = [pair for pair in reply["headers"] if pair[0].lower() in names]
        return [*original(request, reply), *kept]

    return {f"{way}.forwarded_headers": forwarded_headers}


def discloses_message(way: str) -> Overrides:
    """Hands the message of an error within a stream on."""

    def stream_error(original: Callable[..., RequestError], request: Any, event: Body) -> Any:
        error = original(request, event)
        error.message = errors.provider_message(event)
        return error

    return {f"{way}.stream_error": stream_error}


def discloses_refusal(way: str) -> Overrides:
    """Hands the message of every error response on."""

    def provider_error(original: Callable[..., RequestError], request: Any, reply: Reply) -> Any:
        error = original(request, reply)
        error.message = errors.provider_message(parse_object(received_bytes(reply)))
        return error

    return {f"{way}.provider_error": provider_error}


def discloses_key(way: str, written: str) -> Overrides:
    """Puts the key for the provider into the error for a failed request."""

    def exchange(original: Callable[..., Reply], *args: Any) -> Reply:
        try:
            return original(*args)
        except RequestError as error:
            error.message += f" (authorization: {written})"
            raise

    return {f"{way}.exchange": exchange}


def secrets(pack: str, prefix: str, way: str) -> tuple[Mutant, ...]:
    """Creates the mutants of one endpoint."""
    make = mutant_factory(pack, prefix)
    return (
        *(make(f"discloses-{header}", f"hands the provider's {header} on with errors",
               "upstream.error.headers", RULE, adds_headers(way, header)) for header in OPERATORS),
        make("discloses-organisation", "hands the message about the operator's limit on",
             "upstream.error.organisation", RULE, discloses_refusal(way)),
        make("discloses-served-by", "hands the provider's x-served-by on",
             "upstream.answer.headers", RULE, adds_headers(way, "x-served-by")),
        make("discloses-underway", "hands the message of an error within a stream on",
             "upstream.error.underway", RULE, discloses_message(way)),
        *(make(f"discloses-{name}", f"puts its key for the provider into an error ({name[4:]})",
               "upstream.error.address", RULE, discloses_key(way, write(PROVIDER_KEY)))
          for name, write in ENCODINGS.items()),
    )  # fmt: skip


SECRETS = (
    *secrets("openai-chat", "chat.upstream", TO_ANTHROPIC),
    *secrets("anthropic-messages", "anthropic.upstream", TO_OPENAI),
)
