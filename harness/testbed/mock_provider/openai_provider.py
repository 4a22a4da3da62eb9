"""The Chat Completions endpoint of the mock provider.

Thinking is counted but not sent, since Chat Completions has no field for it.
"""

from __future__ import annotations

from typing import Any, ClassVar

from harness.testbed.gateway import tokenizer
from harness.testbed.gateway.endpoint import Body, Headers
from harness.testbed.gateway.ids import ResponseIds
from harness.testbed.gateway.limits import Budget
from harness.testbed.gateway.model_types import Json, ModelReply
from harness.testbed.gateway.openai.endpoint import OpenAIEndpoint
from harness.testbed.gateway.openai.response_writer import REASONS
from harness.testbed.mock_provider import openai_validation as rules
from harness.testbed.mock_provider.reply_script import FINISH, Script
from harness.testbed.mock_provider.scripted_endpoint import ScriptedEndpoint

FINGERPRINT = "fp_50cad350e4"


class OpenAIProvider(ScriptedEndpoint, OpenAIEndpoint):
    """The Chat Completions API of the mock provider."""

    kinds: ClassVar[dict[int, str]] = {
        401: "authentication_error",
        429: "rate_limit_error",
        500: "server_error",
        502: "server_error",
        503: "server_error",
        529: "server_error",
    }
    # The first delta, with the role, has no content.
    delta_marks: ClassVar[tuple[bytes, ...]] = (b'"delta":{"content":', b'"delta":{"tool_calls":')

    def headers(self, ids: ResponseIds, budget: Budget | None, used: int) -> Headers:
        """Adds headers that the compatibility layer does not send."""
        known = super().headers(ids, budget, used)
        return [("openai-processing-ms", "12"), *(p for p in known if p[0] != "request-id")]

    def check_field(self, name: str, value: Json) -> None:
        rules.check_field(name, value, rules.FIELDS, rules.unrecognized_field_error)

    def check_together(self, body: Body) -> None:
        rules.check_together(body)

    def find_model(self, name: str) -> Body:
        self.check_model_name(name)
        return self.model_card(name)

    def stop_sequences(self, body: Body) -> tuple[str, ...]:
        """Keeps blank entries, unlike the compatibility layer."""
        stop = body.get("stop") or []
        return (stop,) if isinstance(stop, str) else tuple(stop)

    def temperature(self, body: Body) -> float | None:
        return body.get("temperature")

    def completion(self, body: Body, reply: ModelReply, ids: ResponseIds) -> Body:
        """Returns `n` choices and the fields that the compatibility layer leaves empty."""
        answer = super().completion(body, reply, ids)
        choice = answer["choices"][0]
        if body.get("logprobs"):
            choice["logprobs"] = logprobs(choice["message"]["content"] or "", body)
        answer["choices"] = [{**choice, "index": number} for number in range(body.get("n") or 1)]
        own_fields = {"service_tier": "default", "system_fingerprint": FINGERPRINT}
        return {**answer, **own_fields, **self.extra_fields()}

    def message(self, reply: ModelReply, ids: ResponseIds) -> Body:
        return {**super().message(reply, ids), "annotations": []}

    def usage(self, reply: ModelReply) -> Body:
        used = reply.usage
        thinking = 0 if used else tokenizer.count(reply.thinking)
        cached = {"cached_tokens": used.cache_read if used else 0, "audio_tokens": 0}
        if used and used.cache_write:
            cached["cache_write_tokens"] = used.cache_write
        spent = {"reasoning_tokens": thinking, "audio_tokens": 0}
        predicted = {"accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0}
        details = {"completion_tokens_details": {**spent, **predicted}}
        return {**super().usage(reply), "prompt_tokens_details": cached, **details}

    def finish_reason(self, reply: ModelReply) -> Json:
        """Returns the scripted reason; one of Anthropic's own becomes the nearest of OpenAI."""
        reason = self.native_reason(REASONS[reply.finish])
        return REASONS[FINISH[reason]] if reason in FINISH else reason

    def chunk(self, head: Body, choice: Body, delta: Body, reason: Json) -> Body:
        """Adds the log probabilities of the tokens in the chunk."""
        event = super().chunk(head, choice, delta, reason)
        if choice["logprobs"]:
            reply = delta.get("content")
            alternatives = len(choice["logprobs"]["content"][0]["top_logprobs"])
            options = {"top_logprobs": alternatives}
            event["choices"][0]["logprobs"] = logprobs(reply, options) if reply else None
        return event

    def text_pieces(self, text: str) -> list[str]:
        return self.scripted_pieces(text, super().text_pieces(text))

    def call_pieces(self, number: int, call: Body) -> list[Body]:
        first, *rest = super().call_pieces(number, call)
        default = [piece["function"]["arguments"] for piece in rest]
        fragments = self.scripted_fragments(call["function"]["arguments"], default)
        return [first] + [
            {"index": number, "function": {"arguments": piece}} for piece in fragments
        ]

    def ping_frame(self) -> bytes:
        return b": ping\n\n"

    def error_frame(self, error: Json) -> bytes:
        return self.frame(self.dumps(error))

    def error_object(self, script: Script, status: int, ids: ResponseIds) -> dict[str, Any]:
        kind, message = self.error_type_and_message(script, status)
        code = script.error.get("code", "rate_limit_exceeded" if status == 429 else None)
        return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def logprobs(text: str, body: Body) -> Body:
    """Gives every token the same log probability, and as many alternatives as are requested."""
    others = [other(number) for number in range(1, body.get("top_logprobs") or 0)]
    entries = []
    for token in tokenizer.split(text):
        entry = {"token": token, "logprob": -0.1, "bytes": list(token.encode())}
        entries.append(
            {**entry, "top_logprobs": [entry, *others] if body.get("top_logprobs") else []}
        )
    return {"content": entries, "refusal": None}


def other(number: int) -> Body:
    """Returns a less likely token."""
    token = f" other{number}"
    return {"token": token, "logprob": -1.0 - number, "bytes": list(token.encode())}
