"""Driver of the `anthropic` and `openai` packages for Python; see `driver_jobs`."""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import sys
from operator import attrgetter
from typing import Any

arguments = json.loads(sys.argv[1])
sys.path[:0] = arguments["paths"]
jobs: Any = importlib.import_module("driver_jobs")
package: Any = importlib.import_module(arguments["package"])
Job = dict[str, Any]
MAX_REQUESTS = 80  # to reach a rate limit


class Scripts:
    """The scripts of an SDK; the subclasses have what differs between the SDKs."""

    client_class = ""
    resource = ""  # the part of a client that creates answers
    final_answer = ""  # the method of a stream that reads it to its end

    def client(self, job: Job) -> Any:
        """Returns a client as the document creates it: a base URL and a key, nothing else."""
        client_class = getattr(package, self.client_class)
        return client_class(base_url=job["base_url"], api_key=job["api_key"])

    def api(self, job: Job) -> Any:
        return attrgetter(self.resource)(self.client(job))

    def summarize(self, answer: Any) -> Job:
        raise NotImplementedError

    def read_stream(self, events: Any) -> Job:
        raise NotImplementedError

    def tool_turns(self, answer: Any) -> tuple[Any, list[Job]]:
        """Returns the tool call of an answer, and the messages that send its result."""
        raise NotImplementedError

    def plain(self, job: Job) -> Job:
        answer = self.api(job).create(**job["request"])
        return {**self.summarize(answer), "request_id": answer._request_id}

    def stream(self, job: Job) -> Job:
        """Reads a stream with the SDK's own accumulator."""
        with self.api(job).stream(**job["request"]) as events:
            return self.read_stream(events)

    def events(self, job: Job) -> Job:
        """Returns the events of a stream as an application iterates over them."""
        with self.api(job).create(**job["request"], stream=True) as stream:
            return {"events": [to_json(event) for event in stream]}

    def tools(self, job: Job) -> Job:
        return self.round_trip(job, self.api(job).create)

    def tools_stream(self, job: Job) -> Job:
        api = self.api(job)

        def send(**request: Any) -> Any:
            with api.stream(**request) as events:
                return getattr(events, self.final_answer)()

        return self.round_trip(job, send)

    def round_trip(self, job: Job, send: Any) -> Job:
        """Requests a tool call and sends its result, with the SDK's own objects sent back."""
        first = send(**job["request"])
        call, turns = self.tool_turns(first)
        request = {key: value for key, value in job["request"].items() if key != "tool_choice"}
        second = send(**{**request, "messages": [*request["messages"], *turns]})
        summaries = {"first": self.summarize(first), "second": self.summarize(second)}
        return {"call": to_json(call), **summaries}

    def models(self, job: Job) -> Job:
        """Lists the models and retrieves the one under test."""
        models = self.client(job).models
        ids = [model.id for model in models.list()]
        return {"ids": ids, "one": to_json(models.retrieve(job["model"]))}

    def retry(self, job: Job) -> Job:
        """Sends requests until one is refused, which the SDK then sends again by itself."""
        api = self.api(job).with_raw_response
        for count in range(1, MAX_REQUESTS + 1):
            response = api.create(**job["request"])
            if response.retries_taken:
                summary = self.summarize(response.parse())
                return {**summary, "asked": count, "retries": response.retries_taken}
        message = f"{MAX_REQUESTS} requests with the limited key caused no 429"
        raise jobs.ScenarioNotReached(message)

    def snippet(self, job: Job) -> Job:
        """Runs code of a document with the target's URL, key and model."""
        names = {
            "client": self.client(job),
            self.client_class: getattr(package, self.client_class),
        }
        code = jobs.fill_snippet("".join(jobs.code_blocks(job["snippet"])), job)
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            exec(compile(code, job["snippet"], "exec"), names)
        results = [names.get(name) for name in ("message", "response")]
        results = [result for result in results if hasattr(result, "to_dict")]
        last = to_json(results[-1]) if results else None
        return {"printed": printed.getvalue(), "last": last}


class AnthropicScripts(Scripts):
    """The scripts of `anthropic`, whose answers are messages."""

    client_class, resource, final_answer = "Anthropic", "messages", "get_final_message"

    def summarize(self, answer: Any) -> Job:
        return {
            "text": "".join(block.text for block in answer.content if block.type == "text"),
            "stop_reason": answer.stop_reason,
            "usage": to_json(answer.usage),
            "message": to_json(answer),
        }

    def read_stream(self, events: Any) -> Job:
        pieces = list(events.text_stream)
        message = self.summarize(events.get_final_message())
        request_id = events.response.headers.get("request-id")
        return {**message, "pieces": pieces, "joined": "".join(pieces), "request_id": request_id}

    def tool_turns(self, answer: Any) -> tuple[Any, list[Job]]:
        call = next(block for block in answer.content if block.type == "tool_use")
        result = {"type": "tool_result", "tool_use_id": call.id, "content": "17 degrees"}
        assistant = {"role": "assistant", "content": answer.content}
        return call, [assistant, {"role": "user", "content": [result]}]

    def count_tokens(self, job: Job) -> Any:
        return to_json(self.api(job).count_tokens(**job["request"]))


class OpenAIScripts(Scripts):
    """The scripts of `openai`, whose answers are chat completions."""

    client_class, resource, final_answer = "OpenAI", "chat.completions", "get_final_completion"

    def summarize(self, answer: Any) -> Job:
        choice = answer.choices[0]
        return {
            "text": choice.message.content,
            "finish_reason": choice.finish_reason,
            "usage": to_json(answer.usage),
            "completion": to_json(answer),
        }

    def read_stream(self, events: Any) -> Job:
        pieces = [event.delta for event in events if event.type == "content.delta"]
        completion = self.summarize(events.get_final_completion())
        return {**completion, "pieces": pieces, "joined": "".join(pieces)}

    def tool_turns(self, answer: Any) -> tuple[Any, list[Job]]:
        message = answer.choices[0].message
        call = message.tool_calls[0]
        # The accumulator of streams adds fields for parsed values, which no request may have.
        sent_back = message.model_dump(exclude_none=True, exclude={"parsed": True})
        for each in sent_back["tool_calls"]:
            each["function"].pop("parsed_arguments", None)
            each.pop("index", None)
        return call, [sent_back, {"role": "tool", "tool_call_id": call.id, "content": "17 degrees"}]


def to_json(value: Any) -> Any:
    """Returns an object of the SDK as JSON data, by the SDK's own conversion."""
    return value.to_dict(mode="json", warnings=False) if hasattr(value, "to_dict") else value


scripts = AnthropicScripts() if arguments["package"] == "anthropic" else OpenAIScripts()
jobs.serve(scripts)
