"""A right answer, a script -> the answer as the script wants it on the wire. May not write words.

Works on frames: one write for each event of a stream. A front tells which of them are deltas, how
its protocol pings, and how it writes an error.
"""

from __future__ import annotations

from typing import Any, Protocol

from harness.testbed.gateway.endpoint import Headers, Reply, laid, wire
from harness.testbed.gateway.ids import Seal
from harness.testbed.gateway.model_types import Json
from harness.testbed.mock_provider.reply_script import Fail, Script

Piece = tuple[float, bytes]
# Seconds in which what was said is read before it breaks off: a reset may overtake the bytes.
BREATH = 0.05


class Voice(Protocol):
    """What a front lends to the player."""

    @property
    def overloaded(self) -> int: ...
    def is_delta(self, frame: bytes) -> bool: ...
    def ping_frame(self) -> bytes: ...
    def error_frame(self, error: Json) -> bytes: ...
    def error_told(self, script: Script, status: int, seal: Seal) -> Json: ...
    def error_headers(self, seal: Seal) -> Headers: ...
    def dumps(self, data: Json) -> bytes: ...


def play(reply: Reply, script: Script, voice: Voice, seal: Seal) -> Reply:
    """`reply`: a right answer to the request, in the script's own words already."""
    if script.refuses:
        return spelled(refusal(script, script.status, voice, seal), script)
    fail = script.fail
    if fail and (fail.after == 0 or reply["framing"] == "length"):
        return spelled(unsaid(reply, fail, script, voice, seal), script)
    pieces = list(zip(reply["pauses"], reply["chunks"], strict=True))
    pieces = pinged(slowed(pieces, script.gap, voice), script.pings, voice)
    end, framing = reply["end"], reply["framing"]
    if fail:
        error = voice.error_frame(voice.error_told(script, voice.overloaded, seal))
        pieces = broken(pieces, fail, voice, error)
        end = "drop" if fail.how == "drop" else "close"
    return spelled({**joined(reply, pieces), "end": end, "framing": framing}, script)


def spelled(reply: Reply, script: Script) -> Reply:
    """With the script's headers, and byte by byte where it says so. A drop keeps its last piece."""
    reply = {**reply, "headers": laid(reply["headers"], script.headers)}
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
    return joined(reply, pieces)


def joined(reply: Reply, pieces: list[Piece]) -> Reply:
    return {**reply, "pauses": [one for one, _ in pieces], "chunks": [two for _, two in pieces]}


def refusal(script: Script, status: int, voice: Voice, seal: Seal) -> Reply:
    """The script's own bytes, its own object, or the error object of the protocol."""
    kind, data = script.content_type or "application/json", b""
    if script.raw is not None:
        kind, data = script.content_type or "text/html", script.raw.encode()
    else:
        told = script.body if script.body is not None else voice.error_told(script, status, seal)
        data = voice.dumps(told)
    return wire(
        status, [("content-type", kind), *voice.error_headers(seal)], [data], [0.0], "length"
    )


def unsaid(reply: Reply, fail: Fail, script: Script, voice: Voice, seal: Seal) -> Reply:
    """It fails before the first word; or underway, where the answer comes in one piece."""
    if fail.how == "error":
        return refusal(script, voice.overloaded, voice, seal)
    whole = b"".join(reply["chunks"]) if fail.after else b""
    half = whole[: len(whole) // 2]
    if fail.how == "drop":
        kept: list[Piece] = [(0.0, half), (BREATH, whole[len(half) :])] if half else []
        return {**joined(reply, kept), "end": "drop"}
    return {**reply, "chunks": [half], "pauses": [0.0], "framing": "close", "end": "close"}


def slowed(pieces: list[Piece], gap: float, voice: Voice) -> list[Piece]:
    """Silence before the second delta, or before the answer that has none."""
    deltas = [at for at, (_, frame) in enumerate(pieces) if voice.is_delta(frame)]
    at = deltas[min(1, len(deltas) - 1)] if deltas else 0
    return [(gap if gap and n == at else p, frame) for n, (p, frame) in enumerate(pieces)]


def pinged(pieces: list[Piece], pings: int, voice: Voice) -> list[Piece]:
    """So many pings between any two events."""
    rest = [(0.0, voice.ping_frame())] * pings
    told: list[Piece] = []
    for number, piece in enumerate(pieces):
        told += [*(rest if number else ()), piece]
    return told


def broken(pieces: list[Piece], fail: Fail, voice: Voice, error: bytes) -> list[Piece]:
    """Up to the last delta that is allowed; then the error, a piece that never arrives, or none."""
    deltas = [at for at, (_, frame) in enumerate(pieces) if voice.is_delta(frame)]
    end = deltas[min(fail.after, len(deltas)) - 1] + 1 if deltas else len(pieces)
    rest: dict[str, list[Piece]] = {
        "error": [(BREATH, error)],
        "drop": [(BREATH, b"x")],
        "silence": [],
    }
    return pieces[:end] + rest[fail.how]


def status_of(reply: dict[str, Any]) -> int:
    """The status that the other side gets to see; none where nothing is said at all."""
    return int(reply["status"]) if reply["chunks"] or reply["end"] != "drop" else 0
