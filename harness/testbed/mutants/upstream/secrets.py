"""Mutants of both endpoints that change what the provider answers, plain or in a stream."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.testbed.base import Mutant
from harness.testbed.forward import errors
from harness.testbed.gateway.endpoint import Headers, Reply
from harness.testbed.gateway.errors import RequestError
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.mutants.upstream.operators import (
    TO_ANTHROPIC,
    TO_OPENAI,
    Body,
    MutantFactory,
    chat,
    messages,
)

RULE = "error.provider"


def adds_header(way: str, name: str) -> Overrides:
    """Hands a header of the provider on."""

    def forwarded_headers(original: Callable[..., Headers], request: Any, reply: Reply) -> Headers:
        kept = [pair for pair in reply["headers"] if pair[0].lower() == name]
        return [*original(request, reply), *kept]

    return {f"{way}.forwarded_headers": forwarded_headers}


def discloses_message(way: str) -> Overrides:
    """Hands the message of an error within a stream on."""

    def stream_error(original: Callable[..., RequestError], request: Any, event: Body) -> Any:
        error = original(request, event)
        error.message = errors.provider_message(event)
        return error

    return {f"{way}.stream_error": stream_error}


def secrets(make: MutantFactory, way: str) -> tuple[Mutant, ...]:
    """Creates the mutants of one endpoint."""
    return (
        make("discloses-served-by", "hands the provider's x-served-by on",
             "upstream.answer.headers", RULE, adds_header(way, "x-served-by")),
        make("discloses-underway", "hands the message of an error within a stream on",
             "upstream.error.underway", RULE, discloses_message(way)),
    )  # fmt: skip


ORGANIZATION = "anthropic-organization-id"
SECRETS: tuple[Mutant, ...] = (
    *secrets(chat, TO_ANTHROPIC),
    *secrets(messages, TO_OPENAI),
    chat(f"discloses-{ORGANIZATION}", f"hands the provider's {ORGANIZATION} on with errors",
         "upstream.error.headers", RULE, adds_header(TO_ANTHROPIC, ORGANIZATION)),
)  # fmt: skip
