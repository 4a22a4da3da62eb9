"""Converts model replies to responses.

Each method is a hook that a mutant can override.
"""

from __future__ import annotations

from harness.testbed.gateway import tokenizer
from harness.testbed.gateway.endpoint import Body
from harness.testbed.gateway.ids import ResponseIds
from harness.testbed.gateway.model_types import Json, ModelReply
from harness.testbed.gateway.openai import logprobs
from harness.testbed.gateway.responses import own_tools
from harness.testbed.gateway.responses.settings import in_force
from harness.testbed.gateway.responses.stream_writer import ResponsesStreamWriter

# The reason of an incomplete answer, by finish reason.
INCOMPLETE = {"length": "max_output_tokens", "refused": "content_filter"}
SCORES, ENCRYPTED = "message.output_text.logprobs", "reasoning.encrypted_content"


class ResponsesWriter(ResponsesStreamWriter):
    """Writes answers of the Responses protocol."""

    def completion(self, body: Body, reply: ModelReply, ids: ResponseIds) -> Body:
        cause = self.incomplete_reason(reply)
        status = self.response_status(cause)
        return {
            "id": f"resp_{ids.digest[:24]}",
            "object": "response",
            "created_at": ids.created,
            "completed_at": ids.created + 1 if status == "completed" else None,
            "status": status,
            "error": None,
            "incomplete_details": {"reason": cause} if cause else None,
            **self.echo(body),
            "model": body["model"],
            "output": self.included(
                body, own_tools.with_own_calls(body, self.output(reply, ids), reply, ids)
            ),
            "usage": self.response_usage(reply),
        }

    def incomplete_reason(self, reply: ModelReply) -> Json:
        return INCOMPLETE.get(reply.finish)

    def response_status(self, cause: Json) -> str:
        return "incomplete" if cause else "completed"

    def echo(self, body: Body) -> Body:
        """Returns the settings in force, those of the request or their defaults."""
        return in_force(body)

    def output(self, reply: ModelReply, ids: ResponseIds) -> list[Body]:
        """Returns the reasoning item, the message and the calls."""
        items: list[Body] = []
        if reply.thinking:
            items.append(self.reasoning_item(reply, ids))
        if reply.text or not reply.calls:
            items.append(self.message_item(reply, ids))
        return items + [self.call_item(number, reply, ids) for number in range(len(reply.calls))]

    def reasoning_item(self, reply: ModelReply, ids: ResponseIds) -> Body:
        summary = [{"type": "summary_text", "text": reply.thinking}]
        return {"type": "reasoning", "id": f"rs_{ids.digest[:24]}", "summary": summary}

    def message_item(self, reply: ModelReply, ids: ResponseIds) -> Body:
        text = {"type": "output_text", "text": reply.text, "annotations": [], "logprobs": []}
        head = {"type": "message", "id": f"msg_{ids.digest[:24]}", "role": "assistant"}
        return {**head, "status": self.item_status(reply), "content": [text]}

    def item_status(self, reply: ModelReply) -> str:
        return "incomplete" if reply.finish == "length" else "completed"

    def call_item(self, number: int, reply: ModelReply, ids: ResponseIds) -> Body:
        name, arguments = reply.calls[number]
        call_id = reply.call_ids[number] if reply.call_ids else ids.call_id(number)
        head = {"type": "function_call", "id": ids.call_id(number, "fc"), "call_id": call_id}
        return {**head, "name": name, "arguments": arguments, "status": "completed"}

    def included(self, body: Body, items: list[Body]) -> list[Body]:
        """Returns the items with what the request asks for, and without a summary it does not."""
        requested = body.get("include") or ()
        has_summary = bool((body.get("reasoning") or {}).get("summary"))
        for item in items:
            if item["type"] == "message" and SCORES in requested:
                for part in item["content"]:
                    count = body.get("top_logprobs") or 0
                    part["logprobs"] = logprobs.of_text(part["text"], count)["content"]
            elif item["type"] == "reasoning":
                item["summary"] = item["summary"] if has_summary else []
                if ENCRYPTED in requested:
                    item["encrypted_content"] = self.encrypted(item)
        return items

    def encrypted(self, item: Body) -> str:
        return f"gAAAA{item['id'].removeprefix('rs_')}"

    def response_usage(self, reply: ModelReply) -> Body:
        cached = reply.usage.cache_read if reply.usage else 0
        thinking = tokenizer.count(reply.thinking) if reply.thinking else 0
        return {
            "input_tokens": reply.input_tokens,
            "input_tokens_details": {"cached_tokens": cached},
            "output_tokens": reply.output_tokens,
            "output_tokens_details": {"reasoning_tokens": thinking},
            "total_tokens": reply.input_tokens + reply.output_tokens,
        }
