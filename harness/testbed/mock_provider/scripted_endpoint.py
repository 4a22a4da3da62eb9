"""A front that can be given a script. May not know the protocol it speaks."""

from __future__ import annotations

import copy
from typing import ClassVar, Self

from harness.testbed.gateway.endpoint import EndpointBase, Headers, Reply, Request
from harness.testbed.gateway.errors import Refusal
from harness.testbed.gateway.ids import Seal
from harness.testbed.gateway.limits import Budget, Roomy
from harness.testbed.gateway.model_provider import answer
from harness.testbed.gateway.model_types import Json
from harness.testbed.keys import PROVIDER_KEY
from harness.testbed.mock_provider import reply_builder
from harness.testbed.mock_provider.reply_script import Script

MAX_BODY = 32 * 2**20
# Every other name is one of a model: gateways are set up with names of their own.
STRANGER = "no-such-"
_PAGES = ("/v1/messages", "/v1/chat/completions", "/v1/responses")


class ScriptedEndpoint(EndpointBase):
    """A provider's front; without a script it is right in all it says."""

    script: Script | None = None
    overloaded: ClassVar[int] = 503
    # The error's type where the script names none.
    kinds: ClassVar[dict[int, str]] = {}
    signs: ClassVar[tuple[bytes, ...]] = ()

    def __init__(self) -> None:
        super().__init__(answer, {PROVIDER_KEY: Roomy().take}, MAX_BODY, 0.0)

    def given(self, script: Script) -> Self:
        """The same front, which plays this script."""
        twin = copy.copy(self)
        twin.script, twin.provider = script, script.said
        return twin

    def respond(self, request: Request, seal: Seal) -> Reply:
        reply = super().respond(request, seal)
        answers = request["path"].partition("?")[0] in _PAGES and reply["status"] == 200
        return (
            reply_builder.play(reply, self.script, self, seal) if self.script and answers else reply
        )

    def known(self, name: str) -> None:
        if STRANGER in name:
            message = f"The model '{name}' does not exist or you do not have access to it."
            raise Refusal(404, message, param="model", code="model_not_found")

    def pieces_of(self, text: str, right: list[str]) -> list[str]:
        """A text, cut as the script wants it."""
        found = self.script.text_pieces(text) if self.script else None
        return right if found is None else found

    def fragments_of(self, arguments: str, right: list[str]) -> list[str]:
        """The JSON of a call, cut as the script wants it."""
        return self.script.letters(arguments) if self.script and self.script.fragments else right

    def native(self, right: Json) -> Json:
        """The script's own word for why the model stopped."""
        return (self.script.native if self.script else "") or right

    def more(self) -> dict[str, Json]:
        """What the script lays over the top of an answer."""
        return dict(self.script.extra) if self.script else {}

    def is_delta(self, frame: bytes) -> bool:
        return any(sign in frame for sign in self.signs)

    def ping_frame(self) -> bytes:
        raise NotImplementedError

    def error_frame(self, error: Json) -> bytes:
        raise NotImplementedError

    def error_told(self, script: Script, status: int, seal: Seal) -> Json:
        raise NotImplementedError

    def error_headers(self, seal: Seal) -> Headers:
        return self.headers(seal, self.budget(), 0)

    def budget(self) -> Budget:
        return Roomy().take()

    def fault(self, script: Script, status: int) -> tuple[str, str]:
        """Type and message of an error."""
        kind = script.error.get("type") or self.kinds.get(status, "invalid_request_error")
        return str(kind), str(script.error.get("message") or "The provider says no.")
