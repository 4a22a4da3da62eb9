"""Mutants of both endpoints for a provider that fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.testbed.base import Mutant
from harness.testbed.forward import errors
from harness.testbed.forward.response_parser import parse_object, received_bytes
from harness.testbed.gateway.endpoint import Reply
from harness.testbed.gateway.errors import RequestError
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.model_types import ModelRequest
from harness.testbed.mutants.upstream.operators import (
    Body,
    MutantFactory,
    changes_body,
    changes_headers,
    hides_error,
    hides_failure,
    sends_html,
    without,
)


def status_500(original: Callable[..., int], request: ModelRequest, status: int) -> int:
    return 500


def failures(
    make: MutantFactory, way: str, prefix: str, error: str, empty: Callable[[Body], Body]
) -> tuple[Mutant, ...]:
    """Creates the mutants.

    Args:
        make: Creates a mutant.
        way: The prefix of forwarding hooks.
        prefix: The prefix of endpoint hooks.
        error: The name of the error schema.
        empty: Completes an empty answer.
    """
    return (
        make("retry-lost", "drops retry-after", "upstream.error.429",
             "headers retry-after", changes_headers(way, without("retry-after"))),
        make("overload-page", "sends an HTML page if the provider is overloaded",
             "upstream.error.529", f"schema {error}", sends_html(prefix)),
        make("overload-answered", "answers normally if the provider is overloaded",
             "upstream.error.529", "status", hides_error(way, "Overloaded")),
        make("page", "forwards an HTML page of the provider", "upstream.error.500.html",
             "headers content-type", sends_html(prefix)),
        make("400-500", "returns a 500 for every provider error", "upstream.error.400",
             "status", {f"{way}.status": status_500}),
        make("garbled", "treats an unreadable answer as empty", "upstream.error.garbled",
             "status", changes_body(way, empty)),
        make("200", "treats an error with status 200 as an empty answer", "upstream.error.200",
             "status", changes_body(way, empty)),
        *hidden_failures(make, way, prefix),
    )  # fmt: skip


def misshapes_error(prefix: str) -> Overrides:
    """Sends a text in the place of the error object in a stream."""

    def error_frames(
        original: Callable[..., list[bytes]], events: list[Body], error: Body
    ) -> list[bytes]:
        return original(events, {**error, "error": "The provider failed."})

    return {f"{prefix}error_frames": error_frames}


def hidden_failures(make: MutantFactory, way: str, prefix: str) -> tuple[Mutant, ...]:
    """Creates mutants that hide a failed answer, or do not write its error as an object."""
    return (
        make("error-shape", "sends an error in a stream in a shape of its own",
             "upstream.broken.error", "stream.error-shape", misshapes_error(prefix)),
        make("first-hushed", "sends an empty answer for an error", "upstream.error.first",
             "error_signalled_by",
             hides_error(way)),
        make("silence-hushed", "sends an empty answer for a dropped connection",
             "upstream.error.silence", "error_signalled_by", hides_error(way, "", 502)),
        make("broken-ended", "ends a stream normally after a provider error",
             "upstream.broken.error", "error_signalled_by", hides_failure(way, "stream_error")),
        make("drop-ended", "ends a stream normally after a dropped connection",
             "upstream.broken.drop", "error_signalled_by", hides_failure(way, "incomplete_error")),
        make("silence-ended", "ends a stream normally without the provider's last event",
             "upstream.broken.silence", "error_signalled_by", hides_failure(way,
             "incomplete_error")),
        make("call-ended", "ends a stream normally inside a call", "upstream.broken.call",
             "error_signalled_by", hides_failure(way, "stream_error")),
    )  # fmt: skip


def passes_errors_on(way: str, *, mask: bool = False) -> Overrides:
    """Passes the status and the message of every provider error on."""

    def provider_error(
        original: Callable[..., RequestError], request: ModelRequest, reply: Reply
    ) -> RequestError:
        message = errors.provider_message(parse_object(received_bytes(reply)))
        status = 502 if mask else reply["status"]
        return RequestError(status, message or "The provider failed.", kind="server_error")

    return {f"{way}.provider_error": provider_error}


def names_address(way: str) -> Overrides:
    """Names the provider's address if the connection breaks off."""

    def exchange(original: Callable[..., Reply], *args: Any) -> Reply:
        try:
            return original(*args)
        except RequestError as error:
            if error.status != 502:
                raise
            text = "Cannot connect to host 127.0.0.1:18000"
            raise RequestError(502, text, kind="server_error") from None

    return {f"{way}.exchange": exchange}


def leaks(make: MutantFactory, way: str) -> tuple[Mutant, ...]:
    """Creates mutants that hand the caller what is between the gateway and its provider."""
    return (
        make("401-relayed", "passes a 401 of the provider on", "upstream.error.401",
             "status", passes_errors_on(way)),
        make("401-key", "passes a key in the provider's message on", "upstream.error.401",
             "body $..[?search(@, 'Zx81Q|x81Qw|81Qw7|1Qw77|Qw77L|w77Lm|77Lm4|7Lm42')]",
             passes_errors_on(way, mask=True)),
        make("403-key", "passes a masked key on", "upstream.error.403",
             "body $..[?search(@, '77Lm4|7Lm42')]", passes_errors_on(way, mask=True)),
        make("address", "passes an address in the provider's message on",
             "upstream.error.address",
             "body $..[?search(@, '10[.]11[.]12[.]13|cluster[.]internal')]",
             passes_errors_on(way)),
        make("address-own", "names the provider's address", "upstream.error.address.dropped",
             "body $..[?search(@, '127[.]0[.]0[.]1|localhost|[a-z0-9]:[0-9]{4,5}([^0-9]|$)')]",
             names_address(way)),
    )  # fmt: skip
