"""The scripts that the Python SDKs share. It does not import the harness; see `driver_jobs`."""

from __future__ import annotations

import contextlib
import importlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

jobs: Any = importlib.import_module("driver_jobs")
Job = dict[str, Any]
MAX_REQUESTS = 80  # to reach a rate limit


@dataclass(frozen=True)
class PythonSdk:
    """One SDK: its client class, and functions for what differs between the SDKs.

    `read_stream` reads a stream with the SDK's accumulator, and `final_answer` only its result.
    `tool_turns` returns the tool call of an answer, and the messages that send its result.
    """

    client_class: Any
    resource: Callable[[Any], Any]
    summarize: Callable[[Any], Job]
    read_stream: Callable[[Any], Job]
    final_answer: Callable[[Any], Any]
    tool_turns: Callable[[Any], tuple[Any, list[Job]]]

    def scripts(self) -> dict[str, Callable[[Job], Any]]:
        return {
            "plain": self.plain,
            "stream": self.stream,
            "events": self.events,
            "tools": lambda job: self.round_trip(job, self.api(job).create),
            "tools-stream": self.tools_stream,
            "models": self.models,
            "retry": self.retry,
            "snippet": self.snippet,
        }

    def client(self, job: Job) -> Any:
        """Returns a client as the document creates it: a base URL and a key, nothing else."""
        return self.client_class(base_url=job["base_url"], api_key=job["api_key"])

    def api(self, job: Job) -> Any:
        return self.resource(self.client(job))

    def plain(self, job: Job) -> Job:
        answer = self.api(job).create(**job["request"])
        return {**self.summarize(answer), "request_id": answer._request_id}

    def stream(self, job: Job) -> Job:
        with self.api(job).stream(**job["request"]) as events:
            return self.read_stream(events)

    def events(self, job: Job) -> Job:
        """Returns the events of a stream as an application iterates over them."""
        with self.api(job).create(**job["request"], stream=True) as stream:
            return {"events": [to_json(event) for event in stream]}

    def tools_stream(self, job: Job) -> Job:
        api = self.api(job)

        def send(**request: Any) -> Any:
            with api.stream(**request) as events:
                return self.final_answer(events)

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
        names = {"client": self.client(job), self.client_class.__name__: self.client_class}
        code = jobs.fill_snippet("".join(jobs.code_blocks(job["snippet"])), job)
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            exec(compile(code, job["snippet"], "exec"), names)
        results = [names.get(name) for name in ("message", "response")]
        results = [result for result in results if hasattr(result, "to_dict")]
        last = to_json(results[-1]) if results else None
        return {"printed": printed.getvalue(), "last": last}


def to_json(value: Any) -> Any:
    """Returns an object of the SDK as JSON data, by the SDK's own conversion."""
    return value.to_dict(mode="json", warnings=False) if hasattr(value, "to_dict") else value
