"""Jobs -> what the `openai` package for Python makes of the target. Imports no harness."""

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
    """As the document makes it: a base URL and a key, nothing else."""
    return openai.OpenAI(base_url=job["base_url"], api_key=job["api_key"], **more)


def told(completion: Any) -> Job:
    choice = completion.choices[0]
    return {
        "text": choice.message.content,
        "finish_reason": choice.finish_reason,
        "usage": jobs.plain(completion.usage),
        "completion": jobs.plain(completion),
    }


def plain(job: Job) -> Job:
    completion = client(job).chat.completions.create(**job["request"])
    return {**told(completion), "request_id": completion._request_id}


def stream(job: Job) -> Job:
    """By the SDK's own accumulator."""
    pieces = []
    with client(job).chat.completions.stream(**job["request"]) as events:
        for event in events:
            if event.type == "content.delta":
                pieces.append(event.delta)
        completion = events.get_final_completion()
    return {**told(completion), "pieces": pieces, "joined": "".join(pieces)}


def events(job: Job) -> Job:
    """The chunks themselves, as one iterates over them."""
    with client(job).chat.completions.create(**job["request"], stream=True) as sent:
        return {"events": [jobs.plain(chunk) for chunk in sent]}


def tools(job: Job) -> Job:
    api = client(job)
    return round_trip(job, lambda **request: api.chat.completions.create(**request))


def tools_stream(job: Job) -> Job:
    api = client(job)

    def ask(**request: Any) -> Any:
        with api.chat.completions.stream(**request) as events:
            return events.get_final_completion()

    return round_trip(job, ask)


def round_trip(job: Job, ask: Any) -> Job:
    """The call, its result, and the answer that uses it; the SDK's own message is sent back."""
    request = job["request"]
    first = ask(**request)
    message = first.choices[0].message
    call = message.tool_calls[0]
    result = {"role": "tool", "tool_call_id": call.id, "content": "17 degrees"}
    rest = {key: value for key, value in request.items() if key != "tool_choice"}
    turns = [*request["messages"], sent_back(message), result]
    second = ask(**{**rest, "messages": turns})
    return {"call": jobs.plain(call), "first": told(first), "second": told(second)}


def sent_back(message: Any) -> Job:
    """The accumulator adds what it parsed, which the API has no field for."""
    back: Job = message.model_dump(exclude_none=True, exclude={"parsed": True})
    for call in back["tool_calls"]:
        call["function"].pop("parsed_arguments", None)
        call.pop("index", None)
    return back


def models(job: Job) -> Job:
    found: Job = jobs.models(client(job), job)
    return found


def retry(job: Job) -> Job:
    ask = client(job).chat.completions.with_raw_response.create
    found: Job = jobs.retry(lambda: ask(**job["request"]), told)
    return found


def snippet(job: Job) -> Job:
    found: Job = jobs.snippet(job, {"client": client(job), "OpenAI": openai.OpenAI})
    return found


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
