"""Driver of the `openai` package for Python."""

from __future__ import annotations

import importlib
import json
import sys
from typing import Any

sys.path[:0] = json.loads(sys.argv[1])
jobs: Any = importlib.import_module("driver_jobs")
scripts: Any = importlib.import_module("python_scripts")
openai: Any = importlib.import_module("openai")
Job = dict[str, Any]


def summarize(completion: Any) -> Job:
    choice = completion.choices[0]
    return {
        "text": choice.message.content,
        "finish_reason": choice.finish_reason,
        "usage": scripts.to_json(completion.usage),
        "completion": scripts.to_json(completion),
    }


def read_stream(events: Any) -> Job:
    pieces = [event.delta for event in events if event.type == "content.delta"]
    completion = summarize(events.get_final_completion())
    return {**completion, "pieces": pieces, "joined": "".join(pieces)}


def tool_turns(completion: Any) -> tuple[Any, list[Job]]:
    message = completion.choices[0].message
    call = message.tool_calls[0]
    # The accumulator of streams adds fields for parsed values, which no request may have.
    sent_back = message.model_dump(exclude_none=True, exclude={"parsed": True})
    for each in sent_back["tool_calls"]:
        each["function"].pop("parsed_arguments", None)
        each.pop("index", None)
    return call, [sent_back, {"role": "tool", "tool_call_id": call.id, "content": "17 degrees"}]


sdk = scripts.PythonSdk(
    openai.OpenAI,
    resource=lambda client: client.chat.completions,
    summarize=summarize,
    read_stream=read_stream,
    final_answer=lambda events: events.get_final_completion(),
    tool_turns=tool_turns,
)
jobs.serve(sdk.scripts())
