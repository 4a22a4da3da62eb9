"""Jobs -> what the `anthropic` package for Python makes of the target. Imports no harness."""

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
    """As the document makes it: a base URL and a key, nothing else."""
    return anthropic.Anthropic(base_url=job["base_url"], api_key=job["api_key"], **more)


def told(message: Any) -> Job:
    return {
        "text": "".join(block.text for block in message.content if block.type == "text"),
        "stop_reason": message.stop_reason,
        "usage": jobs.plain(message.usage),
        "message": jobs.plain(message),
    }


def plain(job: Job) -> Job:
    message = client(job).messages.create(**job["request"])
    return {**told(message), "request_id": message._request_id}


def stream(job: Job) -> Job:
    """By the SDK's own accumulator."""
    with client(job).messages.stream(**job["request"]) as events:
        pieces = list(events.text_stream)
        message = events.get_final_message()
        request_id = events.response.headers.get("request-id")
    joined = {"pieces": pieces, "joined": "".join(pieces)}
    return {**told(message), **joined, "request_id": request_id}


def events(job: Job) -> Job:
    """The events themselves, as one iterates over them."""
    with client(job).messages.create(**job["request"], stream=True) as sent:
        return {"events": [jobs.plain(event) for event in sent]}


def tools(job: Job) -> Job:
    api = client(job)
    return round_trip(job, lambda **request: api.messages.create(**request))


def tools_stream(job: Job) -> Job:
    api = client(job)

    def ask(**request: Any) -> Any:
        with api.messages.stream(**request) as events:
            return events.get_final_message()

    return round_trip(job, ask)


def round_trip(job: Job, ask: Any) -> Job:
    """The call, its result, and the answer that uses it; the SDK's own blocks are sent back."""
    request = job["request"]
    first = ask(**request)
    call = next(block for block in first.content if block.type == "tool_use")
    result = {"type": "tool_result", "tool_use_id": call.id, "content": "17 degrees"}
    turns = [
        {"role": "assistant", "content": first.content},
        {"role": "user", "content": [result]},
    ]
    rest = {key: value for key, value in request.items() if key != "tool_choice"}
    second = ask(**{**rest, "messages": [*request["messages"], *turns]})
    return {"call": jobs.plain(call), "first": told(first), "second": told(second)}


def count_tokens(job: Job) -> Job:
    counted: Job = jobs.plain(client(job).messages.count_tokens(**job["request"]))
    return counted


def models(job: Job) -> Job:
    found: Job = jobs.models(client(job), job)
    return found


def retry(job: Job) -> Job:
    ask = client(job).messages.with_raw_response.create
    found: Job = jobs.retry(lambda: ask(**job["request"]), told)
    return found


def snippet(job: Job) -> Job:
    found: Job = jobs.snippet(job, {"client": client(job), "Anthropic": anthropic.Anthropic})
    return found


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
