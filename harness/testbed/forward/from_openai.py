"""Converts answers of the OpenAI protocol to model replies.

Each method is a hook that a mutant can override.
"""

from __future__ import annotations

from harness.testbed.forward import errors, response_parser
from harness.testbed.forward.provider_client import ProviderClient
from harness.testbed.gateway.endpoint import Body
from harness.testbed.gateway.model_types import Finish, ModelReply, ModelRequest, Usage

FINISH: dict[str, Finish] = {
    "stop": "end",
    "length": "length",
    "tool_calls": "calls",
    "function_call": "calls",
    "content_filter": "refused",
}


class FromOpenAI(ProviderClient):
    """Reads the answers of an OpenAI provider."""

    def to_model_reply(self, request: ModelRequest, body: Body) -> ModelReply:
        choices = body.get("choices")
        if not isinstance(choices, list) or not choices:
            raise errors.unreadable_answer()
        message, used = choices[0].get("message") or {}, self.usage(body)
        calls = [self.function(call) for call in message.get("tool_calls") or ()]
        text = str(message.get("content") or message.get("refusal") or "")
        return ModelReply(
            text=text,
            calls=tuple((name, arguments) for _, name, arguments in calls),
            finish=self.finish_reason(choices[0], bool(message.get("refusal"))),
            input_tokens=used.input_tokens + used.cache_read + used.cache_write,
            output_tokens=used.output_tokens,
            call_ids=tuple(id_ for id_, _, _ in calls),
            blocks=None
            if request.caller_protocol == self.protocol
            else self.to_blocks(text, calls),
            usage=used,
        )

    def function(self, call: Body) -> tuple[str, str, str]:
        function = call["function"]
        return str(call["id"]), str(function["name"]), str(function.get("arguments") or "{}")

    def to_blocks(self, text: str, calls: list[tuple[str, str, str]]) -> tuple[Body, ...]:
        """Returns a text block if there is text, then the complete calls."""
        blocks: list[Body] = [{"type": "text", "text": text}] if text else []
        for id_, name, arguments in calls:
            parsed = response_parser.parse_arguments(arguments)
            if parsed is not None:
                blocks.append({"type": "tool_use", "id": id_, "name": name, "input": parsed})
        return tuple(blocks)

    def finish_reason(self, choice: Body, refused: bool) -> Finish:
        """A reply with tool calls ends because of them, even if the provider reports `stop`."""
        reason = choice.get("finish_reason")
        if refused:
            return "refused"
        if reason == "stop" and (choice.get("message") or {}).get("tool_calls"):
            return "calls"
        return FINISH.get(str(reason), "end")

    def usage(self, body: Body) -> Usage:
        """OpenAI includes cached tokens in the prompt tokens."""
        usage = body.get("usage") or {}
        details = usage.get("prompt_tokens_details") or {}
        cache_read, cache_write = (
            details.get("cached_tokens") or 0,
            details.get("cache_write_tokens") or 0,
        )
        input_tokens = (usage.get("prompt_tokens") or 0) - cache_read - cache_write
        return Usage(
            max(input_tokens, 0), usage.get("completion_tokens") or 0, cache_read, cache_write
        )

    def merge_events(self, events: list[Body]) -> tuple[Body, bool]:
        text, refusal, reason = "", "", None
        calls: dict[int, Body] = {}
        body: Body = {}
        for event in events:
            if event.get("usage"):
                body["usage"] = event["usage"]
            for choice in event.get("choices") or ():
                delta = choice.get("delta") or {}
                text += delta.get("content") or ""
                refusal += delta.get("refusal") or ""
                reason = choice.get("finish_reason") or reason
                for piece in delta.get("tool_calls") or ():
                    self.add(calls, piece)
        ordered = [calls[number] for number in sorted(calls)]
        if reason is None:
            ordered = [call for call in ordered if self.is_complete_call(call)]
        message = {"content": text, "refusal": refusal, "tool_calls": ordered}
        body["choices"] = [{"message": message, "finish_reason": reason}]
        return body, reason is not None

    def add(self, calls: dict[int, Body], piece: Body) -> None:
        """Adds one fragment to the call with its index."""
        call = calls.setdefault(piece.get("index", 0), {"id": "", "function": {}})
        call["id"] = piece.get("id") or call["id"]
        function = piece.get("function") or {}
        for key in ("name", "arguments"):
            call["function"][key] = call["function"].get(key, "") + (function.get(key) or "")

    def is_complete_call(self, call: Body) -> bool:
        """Whether the arguments are valid JSON; a stream that was cut may end inside a call."""
        return bool(response_parser.parse_arguments(call["function"].get("arguments", "-")))
