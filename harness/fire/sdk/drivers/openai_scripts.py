"""The scripts of `openai` for Python: Chat Completions, Responses and embeddings."""

from __future__ import annotations

import importlib
from typing import Any

from sdk_scripts import FOLLOW_UP, TOOL_RESULT, Job, Scripts, to_json


class ChatScripts(Scripts):
    """Its answers are chat completions."""

    client_class, resource = "OpenAI", "chat.completions"

    def summarize(self, answer: Any) -> Job:
        choice = answer.choices[0]
        return {
            "text": choice.message.content,
            "finish_reason": choice.finish_reason,
            "usage": to_json(answer.usage),
            "completion": to_json(answer),
        }

    def last_answer(self, events: Any, pieces: list[str]) -> Any:
        """Reads a stream to its end, also if the answer was cut."""
        try:
            for event in events:
                if event.type == "content.delta":
                    pieces.append(event.delta)
            return events.get_final_completion()
        except self.package.LengthFinishReasonError as error:
            return error.completion

    def tool_turns(self, answer: Any) -> tuple[Any, list[Job]]:
        message = answer.choices[0].message
        if not message.tool_calls:
            return None, []
        call = message.tool_calls[0]
        # The accumulator of streams adds fields for parsed values, which no request may have.
        sent_back = message.model_dump(exclude_none=True, exclude={"parsed": True})
        for each in sent_back["tool_calls"]:
            each["function"].pop("parsed_arguments", None)
            each.pop("index", None)
        return call, [sent_back, {"role": "tool", "tool_call_id": call.id, "content": TOOL_RESULT}]


class ResponsesScripts(Scripts):
    """Its answers are responses, with a list of items."""

    client_class, resource, turns = "OpenAI", "responses", "input"
    ends = ("response.completed", "response.incomplete", "response.failed")

    def summarize(self, answer: Any) -> Job:
        return {
            "text": answer.output_text,
            "status": answer.status,
            "usage": to_json(answer.usage),
            "response": to_json(answer),
        }

    def last_answer(self, events: Any, pieces: list[str]) -> Any:
        """Reads a stream to its last event, which has the whole response, also if it was cut."""
        last = None
        for event in events:
            if event.type == "response.output_text.delta":
                pieces.append(event.delta)
            elif event.type in self.ends:
                last = event.response
        return last or events.get_final_response()

    def tool_turns(self, answer: Any) -> tuple[Any, list[Any]]:
        call = next((item for item in answer.output if item.type == "function_call"), None)
        if call is None:
            return None, []
        result = {"type": "function_call_output", "call_id": call.call_id, "output": TOOL_RESULT}
        return call, [*answer.output, result]

    def parse(self, job: Job) -> Job:
        """Lets the SDK read the answer as an object of a class, whose schema it sends."""
        create_model = importlib.import_module("pydantic").create_model
        city = create_model("City", capital_city=(str, ...))
        request = {key: value for key, value in job["request"].items() if key != "text"}
        answer = self.api(job).parse(**request, text_format=city)
        parsed = answer.output_parsed
        return {**self.summarize(answer), "parsed": parsed.model_dump() if parsed else None}

    def follow_up(self, job: Job) -> Job:
        """Continues a conversation by the id of its last response."""
        api = self.api(job)
        first = api.create(**job["request"])
        request = {**job["request"], "input": FOLLOW_UP, "previous_response_id": first.id}
        return {"first": self.summarize(first), "second": self.summarize(api.create(**request))}


class EmbeddingsScripts(Scripts):
    """Its answers are lists of numbers; the SDK asks for Base64 unless the program chooses."""

    client_class, resource = "OpenAI", "embeddings"

    def plain(self, job: Job) -> Job:
        answer = self.api(job).create(**job["request"])
        return {
            "embeddings": [list(map(float, item.embedding)) for item in answer.data],
            "indexes": [item.index for item in answer.data],
            "model": answer.model,
            "usage": to_json(answer.usage),
        }


def by_protocol(package: Any) -> dict[str, Scripts]:
    return {
        "openai": ChatScripts(package),
        "responses": ResponsesScripts(package),
        "embeddings": EmbeddingsScripts(package),
    }
