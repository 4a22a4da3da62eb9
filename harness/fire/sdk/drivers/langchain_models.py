"""Driver of LangChain's models for OpenAI and Anthropic; see `driver_jobs`."""

from __future__ import annotations

import importlib
import json
import sys
from typing import Any

arguments = json.loads(sys.argv[1])
sys.path[:0] = arguments["paths"]
jobs: Any = importlib.import_module("driver_jobs")
package: Any = importlib.import_module(arguments["package"].replace("-", "_"))
messages: Any = importlib.import_module("langchain_core.messages")
Job = dict[str, Any]
MODEL = {"langchain-openai": "ChatOpenAI", "langchain-anthropic": "ChatAnthropic"}
OPTIONS: Job = {"stream_usage": True}  # LangChain asks for usage only at OpenAI's own address
OWN_KEYS = ("model", "messages", "tools", "tool_choice")


class Scripts:
    """The scripts; a model is made as LangChain's pages make it: a base URL, a key, a model."""

    def model(self, job: Job) -> Any:
        request = job["request"]
        own = {key: value for key, value in request.items() if key not in OWN_KEYS}
        options = {**OPTIONS, **own}
        model = getattr(package, MODEL[arguments["package"]])(
            model=request["model"], base_url=job["base_url"], api_key=job["api_key"], **options
        )
        if "tools" not in request:
            return model
        choice = {"tool_choice": request["tool_choice"]} if "tool_choice" in request else {}
        return model.bind_tools(request["tools"], **choice)

    def plain(self, job: Job) -> Job:
        return self.summarize(self.model(job).invoke(job["request"]["messages"]))

    def stream(self, job: Job) -> Job:
        """Reads a stream, whose chunks LangChain adds up to a message."""
        return self.read_stream(self.model(job), job["request"]["messages"])

    def tools(self, job: Job) -> Job:
        return self.round_trip(job, lambda model, turns: model.invoke(turns))

    def tools_stream(self, job: Job) -> Job:
        return self.round_trip(job, lambda model, turns: self.add_up(model.stream(turns)))

    def round_trip(self, job: Job, send: Any) -> Job:
        """Requests a tool call and sends its result, with LangChain's own message sent back."""
        request = job["request"]
        first = send(self.model(job), request["messages"])
        if not first.tool_calls:
            return {"call": {}, "first": self.summarize(first)}
        call = first.tool_calls[0]
        result = messages.ToolMessage("17 degrees", tool_call_id=call["id"])
        again = {key: value for key, value in request.items() if key != "tool_choice"}
        turns = [*request["messages"], first, result]
        second = send(self.model({**job, "request": again}), turns)
        return {
            "call": {key: call[key] for key in ("id", "name", "args")},
            "first": self.summarize(first),
            "second": self.summarize(second),
        }

    def read_stream(self, model: Any, turns: Any) -> Job:
        chunks = list(model.stream(turns))
        pieces = [chunk.text for chunk in chunks if chunk.text]
        return {**self.summarize(self.add_up(chunks)), "pieces": pieces, "joined": "".join(pieces)}

    def add_up(self, chunks: Any) -> Any:
        first, *rest = chunks
        for chunk in rest:
            first += chunk
        return first

    def summarize(self, message: Any) -> Job:
        facts = message.response_metadata
        return {
            "text": str(message.text),
            "finish_reason": facts.get("finish_reason") or facts.get("stop_reason"),
            "usage": dict(message.usage_metadata or {}) or None,
            "tool_calls": [call["name"] for call in message.tool_calls],
        }


jobs.serve({"openai": Scripts(), "anthropic": Scripts()})
