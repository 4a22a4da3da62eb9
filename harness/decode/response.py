"""Exchange -> Answer: what a client makes of the bytes. May not judge, and never raises."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Final

from harness.decode import streams
from harness.decode.sse import Parser
from harness.model import Answer, Event, Exchange, Json, Mode, Violation
from harness.util import json_schema
from harness.util.strict_json import parse

Assembled = tuple[Json, list[Json], list[Violation]]
Assembler = Callable[[list[Event], Json, bool], Assembled]
STREAM: Final = "text/event-stream"


def _openai(events: list[Event], request: Json, whole: bool) -> Assembled:
    options = request.get("stream_options") if isinstance(request, dict) else None
    asked = isinstance(options, dict) and options.get("include_usage") is True
    check = partial(json_schema.errors, "openai/chunk")
    return streams.openai(events, asked, whole=whole, check=check)


def _anthropic(events: list[Event], request: Json, whole: bool) -> Assembled:
    check = partial(json_schema.errors, "anthropic/event")
    return streams.anthropic(events, whole=whole, check=check)


# Named events that the protocol's SDKs pass over, whatever their data.
IDLE: Final[Mapping[str, tuple[str, ...]]] = {"anthropic": ("ping",)}
ASSEMBLERS: Final[Mapping[str, Assembler]] = {"openai": _openai, "anthropic": _anthropic}


def read(exchange: Exchange, protocol: str, mode: Mode, request: Json) -> Answer:
    """A stream is assembled into the plain shape; `unreadable` says why there is no body.

    The answer's content type decides between stream and plain; where it names neither, its first
    bytes do. An error status is always plain. `request` is the body that was sent.
    """
    kind = _content_type(exchange)
    if exchange.status is None or exchange.status >= 400:
        return _plain(exchange, mode, request, ())
    streamed = kind == STREAM or (mode == "stream" and _looks_streamed(kind, exchange.body))
    law = _content_type_law(kind, mode, streamed)
    if not streamed:
        return _plain(exchange, mode, request, law)
    return _stream(exchange, protocol, mode, request, law)


def _plain(
    exchange: Exchange, mode: Mode, request: Json, violations: tuple[Violation, ...]
) -> Answer:
    text, problem = _decoded(exchange.body)
    parsed = parse(text)
    if exchange.status is None:
        problem = f"there is no answer ({exchange.end})"
    elif not problem and parsed.problem:
        begins = f"; it begins with {text[:60]!r}" if text.strip() else ""
        problem = f"the body is not JSON: {parsed.problem}{begins}"
    body = None if problem else parsed.value
    answer = _answer(exchange, mode, request, text, body, problem, violations)
    remarks = () if problem else parsed.remarks
    return replace(answer, note="; ".join(filter(None, (exchange.note, *remarks))))


def _stream(
    exchange: Exchange, protocol: str, mode: Mode, request: Json, violations: tuple[Violation, ...]
) -> Answer:
    whole = exchange.end == "complete"
    parser = Parser(idle=IDLE.get(protocol, ()))
    events = [event for _, piece in exchange.chunks for event in parser.feed(piece)]
    if whole:
        parser.close()
    assembler = ASSEMBLERS.get(protocol)
    body, chunks, broken = assembler(events, request, whole) if assembler else (None, [], [])
    problem = "" if body is not None else f"no chunk in a stream of {len(events)} events"
    if assembler is None:
        problem = f"nobody here can read a stream of the protocol {protocol!r}"
    found = (*violations, *parser.violations, *broken)
    text = exchange.body.decode("utf-8", "replace")
    answer = _answer(exchange, mode, request, text, body, problem, found)
    return replace(answer, streamed=True, events=tuple(events), chunks=tuple(chunks))


def _answer(
    exchange: Exchange,
    mode: Mode,
    request: Json,
    text: str,
    body: Json,
    unreadable: str,
    violations: tuple[Violation, ...],
) -> Answer:
    return Answer(
        shot=exchange.shot,
        mode=mode,
        end=exchange.end,
        status=exchange.status,
        headers=exchange.headers,
        text=text,
        body=body,
        unreadable=unreadable,
        violations=violations,
        request=request,
        note=exchange.note,
        forwarded=exchange.forwarded,
    )


def _content_type(exchange: Exchange) -> str:
    """The media type in lower case, without its parameters; empty when none is named."""
    named = (value for name, value in exchange.headers if name.lower() == "content-type")
    return next(named, "").partition(";")[0].strip().lower()


def _content_type_law(kind: str, mode: Mode, streamed: bool) -> tuple[Violation, ...]:
    """The SDKs choose their reader by what they asked for, not by what they got."""
    if mode == "stream" and kind != STREAM:
        expected, got = STREAM, kind or "none"
    elif mode == "plain" and streamed:
        expected, got = "application/json, as no stream was asked for", kind
    else:
        return ()
    return (Violation("stream.content-type", "header content-type", expected, got),)


def _looks_streamed(kind: str, body: bytes) -> bool:
    """A stream under a wrong name is read as one, so that its other laws are judged as well."""
    start = body[:4096].lstrip(b"\xef\xbb\xbf\r\n \t")
    fields = (b"data:", b"event:", b"id:", b"retry:", b":")
    return not kind.endswith("json") and start.startswith(fields)


def _decoded(body: bytes) -> tuple[str, str]:
    """(text, problem). A byte order mark is passed over: RFC 8259 lets readers do so."""
    try:
        return body.decode("utf-8-sig"), ""
    except UnicodeDecodeError as error:
        text = body.decode("utf-8", "replace")
        return text, f"the body is not UTF-8: byte {body[error.start]:#04x} at {error.start}"
