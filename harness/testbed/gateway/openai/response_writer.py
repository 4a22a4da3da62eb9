"""Converts model replies to chat completions and their chunks.

Each method is a hook that a mutant can override. Chunks are made from the
plain answer, so a mutant of the answer changes both.
"""

from __future__ import annotations

from collections.abc import Iterable

from harness.testbed.gateway import chunking
from harness.testbed.gateway.endpoint import Body
from harness.testbed.gateway.ids import ResponseIds
from harness.testbed.gateway.model_types import Json, ModelReply
from harness.testbed.gateway.openai import logprobs
from harness.testbed.gateway.openai.base import OpenAIEndpointBase

REASONS = {
    "end": "stop",
    "stop": "stop",
    "length": "length",
    "calls": "tool_calls",
    "refused": "content_filter",
    "paused": "stop",
}


class ResponseWriter(OpenAIEndpointBase):
    """Writes Chat Completions answers and streams."""

    def completion(self, body: Body, reply: ModelReply, ids: ResponseIds) -> Body:
        return {
            "id": ids.completion_id,
            "object": "chat.completion",
            "created": ids.created,
            "model": body["model"],
            "choices": [
                {
                    "index": 0,
                    "message": self.message(reply, ids),
                    "logprobs": self.logprobs(body, reply),
                    "finish_reason": self.finish_reason(reply),
                }
            ],
            "usage": self.usage(reply),
        }

    def message(self, reply: ModelReply, ids: ResponseIds) -> Body:
        """Returns the message. `content` is null if there are only calls; thinking is left out."""
        content = reply.text if reply.text or not reply.calls else None
        message: Body = {"role": "assistant", "content": content, "refusal": None}
        if reply.calls:
            message["tool_calls"] = self.tool_calls(reply, ids)
        return message

    def logprobs(self, body: Body, reply: ModelReply) -> Json:
        """Returns the log probabilities of the text, if they are requested."""
        if not body.get("logprobs"):
            return None
        return logprobs.of_text(reply.text, body.get("top_logprobs") or 0)

    def tool_calls(self, reply: ModelReply, ids: ResponseIds) -> list[Body]:
        return [
            {
                "id": reply.call_ids[number] if reply.call_ids else ids.call_id(number),
                "type": "function",
                "function": {"name": name, "arguments": arguments},
            }
            for number, (name, arguments) in enumerate(reply.calls)
        ]

    def finish_reason(self, reply: ModelReply) -> Json:
        return REASONS[reply.finish]

    def usage(self, reply: ModelReply) -> Body:
        return {
            "prompt_tokens": reply.input_tokens,
            "completion_tokens": reply.output_tokens,
            "total_tokens": reply.input_tokens + reply.output_tokens,
        }

    def events(self, body: Body, completion: Body) -> list[Body]:
        """Returns the deltas and the finish reason of each choice, and the usage if requested."""
        head = {key: value for key, value in completion.items() if key not in ("choices", "usage")}
        if "object" in head:
            head["object"] += ".chunk"
        events: list[Body] = []
        for choice in completion["choices"]:
            for delta in self.deltas(choice["message"]):
                events.append(self.chunk(head, choice, delta, None))
            events.append(self.chunk(head, choice, {}, choice.get("finish_reason")))
        return (
            self.with_usage(events, head, completion["usage"]) if self.wants_usage(body) else events
        )

    def wants_usage(self, body: Body) -> bool:
        return bool((body.get("stream_options") or {}).get("include_usage"))

    def with_usage(self, events: list[Body], head: Body, usage: Json) -> list[Body]:
        """Adds the usage: null on every chunk but the last, which has no choices."""
        return [{**event, "usage": None} for event in events] + [self.usage_chunk(head, usage)]

    def usage_chunk(self, head: Body, usage: Json) -> Body:
        return {**head, "choices": [], "usage": usage}

    def chunk(self, head: Body, choice: Body, delta: Body, reason: Json) -> Body:
        streamed = {
            "message": ("delta", delta),
            "finish_reason": ("finish_reason", reason),
            "logprobs": ("logprobs", logprobs.of_piece(choice.get("logprobs"), delta)),
        }
        return {**head, "choices": [dict(streamed.get(key, (key, choice[key])) for key in choice)]}

    def deltas(self, message: Body) -> Iterable[Body]:
        """Yields the role, the pieces of the text, and the tool calls."""
        content = message.get("content")
        first = {key: value for key, value in message.items() if key != "tool_calls"}
        yield {**first, "content": "" if isinstance(content, str) else content}
        if isinstance(content, str):
            yield from ({"content": piece} for piece in self.text_pieces(content))
        for number, call in enumerate(message.get("tool_calls") or ()):
            yield from ({"tool_calls": [piece]} for piece in self.call_pieces(number, call))

    def text_pieces(self, text: str) -> list[str]:
        return chunking.split_text(text)

    def call_pieces(self, number: int, call: Body) -> list[Body]:
        """Returns id, type and name once, then fragments of the arguments."""
        function = call["function"]
        first = {"index": number, **call, "function": {**function, "arguments": ""}}
        fragments = chunking.split_json(function["arguments"])
        return [first] + [
            {"index": number, "function": {"arguments": piece}} for piece in fragments
        ]

    def frames(self, events: list[Body]) -> list[bytes]:
        """Writes one frame per event, then the end mark."""
        return [self.frame(self.dumps(event)) for event in events] + self.done()

    def error_frames(self, events: list[Body], error: Json) -> list[bytes]:
        """Writes the chunks until an error, and the error, without finish reason and end mark."""
        sent = [e for e in events if e["choices"] and not e["choices"][0].get("finish_reason")]
        return [self.frame(self.dumps(event)) for event in [*sent, error]]

    def frame(self, data: bytes) -> bytes:
        return b"data: " + data + b"\n\n"

    def done(self) -> list[bytes]:
        return [self.frame(b"[DONE]")]
