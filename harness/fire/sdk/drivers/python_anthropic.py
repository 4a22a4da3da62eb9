"""Driver of the `anthropic` package for Python."""

from __future__ import annotations

import importlib
import json
import os
import sys
from typing import Any

if __name__ == "__main__":
    sys.path[:0] = json.loads(sys.argv[1])
    sys.path.append(os.path.dirname(os.path.abspath(__file__)))

jobs: Any = importlib.import_module("driver_jobs")
anthropic: Any = importlib.import_module("anthropic")
Job = dict[str, Any]


def client(job: Job, **more: Any) -> Any:
    """Returns a client as the document creates it: a base URL and a key, nothing else."""
    return anthropic.Anthropic(base_url=job["base_url"], api_key=job["api_key"], **more)


def summarize(message: Any) -> Job:
    return {
        "text": "".join(block.text for block in message.content if block.type == "text"),
        "stop_reason": message.stop_reason,
        "usage": jobs.to_json(message.usage),
        "message": jobs.to_json(message),
    }


def plain(job: Job) -> Job:
    message = client(job).messages.create(**job["request"])
    return {**summarize(message), "request_id": message._request_id}


def stream(job: Job) -> Job:
    """Reads a stream with the SDK's own accumulator."""
    with client(job).messages.stream(**job["request"]) as events:
        pieces = list(events.text_stream)
        message = events.get_final_message()
        request_id = events.response.headers.get("request-id")
    joined = {"pieces": pieces, "joined": "".join(pieces)}
    return {**summarize(message), **joined, "request_id": request_id}


def events(job: Job) -> Job:
    """Returns the events of a stream as an application iterates over them."""
    with client(job).messages.create(**job["request"], stream=True) as stream:
        return {"events": [jobs.to_json(event) for event in stream]}


def tools(job: Job) -> Job:
    api = client(job)
    return round_trip(job, lambda **request: api.messages.create(**request))


def tools_stream(job: Job) -> Job:
    api = client(job)

    def send(**request: Any) -> Any:
        with api.messages.stream(**request) as events:
            return events.get_final_message()

    return round_trip(job, send)


def round_trip(job: Job, send: Any) -> Job:
    """Requests a tool call and sends its result, with the SDK's own blocks sent back."""
    request = job["request"]
    first = send(**request)
    call = next(block for block in first.content if block.type == "tool_use")
    result = {"type": "tool_result", "tool_use_id": call.id, "content": "17 degrees"}
    turns = [
        {"role": "assistant", "content": first.content},
        {"role": "user", "content": [result]},
    ]
    without_choice = {key: value for key, value in request.items() if key != "tool_choice"}
    second = send(**{**without_choice, "messages": [*request["messages"], *turns]})
    return {"call": jobs.to_json(call), "first": summarize(first), "second": summarize(second)}


def count_tokens(job: Job) -> Job:
    counted: Job = jobs.to_json(client(job).messages.count_tokens(**job["request"]))
    return counted


def models(job: Job) -> Job:
    result: Job = jobs.models(client(job), job)
    return result


def retry(job: Job) -> Job:
    send = client(job).messages.with_raw_response.create
    result: Job = jobs.retry(lambda: send(**job["request"]), summarize)
    return result


def snippet(job: Job) -> Job:
    result: Job = jobs.snippet(job, {"client": client(job), "Anthropic": anthropic.Anthropic})
    return result


if __name__ == "__main__":
    jobs.serve(
        {
            "plain": plain,
            "stream": stream,
            "events": events,
            "tools": tools,
            "tools-stream": tools_stream,
            "count-tokens": count_tokens,
            "models": models,
            "retry": retry,
            "snippet": snippet,
        }
    )
