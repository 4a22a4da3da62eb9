"""Receives a gateway's reply as a client does, without a socket.

Content codings are decoded by the transport's own code. A reply with a spelling of its own is
written and parsed as HTTP/1.1, by the library that the transport uses.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import accumulate
from typing import Any, Final

import h11

from harness.fire.connection import CLOSED_BY_PEER, Limits
from harness.fire.request import decode_headers
from harness.fire.response_buffer import ResponseBuffer
from harness.testbed.http_server.reply_format import format_reply

MAX_BODY: Final = Limits().body


def receive(request: Mapping[str, Any], reply: Mapping[str, Any]) -> ResponseBuffer:
    """Return the response to a request; `end` states how it ended."""
    buffer = ResponseBuffer(MAX_BODY)
    if "spelling" in reply:
        _parse(request, reply, buffer)
        return buffer
    buffer.set_head(reply["status"], "", tuple(reply["headers"]))
    times = accumulate(reply["pauses"])
    if all(buffer.feed(*piece) for piece in zip(times, reply["chunks"], strict=True)):
        buffer.finish()
    if reply["end"] == "drop":
        buffer.end = buffer.note = "dropped"
    return buffer


def _parse(request: Mapping[str, Any], reply: Mapping[str, Any], buffer: ResponseBuffer) -> None:
    client = h11.Connection(h11.CLIENT)
    client.send(h11.Request(method=request["method"], target="/", headers=[("host", "builtin")]))
    client.send(h11.EndOfMessage())
    try:
        for piece in (*format_reply(reply), b""):  # empty bytes: the connection is closed
            client.receive_data(piece)
            while (event := client.next_event()) is not h11.NEED_DATA:
                if isinstance(event, h11.Response):
                    headers = decode_headers(event.headers.raw_items())
                    buffer.set_head(event.status_code, "", headers)
                elif isinstance(event, h11.Data):
                    buffer.feed(0.0, bytes(event.data))
                elif isinstance(event, h11.EndOfMessage):
                    buffer.finish()
                    return
    except h11.RemoteProtocolError as error:
        buffer.end = "dropped" if str(error).startswith(CLOSED_BY_PEER) else "malformed"
        buffer.note = str(error)
