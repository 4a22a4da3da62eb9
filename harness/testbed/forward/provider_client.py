"""Ask -> one request to a provider -> Said, in one protocol. May not know the other one.

Each method is a hook that a mutant can override.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar

from harness.testbed.forward import errors, rate_limits, response_parser
from harness.testbed.gateway.endpoint import ENCODER, Body, Headers, Reply, Request
from harness.testbed.gateway.errors import Refusal
from harness.testbed.gateway.model_types import Ask, Json, Said

# Raises OSError where there is no answer at all.
Send = Callable[[Request], Reply]
JSON = ("content-type", "application/json")


class ProviderClient:
    page: ClassVar[str] = ""
    protocol: ClassVar[str] = ""

    def __init__(self, send: Send, key: str, now: Callable[[], float]) -> None:
        self.send, self.key, self.now = send, key, now

    def answer(self, ask: Ask) -> Said:
        """Raises Refusal where the provider refuses, or fails before it has said a word."""
        reply = self.exchange(self.page, ask, self.body(ask))
        if response_parser.streamed(reply):
            whole, failed = self.collect(ask, reply)
        else:
            whole, failed = self.whole(reply), None
        said = self.said(ask, whole)
        if failed and not (said.text or said.calls or said.blocks):
            raise failed
        limits = [h for h in self.passed(ask, reply) if h[0] not in rate_limits.AGAIN]
        return replace(said, headers=tuple(limits), broken=failed)

    def exchange(self, page: str, ask: Ask, body: Body) -> Reply:
        request = {
            "method": "POST",
            "path": page,
            "headers": self.headers(ask),
            "body": ENCODER.encode(body).encode("utf-8", "replace"),
        }
        try:
            reply = self.send(request)
        except TimeoutError:
            message = "The provider did not answer in time."
            raise Refusal(504, message, kind="server_error", code="timeout") from None
        except OSError:
            raise errors.broke_off() from None
        if response_parser.dropped(reply) and not reply["chunks"]:
            raise errors.broke_off()
        if reply["status"] != 200:
            raise self.refusal(ask, reply)
        return reply

    def refusal(self, ask: Ask, reply: Reply) -> Refusal:
        """What the provider says no with; anything but an error it can only mean by mistake."""
        status = self.status(ask, reply["status"])
        told = response_parser.parsed(response_parser.heard(reply))
        return errors.refusal(ask.spoken, status, told, self.passed(ask, reply))

    def status(self, ask: Ask, status: int) -> int:
        return status if status >= 400 else 502

    def passed(self, ask: Ask, reply: Reply) -> Headers:
        """The provider's headers that concern the caller."""
        return rate_limits.passed(reply["headers"], ask.spoken, self.protocol, self.now)

    def whole(self, reply: Reply) -> Body:
        found = response_parser.parsed(response_parser.heard(reply))
        if response_parser.dropped(reply):
            raise errors.broke_off()
        if not found:
            raise errors.no_answer()
        return found

    def collect(self, ask: Ask, reply: Reply) -> tuple[Body, Refusal | None]:
        """The plain answer that a stream adds up to, and what came instead of its end."""
        told: list[Body] = []
        for event in response_parser.events(response_parser.heard(reply)):
            if event.get("error"):
                return self.fold(told)[0], self.failed(ask, event)
            told.append(event)
        whole, ended = self.fold(told)
        return whole, None if ended and not response_parser.dropped(reply) else self.unended(ask)

    def failed(self, ask: Ask, error: Body) -> Refusal | None:
        return errors.underway(ask.spoken, error)

    def unended(self, ask: Ask) -> Refusal | None:
        return errors.broke_off()

    def headers(self, ask: Ask) -> Headers:
        raise NotImplementedError

    def body(self, ask: Ask) -> Body:
        raise NotImplementedError

    def fold(self, events: list[Body]) -> tuple[Body, bool]:
        """The plain answer, and whether it came to its end."""
        raise NotImplementedError

    def said(self, ask: Ask, whole: Body) -> Said:
        raise NotImplementedError

    def model(self, ask: Ask) -> str:
        return ask.model

    def temperature(self, ask: Ask) -> Json:
        return ask.temperature

    def top_p(self, ask: Ask) -> Json:
        return ask.top_p
