"""The scripts of the Python drivers: what a program does with an SDK, and what it observes.

As `driver_jobs`, this module imports no package.
"""

from __future__ import annotations

import contextlib
import io
from operator import attrgetter
from typing import Any

import driver_jobs as jobs

Job = dict[str, Any]
MAX_REQUESTS = 80  # to reach a rate limit
TOOL_RESULT = "17 degrees"
FOLLOW_UP = "What is my dog called? Answer with the name only."


class Scripts:
    """The scripts of an SDK; the subclasses have what differs between the SDKs."""

    client_class = ""
    turns = "messages"  # the field of a request that has the turns of a conversation
    resource = ""  # the part of a client that creates answers

    def __init__(self, package: Any) -> None:
        self.package = package

    def client(self, job: Job) -> Any:
        """Returns a client as the document creates it: a base URL and a key, nothing else."""
        client_class = getattr(self.package, self.client_class)
        return client_class(base_url=job["base_url"], api_key=job["api_key"])

    def api(self, job: Job) -> Any:
        return attrgetter(self.resource)(self.client(job))

    def summarize(self, answer: Any) -> Job:
        raise NotImplementedError

    def tool_turns(self, answer: Any) -> tuple[Any, list[Job]]:
        """Returns the tool call of an answer, or None, and the turns that send its result."""
        raise NotImplementedError

    def last_answer(self, events: Any, pieces: list[str]) -> Any:
        """Reads a stream to its end, adds its texts to `pieces`, and returns the SDK's answer."""
        raise NotImplementedError

    def read_stream(self, events: Any) -> Job:
        pieces: list[str] = []
        summary = self.summarize(self.last_answer(events, pieces))
        return {**summary, "pieces": pieces, "joined": "".join(pieces)}

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
                return self.last_answer(events, [])

        return self.round_trip(job, send)

    def round_trip(self, job: Job, send: Any) -> Job:
        """Requests a tool call and sends its result, with the SDK's own objects sent back."""
        first = send(**job["request"])
        call, turns = self.tool_turns(first)
        if call is None:
            return {"call": {}, "first": self.summarize(first)}
        request = {key: value for key, value in job["request"].items() if key != "tool_choice"}
        second = send(**{**request, self.turns: [*request[self.turns], *turns]})
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
            self.client_class: getattr(self.package, self.client_class),
        }
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
