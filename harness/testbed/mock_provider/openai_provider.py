"""Request -> reply, as OpenAI itself gives it, or as a script wants it. May not open a socket.

Thoughts are counted and not shown: Chat Completions has no place for them.
"""

from __future__ import annotations

from typing import Any, ClassVar

from harness.testbed.gateway import tokenizer
from harness.testbed.gateway.endpoint import Body, Headers
from harness.testbed.gateway.ids import Seal
from harness.testbed.gateway.limits import Budget
from harness.testbed.gateway.model_types import Json, Said
from harness.testbed.gateway.openai.endpoint import OpenAIEndpoint
from harness.testbed.gateway.openai.response_writer import REASONS
from harness.testbed.mock_provider import openai_validation as rules
from harness.testbed.mock_provider.reply_script import Script
from harness.testbed.mock_provider.scripted_endpoint import ScriptedEndpoint

FINGERPRINT = "fp_50cad350e4"


class OpenAIProvider(ScriptedEndpoint, OpenAIEndpoint):
    kinds: ClassVar[dict[int, str]] = {
        401: "authentication_error",
        429: "rate_limit_error",
        500: "server_error",
        502: "server_error",
        503: "server_error",
        529: "server_error",
    }
    # The first one, which names the role, says nothing.
    signs: ClassVar[tuple[bytes, ...]] = (b'"delta":{"content":', b'"delta":{"tool_calls":')

    def headers(self, seal: Seal, budget: Budget | None, used: int) -> Headers:
        """As the compatibility layer's, and what that one never tells."""
        own = [("x-request-id", seal.request_id), ("openai-processing-ms", "12")]
        return own + super().headers(seal, budget, used)[1:]

    def check_field(self, name: str, value: Json) -> None:
        rules.check_field(name, value, rules.FIELDS, rules.unrecognized)

    def check_together(self, body: Body) -> None:
        rules.check_together(body)

    def find_model(self, name: str) -> Body:
        self.known(name)
        return self.model_card(name)

    def stops(self, body: Body) -> tuple[str, ...]:
        """Blank ones stop too."""
        stop = body.get("stop") or []
        return (stop,) if isinstance(stop, str) else tuple(stop)

    def temperature(self, body: Body) -> float | None:
        return body.get("temperature")

    def completion(self, body: Body, said: Said, seal: Seal) -> Body:
        """One choice for each of `n`, and the fields that the compatibility layer keeps empty."""
        whole = super().completion(body, said, seal)
        choice = whole["choices"][0]
        if body.get("logprobs"):
            choice["logprobs"] = logprobs(choice["message"]["content"] or "", body)
        whole["choices"] = [{**choice, "index": number} for number in range(body.get("n") or 1)]
        told = {"service_tier": "default", "system_fingerprint": FINGERPRINT}
        return {**whole, **told, **self.more()}

    def message(self, said: Said, seal: Seal) -> Body:
        return {**super().message(said, seal), "annotations": []}

    def usage(self, said: Said) -> Body:
        used = said.usage
        thought = 0 if used else tokenizer.count(said.thought)
        cached = {"cached_tokens": used.cache_read if used else 0, "audio_tokens": 0}
        if used and used.cache_write:
            cached["cache_write_tokens"] = used.cache_write
        spent = {"reasoning_tokens": thought, "audio_tokens": 0}
        predicted = {"accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0}
        details = {"completion_tokens_details": {**spent, **predicted}}
        return {**super().usage(said), "prompt_tokens_details": cached, **details}

    def reason(self, said: Said) -> Json:
        return self.native(REASONS[said.why])

    def chunk(self, head: Body, choice: Body, delta: Body, reason: Json) -> Body:
        """Probabilities go with the tokens they are of."""
        event = super().chunk(head, choice, delta, reason)
        if choice["logprobs"]:
            said = delta.get("content")
            event["choices"][0]["logprobs"] = logprobs(said, {}) if said else None
        return event

    def text_pieces(self, text: str) -> list[str]:
        return self.pieces_of(text, super().text_pieces(text))

    def call_pieces(self, number: int, call: Body) -> list[Body]:
        first, *rest = super().call_pieces(number, call)
        told = [piece["function"]["arguments"] for piece in rest]
        found = self.fragments_of(call["function"]["arguments"], told)
        return [first] + [{"index": number, "function": {"arguments": piece}} for piece in found]

    def ping_frame(self) -> bytes:
        return b": ping\n\n"

    def error_frame(self, error: Json) -> bytes:
        return self.frame(self.dumps(error))

    def error_told(self, script: Script, status: int, seal: Seal) -> dict[str, Any]:
        kind, message = self.fault(script, status)
        code = script.error.get("code", "rate_limit_exceeded" if status == 429 else None)
        return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def logprobs(text: str, body: Body) -> Body:
    """Every token as likely as any other."""
    told = []
    for token in tokenizer.split(text):
        one = {"token": token, "logprob": -0.1, "bytes": list(token.encode())}
        told.append({**one, "top_logprobs": [one] if body.get("top_logprobs") else []})
    return {"content": told, "refusal": None}
