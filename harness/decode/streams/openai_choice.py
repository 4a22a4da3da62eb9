"""The deltas of one choice -> the plain choice, and the laws they break. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from harness.decode.streams import openai_rules
from harness.decode.streams.merge_deltas import joined
from harness.decode.streams.violations import ViolationLog, shown
from harness.model import Json
from harness.util.strict_json import parse

CUT: Final = ("length", "content_filter")


class Choice:
    """One choice of a stream, as far as it has come."""

    def __init__(self, index: int, book: ViolationLog) -> None:
        self.index, self.book, self.state = index, book, "fresh"
        self.finish: Json = None
        self.deltas: list[dict[str, Json]] = []
        self.others: list[dict[str, Json]] = []
        self.calls: list[list[dict[str, Json]]] = []
        self.at_index: dict[int, list[dict[str, Json]]] = {}

    def take(self, choice: dict[str, Json], at: str, counted: bool = False) -> None:
        """`counted`: usage stands beside it, which has a law of its own for the empty choice."""
        delta = choice.get("delta")
        delta = delta if isinstance(delta, dict) else {}
        finish = choice.get("finish_reason") or None
        if "finish_reason" not in choice and not counted:
            self.book.note(openai_rules.FINISH_KEY, at, shown(choice))
        for symbol in _symbols(delta, finish):
            self.state, law = openai_rules.CHOICE[self.state, symbol]
            if law and not (counted and symbol == "empty"):
                self.book.note(law.of(self.index), at, shown(choice))
        self.finish = finish if finish is not None else self.finish
        for fragment in rows(delta.get("tool_calls")):
            self.fragment(fragment, at)
        self.deltas.append({key: value for key, value in delta.items() if key != "tool_calls"})
        own = ("index", "delta", "finish_reason")
        self.others.append({key: value for key, value in choice.items() if key not in own})

    def fragment(self, fragment: dict[str, Json], at: str) -> None:
        """One piece of a tool call: the first of its index opens the call, later ones add to it."""
        name, index = fragment.get("id"), fragment.get("index")
        if not isinstance(index, int):  # as the schema has said; an id begins a call
            index = len(self.calls) if name or not self.at_index else next(reversed(self.at_index))
        call = self.at_index.get(index)
        if call is None and index != len(self.calls):
            self.book.note(openai_rules.TOOL_NEXT.of(len(self.calls)), at, f"index {index}")
        elif call is not None and name and name != call[0].get("id"):
            both = f"{shown(call[0].get('id'))} and {shown(name)} at index {index}"
            self.book.note(openai_rules.TOOL_SHARED, at, both)
            call = None
        if call is None:
            self.opening(fragment, index, at)
            self.at_index[index] = call = []
            self.calls.append(call)
        else:
            self.again(call[0], fragment, index, at)
        call.append(fragment)

    def opening(self, fragment: dict[str, Json], index: int, at: str) -> None:
        name = fragment.get("id")
        if name and any(call[0].get("id") == name for call in self.calls):
            self.book.note(openai_rules.TOOL_TWIN, at, f"{shown(name)} again")
        present = {"id": name, "type": fragment.get("type"), "a name": _name(fragment)}
        for what, value in present.items():
            if not value:
                self.book.note(openai_rules.TOOL_OPENING.of(what, index), at, shown(fragment))

    def again(self, first: dict[str, Json], later: dict[str, Json], index: int, at: str) -> None:
        if later.get("id"):
            self.book.note(openai_rules.TOOL_AGAIN.of("the id", index), at, shown(later))
        if _name(later) and _name(later) == _name(first):
            self.book.note(openai_rules.TOOL_AGAIN.of("the name", index), at, shown(later))

    def end(self) -> None:
        if self.state != "finished":
            self.book.note(openai_rules.UNFINISHED.of(self.index), "body", "the end of the stream")
        if self.state != "finished" or self.finish in CUT:
            return  # what was cut off need not be whole
        message = self.message()
        for call in (*rows(message.get("tool_calls")), message):
            key = "function_call" if call is message else "function"
            function = call.get(key)
            if isinstance(function, dict):
                self.arguments(function.get("arguments"))

    def arguments(self, text: Json) -> None:
        if not isinstance(text, str):
            return  # the schemas have said so
        parsed, at = parse(text), f"/choices/{self.index}"
        if text.strip() and parsed.problem:
            self.book.note(openai_rules.ARGUMENTS_JSON, at, f"{text[:60]!r}: {parsed.problem}")
        elif not isinstance(parsed.value, dict):
            self.book.note(openai_rules.ARGUMENTS_OBJECT, at, repr(text[:60]))

    def message(self) -> dict[str, Json]:
        """`content` is null where no text came, or only "" beside something else."""
        parts: dict[str, Json] = joined(self.deltas) or {}
        message = {key: value for key, value in parts.items() if value is not None}
        message.setdefault("content", None)
        if self.calls:
            message["tool_calls"] = [_call(fragments) for fragments in self.calls]
        spoken = ("tool_calls", "function_call", "refusal")
        if message["content"] == "" and any(message.get(key) for key in spoken):
            message["content"] = None
        return message

    def whole(self) -> dict[str, Json]:
        others = joined(self.others) or {}
        own = {"index": self.index, "message": self.message(), "finish_reason": self.finish}
        return {**own, **others}


def rows(value: Json) -> Iterator[dict[str, Json]]:
    """The objects in a list; whatever else is there has been complained about by the schema."""
    return (item for item in (value if isinstance(value, list) else ()) if isinstance(item, dict))


def _symbols(delta: dict[str, Json], finish: Json) -> Iterator[str]:
    """What a chunk says of a choice. Text beside the finish_reason comes before it."""
    payload = any(value for key, value in delta.items() if key != "role")
    if delta.get("role"):
        yield "role"
        if payload:
            yield "payload"
    elif payload:
        yield "payload"
    elif finish is None:
        yield "empty"
    if finish is not None:
        yield "finish"


def _call(fragments: list[dict[str, Json]]) -> dict[str, Json]:
    whole: dict[str, Json] = joined(fragments)
    return {key: value for key, value in whole.items() if key != "index"}


def _name(fragment: dict[str, Json]) -> Json:
    for kind in ("function", "custom"):
        if isinstance(fragment.get(kind), dict):
            return fragment[kind].get("name")
    return None
