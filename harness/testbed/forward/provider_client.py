"""Base class of the clients that send a model request to a provider.

Each method is a hook that a mutant can override.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import ClassVar

from harness.testbed.forward import errors, rate_limits, response_parser
from harness.testbed.gateway.endpoint import ENCODER, Body, Headers, Reply, Request
from harness.testbed.gateway.errors import RequestError
from harness.testbed.gateway.model_types import Json, ModelReply, ModelRequest

# Raises OSError if there is no reply.
Send = Callable[[Request], Reply]
JSON = ("content-type", "application/json")


class ProviderClient:
    """Everything that clients of both protocols have in common."""

    path: ClassVar[str] = ""
    protocol: ClassVar[str] = ""

    def __init__(self, send: Send, key: str, now: Callable[[], float]) -> None:
        self.send, self.key, self.now = send, key, now

    def complete(self, request: ModelRequest) -> ModelReply:
        """Sends the request and converts the answer.

        Raises:
            RequestError: The provider refused the request, or failed before its first content.
        """
        reply = self.exchange(self.path, request, self.body(request))
        if response_parser.is_stream(reply):
            body, error = self.collect(request, reply)
        else:
            body, error = self.read_body(reply), None
        model_reply = self.to_model_reply(request, body)
        if error and not (model_reply.text or model_reply.calls or model_reply.blocks):
            raise error
        headers = self.forwarded_headers(request, reply)
        limits = tuple(pair for pair in headers if pair[0] not in rate_limits.RETRY_HEADERS)
        return replace(model_reply, headers=limits, error=error)

    def exchange(self, path: str, model_request: ModelRequest, body: Body) -> Reply:
        """Sends one HTTP request. Raises RequestError unless the status is 200."""
        request = {
            "method": "POST",
            "path": path,
            "headers": self.headers(model_request),
            "body": ENCODER.encode(body).encode("utf-8", "replace"),
        }
        try:
            reply = self.send(request)
        except TimeoutError:
            message = "The provider did not answer in time."
            raise RequestError(504, message, kind="server_error", code="timeout") from None
        except OSError:
            raise errors.connection_lost() from None
        if response_parser.is_dropped(reply) and not reply["chunks"]:
            raise errors.connection_lost()
        if reply["status"] != 200:
            raise self.provider_error(model_request, reply)
        return reply

    def provider_error(self, request: ModelRequest, reply: Reply) -> RequestError:
        """Converts an error response. Any status that is not an error becomes a 502."""
        status = self.status(request, reply["status"])
        body = response_parser.parse_object(response_parser.received_bytes(reply))
        headers = self.forwarded_headers(request, reply)
        return errors.provider_error(request.caller_protocol, status, body, headers)

    def status(self, request: ModelRequest, status: int) -> int:
        return status if status >= 400 else 502

    def forwarded_headers(self, request: ModelRequest, reply: Reply) -> Headers:
        """Returns the provider's headers that the caller gets."""
        caller = request.caller_protocol
        return rate_limits.convert(reply["headers"], caller, self.protocol, self.now)

    def read_body(self, reply: Reply) -> Body:
        """Parses a plain answer. Raises RequestError if it is incomplete or not an object."""
        body = response_parser.parse_object(response_parser.received_bytes(reply))
        if response_parser.is_dropped(reply):
            raise errors.connection_lost()
        if not body:
            raise errors.unreadable_answer()
        return body

    def collect(self, request: ModelRequest, reply: Reply) -> tuple[Body, RequestError | None]:
        """Returns the plain answer equal to a stream, and the error that ended it early."""
        events: list[Body] = []
        for event in self.events(reply):
            if event.get("error"):
                return self.merge_events(events)[0], self.stream_error(request, event)
            events.append(event)
        body, is_complete = self.merge_events(events)
        if is_complete and not response_parser.is_dropped(reply):
            return body, None
        return body, self.incomplete_error(request)

    def events(self, reply: Reply) -> Iterator[Body]:
        """Yields the events of a stream. One that ends it by an error has a member `error`."""
        yield from response_parser.events(response_parser.received_bytes(reply))

    def stream_error(self, request: ModelRequest, event: Body) -> RequestError | None:
        """The error for a stream that ends with an error event."""
        return errors.stream_error(request.caller_protocol, event)

    def incomplete_error(self, request: ModelRequest) -> RequestError | None:
        """The error for a stream that ends without its last event."""
        return errors.connection_lost()

    def headers(self, request: ModelRequest) -> Headers:
        raise NotImplementedError

    def body(self, request: ModelRequest) -> Body:
        raise NotImplementedError

    def check_translatable(self, request: ModelRequest) -> None:
        """Refuses what the provider's protocol cannot express: nothing, if it is the caller's."""

    def merge_events(self, events: list[Body]) -> tuple[Body, bool]:
        """Returns the plain answer equal to the events, and whether they are complete."""
        raise NotImplementedError

    def to_model_reply(self, request: ModelRequest, body: Body) -> ModelReply:
        raise NotImplementedError

    def model(self, request: ModelRequest) -> str:
        return request.model

    def temperature(self, request: ModelRequest) -> Json:
        return request.temperature

    def top_p(self, request: ModelRequest) -> Json:
        return request.top_p
