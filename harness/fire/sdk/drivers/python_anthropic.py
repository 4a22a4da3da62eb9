"""Driver of the `anthropic` package for Python."""

from __future__ import annotations

import importlib
import json
import sys
from typing import Any

sys.path[:0] = json.loads(sys.argv[1])
jobs: Any = importlib.import_module("driver_jobs")
scripts: Any = importlib.import_module("python_scripts")
anthropic: Any = importlib.import_module("anthropic")
Job = dict[str, Any]


def summarize(message: Any) -> Job:
    return {
        "text": "".join(block.text for block in message.content if block.type == "text"),
        "stop_reason": message.stop_reason,
        "usage": scripts.to_json(message.usage),
        "message": scripts.to_json(message),
    }


def read_stream(events: Any) -> Job:
    pieces = list(events.text_stream)
    request_id = events.response.headers.get("request-id")
    message = summarize(events.get_final_message())
    return {**message, "pieces": pieces, "joined": "".join(pieces), "request_id": request_id}


def tool_turns(message: Any) -> tuple[Any, list[Job]]:
    call = next(block for block in message.content if block.type == "tool_use")
    result = {"type": "tool_result", "tool_use_id": call.id, "content": "17 degrees"}
    turns = [
        {"role": "assistant", "content": message.content},
        {"role": "user", "content": [result]},
    ]
    return call, turns


def count_tokens(job: Job) -> Any:
    return scripts.to_json(sdk.client(job).messages.count_tokens(**job["request"]))


sdk = scripts.PythonSdk(
    anthropic.Anthropic,
    resource=lambda client: client.messages,
    summarize=summarize,
    read_stream=read_stream,
    final_answer=lambda events: events.get_final_message(),
    tool_turns=tool_turns,
)
jobs.serve({**sdk.scripts(), "count-tokens": count_tokens})
