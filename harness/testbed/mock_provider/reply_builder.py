"""Applies a script to a compliant HTTP reply: errors, delays, pings, framing and failures.

A stream has one chunk per event here. The endpoint knows which chunks are deltas, and how its
protocol writes pings and errors.
"""

from __future__ import annotations

import json
from typing import Any, Protocol

from harness.testbed.gateway.endpoint import Headers, Reply, http_reply, merge_headers
from harness.testbed.gateway.ids import ResponseIds
from harness.testbed.gateway.model_types import Json
from harness.testbed.mock_provider.reply_script import Failure, Script

Piece = tuple[float, bytes]
# Seconds before a connection is dropped, because a reset may overtake the bytes sent before it.
DRAIN_SECONDS = 0.05


class ProtocolEndpoint(Protocol):
    """The methods of an endpoint that depend on its protocol."""

    @property
    def overloaded(self) -> int: ...
    def is_delta(self, frame: bytes) -> bool: ...
    def ping_frame(self) -> bytes: ...
    def error_frame(self, error: Json) -> bytes: ...
    def error_object(self, script: Script, status: int, ids: ResponseIds) -> Json: ...
    def error_headers(self, ids: ResponseIds) -> Headers: ...
    def dumps(self, data: Json) -> bytes: ...


def apply_script(
    reply: Reply, script: Script, endpoint: ProtocolEndpoint, ids: ResponseIds
) -> Reply:
    """Returns the scripted reply.

    Args:
        reply: A compliant answer to the request, already with the scripted content.
        script: The script.
        endpoint: The endpoint that made the reply.
        ids: The ids of the response.
    """
    if script.replaces_answer:
        return finish_reply(error_reply(script, script.status, endpoint, ids), script)
    fail = script.fail
    if fail and (fail.after == 0 or reply["framing"] == "length"):
        return finish_reply(fail_early(reply, fail, script, endpoint, ids), script)
    pieces = list(zip(reply["pauses"], reply["chunks"], strict=True))
    pieces = add_pings(add_delay(pieces, script.gap, endpoint), script.pings, endpoint)
    end, framing = reply["end"], reply["framing"]
    if fail:
        error = endpoint.error_frame(endpoint.error_object(script, endpoint.overloaded, ids))
        pieces = truncate(pieces, fail, endpoint, error)
        end = "drop" if fail.kind == "drop" else "close"
    return finish_reply({**with_pieces(reply, pieces), "end": end, "framing": framing}, script)


def finish_reply(reply: Reply, script: Script) -> Reply:
    """Applies headers, line ends and byte-by-byte sending. A drop keeps its last piece."""
    reply = {**reply, "headers": merge_headers(reply["headers"], script.headers)}
    if script.crlf and reply["framing"] == "chunked":
        reply["chunks"] = [chunk.replace(b"\n", b"\r\n") for chunk in reply["chunks"]]
    if not script.bytes:
        return reply
    pieces: list[Piece] = []
    last = len(reply["chunks"]) - 1 if reply["end"] == "drop" else None
    for number, (pause, chunk) in enumerate(zip(reply["pauses"], reply["chunks"], strict=True)):
        if number == last:
            pieces.append((pause, chunk))
        else:
            pieces += [(0.0 if at else pause, chunk[at : at + 1]) for at in range(len(chunk))]
    return with_pieces(reply, pieces)


def with_pieces(reply: Reply, pieces: list[Piece]) -> Reply:
    return {
        **reply,
        "pauses": [pause for pause, _ in pieces],
        "chunks": [chunk for _, chunk in pieces],
    }


def error_reply(script: Script, status: int, endpoint: ProtocolEndpoint, ids: ResponseIds) -> Reply:
    """Returns the scripted bytes, the scripted object, or an error object of the protocol."""
    kind, data = script.content_type or "application/json", b""
    if script.raw is not None:
        kind, data = script.content_type or "text/html", script.raw.encode()
    else:
        body = (
            script.body if script.body is not None else endpoint.error_object(script, status, ids)
        )
        data = endpoint.dumps(body)
    return http_reply(
        status, [("content-type", kind), *endpoint.error_headers(ids)], [data], [0.0], "length"
    )


def fail_early(
    reply: Reply, fail: Failure, script: Script, endpoint: ProtocolEndpoint, ids: ResponseIds
) -> Reply:
    """Fails before the first content, or in the middle of an answer that is not streamed."""
    if fail.kind == "error":
        return error_reply(script, endpoint.overloaded, endpoint, ids)
    whole = b"".join(reply["chunks"]) if fail.after else b""
    half = whole[: len(whole) // 2]
    if fail.kind == "drop":
        kept: list[Piece] = [(0.0, half), (DRAIN_SECONDS, whole[len(half) :])] if half else []
        return {**with_pieces(reply, kept), "end": "drop"}
    return {**reply, "chunks": [half], "pauses": [0.0], "framing": "close", "end": "close"}


def add_delay(pieces: list[Piece], gap: float, endpoint: ProtocolEndpoint) -> list[Piece]:
    """Adds a pause before the second delta, or before an answer without deltas."""
    deltas = [at for at, (_, frame) in enumerate(pieces) if endpoint.is_delta(frame)]
    at = deltas[min(1, len(deltas) - 1)] if deltas else 0
    return [(gap if gap and n == at else p, frame) for n, (p, frame) in enumerate(pieces)]


def add_pings(pieces: list[Piece], pings: int, endpoint: ProtocolEndpoint) -> list[Piece]:
    """Inserts pings between events."""
    result: list[Piece] = []
    for number, piece in enumerate(pieces):
        between = range(pings if number else 0)
        result += [*((0.0, endpoint.ping_frame()) for _ in between), piece]
    return result


def truncate(
    pieces: list[Piece], fail: Failure, endpoint: ProtocolEndpoint, error: bytes
) -> list[Piece]:
    """Keeps the first deltas; adds the error, a piece that is never sent, or nothing."""
    deltas = [at for at, (_, frame) in enumerate(pieces) if endpoint.is_delta(frame)]
    end = deltas[min(fail.after, len(deltas)) - 1] + 1 if deltas else len(pieces)
    endings: dict[str, list[Piece]] = {
        "error": [(DRAIN_SECONDS, error)],
        "drop": [(DRAIN_SECONDS, b"x")],
        "silence": [],
    }
    return pieces[:end] + endings[fail.kind]


def visible_status(reply: dict[str, Any]) -> int:
    """Returns the status that the client sees; 0 if the connection is dropped before it."""
    return int(reply["status"]) if reply["chunks"] or reply["end"] != "drop" else 0


def error_message(reply: dict[str, Any]) -> str:
    """Returns the message of an error reply; "" if it has none."""
    if reply["status"] < 400:
        return ""
    try:
        return str(json.loads(b"".join(reply["chunks"]))["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return ""
