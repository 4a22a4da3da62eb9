"""Decoding of exchanges: the answer that a client reads from the bytes. Never raises."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Final

from harness.decode import streams
from harness.decode.http_rules import CODING, check_http, header_list
from harness.decode.sse import Parser
from harness.model import Answer, Event, Exchange, Json, Mode, Violation
from harness.util import json_schema, media_type
from harness.util.media_type import EVENT_STREAM
from harness.util.strict_json import parse

Assembled = tuple[Json, list[Json], list[Violation]]
Assembler = Callable[[list[Event], Json, bool], Assembled]


def _openai(events: list[Event], request: Json, complete: bool) -> Assembled:
    options = request.get("stream_options") if isinstance(request, dict) else None
    usage_requested = isinstance(options, dict) and options.get("include_usage") is True
    validate = partial(json_schema.errors, "openai/chunk")
    return streams.openai(events, usage_requested, complete=complete, validate=validate)


def _anthropic(events: list[Event], request: Json, complete: bool) -> Assembled:
    validate = partial(json_schema.errors, "anthropic/event")
    return streams.anthropic(events, complete=complete, validate=validate)


def _responses(events: list[Event], request: Json, complete: bool) -> Assembled:
    validate = partial(json_schema.errors, "responses/event")
    return streams.responses(events, complete=complete, validate=validate)


# Named events that the protocol's SDKs ignore, whatever their data.
IGNORED_EVENTS: Final[Mapping[str, tuple[str, ...]]] = {"anthropic": ("ping",)}
ASSEMBLERS: Final[Mapping[str, Assembler]] = {
    "openai": _openai,
    "anthropic": _anthropic,
    "responses": _responses,
}


def read(exchange: Exchange, protocol: str, mode: Mode, request: Json) -> Answer:
    """Decode an exchange; a stream is assembled into the shape of a plain answer.

    The content type decides whether the body is read as a stream. If it is neither JSON nor an
    event stream, the first bytes decide. The body of an error status is always read as plain.
    """
    kind = media_type.first_of(exchange.headers)
    failed = exchange.status is None or exchange.status >= 400
    streamed = not failed and (
        kind == EVENT_STREAM or (mode == "stream" and _resembles_stream(kind, exchange.body))
    )
    types = () if failed else _check_media_type(kind, mode, streamed)
    http = () if exchange.status is None else tuple(check_http(exchange))
    answer = replace(_empty(exchange, mode, request), violations=(*http, *types))
    coded = next((v for v in http if v.rule == CODING and v.level == "must"), None)
    if coded:
        problem = f"{coded.at}: {coded.got}, expected {coded.expected}"
        return replace(answer, violations=http, unreadable=problem)
    return _read_stream(answer, exchange, protocol) if streamed else _read_plain(answer, exchange)


def _empty(exchange: Exchange, mode: Mode, request: Json) -> Answer:
    """Return the answer before its body is read."""
    return Answer(
        shot=exchange.shot,
        mode=mode,
        end=exchange.end,
        status=exchange.status,
        headers=exchange.headers,
        text="",
        body=None,
        unreadable="",
        violations=(),
        request=request,
        note=exchange.note,
        forwarded=exchange.forwarded,
        attempts=max(1, len(exchange.attempts)),
        alternative=exchange.alternative,
    )


def _read_plain(answer: Answer, exchange: Exchange) -> Answer:
    text, problem = _decode_utf8(exchange.body)
    parsed = parse(text)
    if exchange.status is None:
        problem = f"there is no answer ({exchange.end})"
    elif not problem and parsed.problem:
        start = f"; it begins with {text[:60]!r}" if text.strip() else ""
        problem = f"the body is not JSON: {parsed.problem}{start}{_cut_by_length(exchange)}"
    if problem:
        return replace(answer, text=text, unreadable=problem)
    note = "; ".join(filter(None, (exchange.note, *parsed.remarks)))
    return replace(answer, text=text, body=parsed.value, note=note)


def _cut_by_length(exchange: Exchange) -> str:
    """Return a note if the body is as long as its content-length, which is then too short."""
    lengths = header_list(exchange.headers, "content-length")
    whole = bool(exchange.body) and lengths == [str(len(exchange.body))]
    return f"; content-length is {lengths[0]}" if whole else ""


def _read_stream(answer: Answer, exchange: Exchange, protocol: str) -> Answer:
    parser = Parser(ignored=IGNORED_EVENTS.get(protocol, ()))
    arrived = [(time, event) for time, piece in exchange.chunks for event in parser.feed(piece)]
    complete = exchange.end == "complete" and not parser.is_over
    if complete:
        arrived += [(arrived[-1][0] if arrived else 0.0, event) for event in parser.close()]
    events = [event for _, event in arrived]
    body, chunks, violations = None, list[Json](), list[Violation]()
    problem = f"unknown stream protocol {protocol!r}"
    if protocol in ASSEMBLERS:
        body, chunks, violations = ASSEMBLERS[protocol](events, answer.request, complete)
        problem = "" if body is not None else f"no chunk in a stream of {len(events)} events"
    return replace(
        answer,
        streamed=True,
        text=exchange.body.decode("utf-8", "replace"),
        body=body,
        unreadable=problem,
        violations=(*answer.violations, *parser.violations, *violations),
        events=tuple(events),
        chunks=tuple(chunks),
        arrivals=tuple(time for time, _ in arrived),
    )


def _check_media_type(kind: str, mode: Mode, streamed: bool) -> tuple[Violation, ...]:
    """Compare the media type with the request: SDKs choose their parser by what they requested."""
    if mode == "stream" and kind != EVENT_STREAM:
        expected, got = EVENT_STREAM, kind or "none"
    elif mode == "plain" and streamed:
        expected, got = "application/json, as no stream was requested", kind
    else:
        return ()
    return (Violation("stream.content-type", "header content-type", expected, got),)


def _resembles_stream(kind: str, body: bytes) -> bool:
    """Recognise a stream with a wrong media type, so that its other rules are checked as well."""
    start = body[:4096].lstrip(b"\xef\xbb\xbf\r\n \t")
    fields = (b"data:", b"event:", b"id:", b"retry:", b":")
    return not kind.endswith("json") and start.startswith(fields)


def _decode_utf8(body: bytes) -> tuple[str, str]:
    """Return (text, problem). A byte order mark is ignored, as RFC 8259 permits."""
    try:
        return body.decode("utf-8-sig"), ""
    except UnicodeDecodeError as error:
        text = body.decode("utf-8", "replace")
        return text, f"the body is not UTF-8: byte {body[error.start]:#04x} at {error.start}"
