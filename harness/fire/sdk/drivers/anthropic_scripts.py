"""The scripts of `anthropic` for Python."""

from __future__ import annotations

from typing import Any

from sdk_scripts import TOOL_RESULT, Job, Scripts, to_json


class AnthropicScripts(Scripts):
    """Its answers are messages."""

    client_class, resource = "Anthropic", "messages"

    def summarize(self, answer: Any) -> Job:
        return {
            "text": "".join(block.text for block in answer.content if block.type == "text"),
            "stop_reason": answer.stop_reason,
            "usage": to_json(answer.usage),
            "message": to_json(answer),
        }

    def last_answer(self, events: Any, pieces: list[str]) -> Any:
        pieces.extend(events.text_stream)
        return events.get_final_message()

    def read_stream(self, events: Any) -> Job:
        request_id = events.response.headers.get("request-id")
        return {**super().read_stream(events), "request_id": request_id}

    def tool_turns(self, answer: Any) -> tuple[Any, list[Job]]:
        call = next((block for block in answer.content if block.type == "tool_use"), None)
        if call is None:
            return None, []
        result = {"type": "tool_result", "tool_use_id": call.id, "content": TOOL_RESULT}
        assistant = {"role": "assistant", "content": answer.content}
        return call, [assistant, {"role": "user", "content": [result]}]

    def count_tokens(self, job: Job) -> Any:
        return to_json(self.api(job).count_tokens(**job["request"]))


def by_protocol(package: Any) -> dict[str, Scripts]:
    return {"anthropic": AnthropicScripts(package)}
