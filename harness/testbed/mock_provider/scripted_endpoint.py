"""Base class of the mock provider's endpoints, which can follow a reply script."""

from __future__ import annotations

import copy
from typing import ClassVar, Self

from harness.testbed.gateway.endpoint import EndpointBase, Headers, Reply, Request
from harness.testbed.gateway.errors import RequestError
from harness.testbed.gateway.ids import ResponseIds
from harness.testbed.gateway.limits import Budget, Unlimited
from harness.testbed.gateway.model_provider import complete
from harness.testbed.gateway.model_types import Json
from harness.testbed.keys import PROVIDER_KEY
from harness.testbed.mock_provider import reply_builder
from harness.testbed.mock_provider.reply_script import Script

MAX_BODY = 4 * 2**20  # a provider takes more, but no request of a case is as large
# Every other model name exists, because gateways are configured with names of their own.
UNKNOWN_MODEL = "no-such-"
_ANSWER_PATHS = ("/v1/messages", "/v1/chat/completions", "/v1/responses", "/v1/embeddings")


class ScriptedEndpoint(EndpointBase):
    """An endpoint of the mock provider. Without a script it is compliant."""

    script: Script | None = None
    overloaded: ClassVar[int] = 503
    # The error type by status, unless the script names one.
    kinds: ClassVar[dict[int, str]] = {}
    # Byte strings that identify a frame with content.
    delta_marks: ClassVar[tuple[bytes, ...]] = ()

    def __init__(self) -> None:
        super().__init__(complete, {PROVIDER_KEY: Unlimited().take}, MAX_BODY, 0.0)

    def with_script(self, script: Script) -> Self:
        """Returns a copy of this endpoint that follows the script."""
        endpoint = copy.copy(self)
        endpoint.script, endpoint.provider = script, script.complete
        return endpoint

    def respond(self, request: Request, ids: ResponseIds) -> Reply:
        reply = super().respond(request, ids)
        is_answer = request["path"].partition("?")[0] in _ANSWER_PATHS and reply["status"] == 200
        if self.script and is_answer:
            return reply_builder.apply_script(reply, self.script, self, ids)
        return reply

    def check_model_name(self, name: str) -> None:
        if UNKNOWN_MODEL in name:
            message = f"The model '{name}' does not exist or you do not have access to it."
            raise RequestError(404, message, param="model", code="model_not_found")

    def scripted_pieces(self, text: str, default: list[str]) -> list[str]:
        """Returns the scripted pieces of a text, or the default ones."""
        pieces = self.script.text_pieces(text) if self.script else None
        return default if pieces is None else pieces

    def scripted_fragments(self, arguments: str, default: list[str]) -> list[str]:
        """Returns the scripted pieces of a JSON text, or the default ones."""
        if self.script and self.script.fragments:
            return self.script.split_evenly(arguments)
        return default

    def native_reason(self, default: Json) -> Json:
        """Returns the scripted finish reason, or the default one."""
        return (self.script.native if self.script else "") or default

    def extra_fields(self) -> dict[str, Json]:
        """Fields that the script adds to an answer."""
        return dict(self.script.extra) if self.script else {}

    def is_delta(self, frame: bytes) -> bool:
        return any(mark in frame for mark in self.delta_marks)

    def ping_frame(self) -> bytes:
        raise NotImplementedError

    def error_frame(self, error: Json) -> bytes:
        raise NotImplementedError

    def error_object(self, script: Script, status: int, ids: ResponseIds) -> Json:
        raise NotImplementedError

    def error_headers(self, ids: ResponseIds) -> Headers:
        return self.headers(ids, self.budget(), 0)

    def budget(self) -> Budget:
        return Unlimited().take()

    def error_type_and_message(self, script: Script, status: int) -> tuple[str, str]:
        """Returns the type and message of an error."""
        kind = script.error.get("type") or self.kinds.get(status, "invalid_request_error")
        return str(kind), str(script.error.get("message") or "The provider says no.")
