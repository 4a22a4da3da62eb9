"""Driver of the `openai` package for Python."""

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
openai: Any = importlib.import_module("openai")
Job = dict[str, Any]


def client(job: Job, **more: Any) -> Any:
    """Returns a client as the document creates it: a base URL and a key, nothing else."""
    return openai.OpenAI(base_url=job["base_url"], api_key=job["api_key"], **more)


def summarize(completion: Any) -> Job:
    choice = completion.choices[0]
    return {
        "text": choice.message.content,
        "finish_reason": choice.finish_reason,
        "usage": jobs.to_json(completion.usage),
        "completion": jobs.to_json(completion),
    }


def plain(job: Job) -> Job:
    completion = client(job).chat.completions.create(**job["request"])
    return {**summarize(completion), "request_id": completion._request_id}


def stream(job: Job) -> Job:
    """Reads a stream with the SDK's own accumulator."""
    pieces = []
    with client(job).chat.completions.stream(**job["request"]) as events:
        for event in events:
            if event.type == "content.delta":
                pieces.append(event.delta)
        completion = events.get_final_completion()
    return {**summarize(completion), "pieces": pieces, "joined": "".join(pieces)}


def events(job: Job) -> Job:
    """Returns the chunks of a stream as an application iterates over them."""
    with client(job).chat.completions.create(**job["request"], stream=True) as stream:
        return {"events": [jobs.to_json(chunk) for chunk in stream]}


def tools(job: Job) -> Job:
    api = client(job)
    return round_trip(job, lambda **request: api.chat.completions.create(**request))


def tools_stream(job: Job) -> Job:
    api = client(job)

    def send(**request: Any) -> Any:
        with api.chat.completions.stream(**request) as events:
            return events.get_final_completion()

    return round_trip(job, send)


def round_trip(job: Job, send: Any) -> Job:
    """Requests a tool call and sends its result, with the SDK's own message sent back."""
    request = job["request"]
    first = send(**request)
    message = first.choices[0].message
    call = message.tool_calls[0]
    result = {"role": "tool", "tool_call_id": call.id, "content": "17 degrees"}
    without_choice = {key: value for key, value in request.items() if key != "tool_choice"}
    turns = [*request["messages"], message_to_send(message), result]
    second = send(**{**without_choice, "messages": turns})
    return {"call": jobs.to_json(call), "first": summarize(first), "second": summarize(second)}


def message_to_send(message: Any) -> Job:
    """Returns the message without the fields that the accumulator adds for parsed values."""
    back: Job = message.model_dump(exclude_none=True, exclude={"parsed": True})
    for call in back["tool_calls"]:
        call["function"].pop("parsed_arguments", None)
        call.pop("index", None)
    return back


def models(job: Job) -> Job:
    result: Job = jobs.models(client(job), job)
    return result


def retry(job: Job) -> Job:
    send = client(job).chat.completions.with_raw_response.create
    result: Job = jobs.retry(lambda: send(**job["request"]), summarize)
    return result


def snippet(job: Job) -> Job:
    result: Job = jobs.snippet(job, {"client": client(job), "OpenAI": openai.OpenAI})
    return result


if __name__ == "__main__":
    jobs.serve(
        {
            "plain": plain,
            "stream": stream,
            "events": events,
            "tools": tools,
            "tools-stream": tools_stream,
            "models": models,
            "retry": retry,
            "snippet": snippet,
        }
    )
