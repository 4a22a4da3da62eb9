"""Assembly of one choice of a chat completion stream."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from harness.decode.streams.index import index_of
from harness.decode.streams.merge_deltas import merge
from harness.decode.streams.rules import ViolationLog, load_table
from harness.model import Json
from harness.util.format_value import format_value

# With these finish reasons the arguments of a tool call can be incomplete.
TRUNCATED: Final = ("length", "content_filter")
MAX_CALLS: Final = 10_000
OWN_KEYS: Final = ("index", "delta", "finish_reason")
CHOICE: Final = load_table("openai", "choice")


class Choice:
    """One choice of a stream as it builds up.

    Attributes:
        state: A state of the table CHOICE.
        calls: The fragments of each tool call.
        call_at: The latest tool call at each index.
    """

    def __init__(self, index: int, log: ViolationLog) -> None:
        self.index, self.log, self.state = index, log, "new"
        self.finish_reason: Json = None
        self.deltas: list[dict[str, Json]] = []
        self.members: list[dict[str, Json]] = []
        self.calls: list[list[dict[str, Json]]] = []
        self.call_at: dict[int, list[dict[str, Json]]] = {}
        self.call_ids: set[str] = set()

    def add(self, choice: dict[str, Json], at: str, with_usage: bool = False) -> None:
        """Add the choice of a chunk.

        Args:
            with_usage: Whether the chunk has a usage; its choices are reported already.
        """
        delta = choice.get("delta")
        delta = delta if isinstance(delta, dict) else {}
        finish_reason = choice.get("finish_reason") or None
        if "finish_reason" not in choice and not with_usage:
            self.log.add("finish-key", at, format_value(choice))
        for symbol in _symbols(delta, finish_reason):
            self.state, rule = CHOICE[self.state, symbol]
            if rule and not (with_usage and symbol == "empty"):
                self.log.add(rule, at, format_value(choice), self.index)
        self.finish_reason = finish_reason if finish_reason is not None else self.finish_reason
        for fragment in objects(delta.get("tool_calls")):
            self.add_fragment(fragment, at)
        self.deltas.append({key: value for key, value in delta.items() if key != "tool_calls"})
        self.members.append({key: v for key, v in choice.items() if key not in OWN_KEYS})

    def add_fragment(self, fragment: dict[str, Json], at: str) -> None:
        """Add a piece of a tool call: the first one at an index opens the call."""
        call_id, index = fragment.get("id"), index_of(fragment)
        if index is None:  # The schema reports it; an id opens a call.
            index = len(self.calls) if call_id or not self.call_at else next(reversed(self.call_at))
        call = self.call_at.get(index)
        if call is None and index != len(self.calls):
            self.log.add("tool-index-gap", at, f"index {index}", len(self.calls))
        elif call is not None and call_id and call_id != call[0].get("id"):
            ids = f"{format_value(call[0].get('id'))} and {format_value(call_id)}"
            self.log.add("tool-index-shared", at, f"{ids} at index {index}")
            call = None
        if call is None and len(self.calls) >= MAX_CALLS:
            self.log.add_size(at, MAX_CALLS, "tool calls in a choice")
            return
        if call is None:
            self.check_first_fragment(fragment, index, at)
            self.call_at[index] = call = []
            self.calls.append(call)
        else:
            self.check_later_fragment(call[0], fragment, index, at)
        call.append(fragment)

    def check_first_fragment(self, fragment: dict[str, Json], index: int, at: str) -> None:
        call_id = fragment.get("id")
        if call_id:
            known = json.dumps(call_id, sort_keys=True)  # it can be a list or an object
            if known in self.call_ids:
                self.log.add("tool-id-repeated", at, f"{format_value(call_id)} again")
            self.call_ids.add(known)
        required = {"id": call_id, "type": fragment.get("type"), "a name": _name(fragment)}
        for member, value in required.items():
            if not value:
                self.log.add("tool-first", at, format_value(fragment), member, index)

    def check_later_fragment(
        self, first: dict[str, Json], later: dict[str, Json], index: int, at: str
    ) -> None:
        if later.get("id"):
            self.log.add("tool-repeated", at, format_value(later), "the id", index)
        if _name(later) and _name(later) == _name(first):
            self.log.add("tool-repeated", at, format_value(later), "the name", index)

    def end(self) -> None:
        if self.state != "finished":
            self.log.add("finish-missing", "body", "the end of the stream", self.index)
        elif self.finish_reason not in TRUNCATED:
            self.check_calls()

    def check_calls(self) -> None:
        message = self.message()
        has_call = self.calls or message.get("function_call")
        if self.finish_reason == "tool_calls" and not has_call:
            self.log.add("calls-missing", "body", "none in any chunk", self.index)
        for call in (*objects(message.get("tool_calls")), message):
            key = "function_call" if call is message else "function"
            function = call.get(key)
            arguments = function.get("arguments") if isinstance(function, dict) else None
            if isinstance(arguments, str):  # The schemas report anything else.
                self.log.check_arguments(arguments, f"/choices/{self.index}")

    def message(self) -> dict[str, Json]:
        """Return the plain message. `content` is null without a text, as in plain answers.

        An empty text beside a tool call or a refusal counts as none. The schema of chunks has an
        optional role; the rule `role-first` reports a missing one.
        """
        merged: dict[str, Json] = merge(self.deltas) or {}
        message = {key: value for key, value in merged.items() if value is not None}
        message = {"role": "assistant", "content": None, **message}
        if self.calls:
            message["tool_calls"] = [_call(fragments) for fragments in self.calls]
        other_content = ("tool_calls", "function_call", "refusal")
        if message["content"] == "" and any(message.get(key) for key in other_content):
            message["content"] = None
        return message

    def plain(self) -> dict[str, Json]:
        """Return the choice as a plain completion has it."""
        own = {"index": self.index, "finish_reason": self.finish_reason}
        return {**own, "message": self.message(), **(merge(self.members) or {})}


def objects(value: Json) -> Iterator[dict[str, Json]]:
    """Yield the objects in a list; the schema reports anything else."""
    return (item for item in (value if isinstance(value, list) else ()) if isinstance(item, dict))


def _symbols(delta: dict[str, Json], finish_reason: Json) -> Iterator[str]:
    """Yield the symbols of a chunk for the table CHOICE. A text precedes its finish_reason."""
    payload = any(value for key, value in delta.items() if key != "role")
    if delta.get("role"):
        yield "role"
        if payload:
            yield "payload"
    elif payload:
        yield "payload"
    elif finish_reason is None:
        yield "empty"
    if finish_reason is not None:
        yield "finish"


def _call(fragments: list[dict[str, Json]]) -> dict[str, Json]:
    call: dict[str, Json] = merge(fragments)
    return {key: value for key, value in call.items() if key != "index"}


def _name(fragment: dict[str, Json]) -> Json:
    for kind in ("function", "custom"):
        if isinstance(fragment.get(kind), dict):
            return fragment[kind].get("name")
    return None
