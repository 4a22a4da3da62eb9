"""Keys are redacted if a body has them in several strings that a client joins again."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator

import pytest

from harness.decode import response
from harness.fire.redaction.text import TextRedactor
from harness.model import Attempt, Exchange, Json

KEY = "sk-builtin-0123456789abcdef"
REDACTOR = TextRedactor({"caller": KEY})
WRITTEN = {
    "plain": KEY,
    "base64": base64.b64encode(f"user:{KEY}".encode()).decode(),
    "percent": "".join(f"%{ord(letter):02x}" for letter in KEY),
    "entities": "".join(f"&#{ord(letter)};" for letter in KEY),
}
SIZES = {"letters": 1, "threes": 3, "halves": 14, "long": 40}


def delta(part: Json, index: int = 0) -> dict[str, Json]:
    return {"choices": [{"index": index, "delta": part, "finish_reason": None}]}


def call(part: str, index: int = 0) -> dict[str, Json]:
    return delta({"tool_calls": [{"index": index, "function": {"arguments": part}}]})


def block(kind: str, name: str, part: str) -> dict[str, Json]:
    return {"type": "content_block_delta", "index": 1, "delta": {"type": kind, name: part}}


EVENTS: dict[str, Callable[[str], list[Json]]] = {
    "content": lambda part: [delta({"content": part})],
    "reasoning": lambda part: [delta({"reasoning_content": part})],
    "arguments": lambda part: [call(part)],
    "arguments of two calls": lambda part: [call(part), call("1", 1)],
    "one choice of two": lambda part: [delta({"content": part}), delta({"content": "-"}, 1)],
    "two choices at once": lambda part: [
        {
            "choices": [
                {"delta": {"content": part}, "index": 0},
                {"delta": {"content": "+"}, "index": 1},
            ]
        }
    ],
    "text": lambda part: [block("text_delta", "text", part)],
    "partial json": lambda part: [block("input_json_delta", "partial_json", part)],
    "thinking": lambda part: [block("thinking_delta", "thinking", part)],
}


def parts(text: str, size: int) -> Iterator[str]:
    return (text[at : at + size] for at in range(0, len(text), size))


def encoded(events: list[Json], escapes: bool) -> bytes:
    lines = (json.dumps(event) for event in events)
    if escapes:  # letters of the parts, in the way of a careful JSON writer
        lines = (line.replace("-", "\\u002d").replace("k", "\\u006B") for line in lines)
    return "".join(f"data: {line}\n\n" for line in lines).encode()


def strings(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for item in value.values() if isinstance(value, dict) else ():
        yield from strings(item)
    for item in value if isinstance(value, list) else ():
        yield from strings(item)


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize("written", WRITTEN.values(), ids=WRITTEN)
@pytest.mark.parametrize("place", EVENTS)
def test_key_in_several_events_is_hidden(place: str, written: str, size: int) -> None:
    events = [e for part in parts(f"<{written}>", size) for e in EVENTS[place](part)]
    body = encoded(events, escapes=False)
    hidden = REDACTOR.chunks(tuple((0.0, body[at : at + 7]) for at in range(0, len(body), 7)))
    data = b"".join(piece for _, piece in hidden)
    kept = [json.loads(line[6:]) for line in data.decode().split("\n\n") if line]
    assert len(kept) == len(events)
    text = "".join(text for event in kept for text in strings(event) if text not in "1-+")
    assert data.count(b"[key:caller]") == 1
    assert written not in text
    assert KEY not in text


@pytest.mark.parametrize("place", ["content", "text"])
def test_escaped_letters_in_several_events_are_hidden(place: str) -> None:
    body = encoded([e for part in parts(KEY, 2) for e in EVENTS[place](part)], escapes=True)
    data = b"".join(piece for _, piece in REDACTOR.chunks(((0.0, body),)))
    assert data.count(b"[key:caller]") == 1
    assert b"cdef" not in data


def test_assembled_answer_has_no_key() -> None:
    body = encoded([e for letter in f"the {KEY}." for e in EVENTS["content"](letter)], False)
    chunks = REDACTOR.chunks(((0.0, body + b"data: [DONE]\n\n"),))
    headers = (("content-type", "text/event-stream"),)
    sent = Exchange(
        shot="s",
        method="POST",
        url="http://h",
        request_headers=(),
        request_body="{}",
        end="complete",
        status=200,
        headers=headers,
        chunks=chunks,
        attempts=(Attempt(0.0, 0.0, "complete"),),
    )
    answer = response.read(sent, "openai", "stream", None)
    assert answer.body["choices"][0]["message"]["content"] == "the [key:caller]."


def test_key_in_several_parts_of_an_answer_is_hidden() -> None:
    content = [{"type": "text", "text": part} for part in parts(KEY, 5)]
    body = json.dumps({"role": "assistant", "content": content}, indent=2).encode()
    ((_, data),) = REDACTOR.chunks(((0.0, body),))
    texts = [part["text"] for part in json.loads(data)["content"]]
    assert texts == ["[key:caller]", *[""] * (len(content) - 1)]


def test_stream_without_a_key_is_unchanged() -> None:
    body = encoded([e for part in parts("sk-built " * 9, 2) for e in EVENTS["content"](part)], True)
    pieces = ((0.0, body), (0.1, b': a lone " in a comment\n\ndata: "\n\n'))
    assert REDACTOR.chunks(pieces) is pieces
