"""Events of a chat completion stream -> the plain completion, and the laws it breaks. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from harness.decode.streams import openai_rules
from harness.decode.streams.openai_choice import Choice, rows
from harness.decode.streams.rule import StreamRule
from harness.decode.streams.violations import ViolationLog, shown
from harness.model import Event, Json, Violation
from harness.util.strict_json import parse

Check = Callable[[Json], list[tuple[str, str]]]
SAME: Final = ("id", "created", "model", "system_fingerprint")
# Nobody reads on after these.
CLOSED: Final = ("done", "failed")
# Random padding of the chunks, no part of an answer.
PADDING: Final = frozenset({"obfuscation"})


def openai(
    events: Sequence[Event],
    usage_asked: bool = False,
    *,
    whole: bool = True,
    check: Check = lambda chunk: [],
) -> tuple[dict[str, Json] | None, list[Json], list[Violation]]:
    """(completion, or None where no chunk came; the chunks; the broken laws).

    `whole`: False when the stream was cut off underway, so that laws about its end say nothing.
    `check`: (JSON Pointer, complaint) of a chunk, by its schema.
    """
    stream = _Stream(usage_asked, check)
    for event in events:
        stream.take(event)
    if whole:
        stream.end()
    return stream.body(), stream.chunks, stream.book.violations()


class _Stream:
    def __init__(self, usage_asked: bool, check: Check) -> None:
        self.usage_asked, self.check, self.book = usage_asked, check, ViolationLog()
        self.state = "open"
        self.chunks: list[Json] = []
        self.choices: dict[int, Choice] = {}
        self.top: dict[str, Json] = {}
        self.first: dict[str, Json] = {}
        self.usage: Json = None

    def take(self, event: Event) -> None:
        at = f"event {event.number}"
        if event.data.strip().startswith("[DONE]"):
            self.step("done", at, event.data)
            if event.data != "[DONE]":
                self.book.note(openai_rules.DONE_EXACT, at, repr(event.data[:40]))
            return
        parsed = parse(event.data)
        if event.event not in ("", "message", "error"):
            self.book.note(openai_rules.NAMED, at, f"event: {event.event[:40]}")
        if parsed.problem:
            self.book.note(openai_rules.JSON, at, f"{event.data[:60]!r}: {parsed.problem}")
        for remark in parsed.remarks:
            self.book.note(openai_rules.ODD, at, remark)
        error = parsed.value.get("error") if isinstance(parsed.value, dict) else None
        if error or event.event == "error":
            self.step("error", at, error or parsed.value or event.data)
        elif not parsed.problem:
            self.chunk(parsed.value, at)

    def chunk(self, chunk: Json, at: str) -> None:
        self.chunks.append(chunk)
        usage = chunk.get("usage") if isinstance(chunk, dict) else None
        hollow = isinstance(chunk, dict) and chunk.get("choices") == []
        kind = "chunk" if not hollow else "usage" if usage else "hollow"
        self.step(kind, at, chunk)
        if self.state in CLOSED:
            return
        if kind != "hollow":  # it has its own law; Azure's has neither id nor model
            for pointer, text in self.check(chunk):
                law = StreamRule("stream.chunk", "must", text)
                self.book.note(law, f"{at} {pointer}".strip(), shown(chunk))
        if not isinstance(chunk, dict):
            return
        self.count(usage, kind, at)
        self.keep(chunk, at, hollow=kind == "hollow")
        for place, choice in enumerate(rows(chunk.get("choices"))):
            index = choice.get("index")
            index = index if isinstance(index, int) else place
            found = self.choices.setdefault(index, Choice(index, self.book))
            found.take(choice, at, counted=usage is not None)

    def step(self, kind: str, at: str, got: Json) -> None:
        self.state, law = openai_rules.STREAM[self.state, kind]
        if law:
            self.book.note(law, at, shown(got))

    def count(self, usage: Json, kind: str, at: str) -> None:
        if usage is None:
            return
        self.usage = usage
        if not self.usage_asked:
            self.book.note(openai_rules.USAGE_UNASKED, at, shown(usage))
        elif kind == "chunk":
            self.book.note(openai_rules.USAGE_BESIDE, at, shown(usage))

    def keep(self, chunk: dict[str, Json], at: str, hollow: bool) -> None:
        """The keys beside the choices: what must stay the same is taken from the first chunk."""
        for key, value in chunk.items():
            if value is None or key in ("choices", "usage") or key in PADDING:
                continue
            if key not in SAME:
                self.top[key] = value
            elif not hollow and self.first.setdefault(key, value) != value:
                both = f"{shown(value)} after {shown(self.first[key])}"
                self.book.note(openai_rules.SAME.of(key), at, both)

    def end(self) -> None:
        if self.state in ("open", "counted"):
            self.book.note(openai_rules.DONE_MISSING, "body", "the end of the stream")
        if self.state == "failed":  # an interrupted stream owes nothing more
            return
        for choice in self.choices.values():
            choice.end()
        if self.usage_asked and self.usage is None:
            self.book.note(openai_rules.USAGE_MISSING, "body", "none in any chunk")

    def body(self) -> dict[str, Json] | None:
        if not self.chunks:
            return None
        choices = [self.choices[index].whole() for index in sorted(self.choices)]
        body = {**self.first, **self.top, "object": "chat.completion", "choices": choices}
        return body if self.usage is None else {**body, "usage": self.usage}
