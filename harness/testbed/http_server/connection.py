"""One server connection: reads requests, and writes replies in timed pieces.

h11 parses requests. Replies are written without it, because a mutant must be able to send bytes
that a well-behaved library refuses to send.
"""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, suppress
from typing import Any

import h11

from harness.testbed.http_server.bounds import FREE, Bounds
from harness.testbed.http_server.reply_format import (
    CUT_OFF,
    KEPT,
    Reply,
    format_end,
    format_head,
    format_piece,
    zip_pieces,
)

# May return an awaitable, for replies that have to wait.
Respond = Callable[[Mapping[str, Any]], Reply | Awaitable[Reply]]
IDLE_SECONDS = 75.0
DRAIN_SECONDS = 2.0
READ_SIZE = 65536


class Connection:
    """Serves the requests of one client."""

    def __init__(
        self,
        respond: Respond,
        max_body: int,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        bounds: Bounds | None = None,
    ) -> None:
        self.respond, self.max_body, self.reader, self.writer = respond, max_body, reader, writer
        self.bounds = bounds or Bounds()
        self.http = h11.Connection(h11.SERVER, READ_SIZE)

    async def serve(self) -> None:
        """Answers requests until one side closes. Client errors affect only this connection."""
        try:
            while await self.exchange():
                unread, _ = self.http.trailing_data
                self.http = h11.Connection(h11.SERVER, READ_SIZE)
                if unread:
                    self.http.receive_data(unread)
        except h11.RemoteProtocolError as error:
            with suppress(OSError):
                await self.send(
                    {"method": ""}, error_reply(error.error_status_hint, str(error)), False
                )
        except (OSError, TimeoutError):
            pass
        except BaseException:  # the server is stopping or has a bug
            self.writer.transport.abort()
            raise
        await self.close()

    async def exchange(self) -> bool:
        """Reads and answers one request. Returns whether the connection stays open."""
        head = await self.event()
        if not isinstance(head, h11.Request):
            return False
        async with AsyncExitStack() as room:
            body, is_complete = await self.body(head, room)
            request = {
                "method": head.method.decode("ascii"),
                "path": head.target.decode("latin-1"),
                "headers": [(k.decode("ascii"), v.decode("latin-1")) for k, v in head.headers],
                "body": body,
            }
            reply = await self.answer(request)
        return await self.send(request, reply, is_complete and is_persistent(head))

    async def answer(self, request: Mapping[str, Any]) -> Reply:
        """Returns the reply to a request."""
        try:
            result = self.respond(request)
            return await result if isinstance(result, Awaitable) else result
        except Exception as error:  # a bug in a server must not look like a broken network
            return error_reply(500, f"Internal error: {type(error).__name__}", "server_error")

    async def event(self) -> Any:
        while (event := self.http.next_event()) is h11.NEED_DATA:
            if self.http.they_are_waiting_for_100_continue:
                informational = h11.InformationalResponse(status_code=100, headers=[])
                self.writer.write(self.http.send(informational) or b"")
            async with asyncio.timeout(IDLE_SECONDS):
                self.http.receive_data(await self.reader.read(READ_SIZE))
            self.bounds.touch(self)
        return event

    async def body(self, head: h11.Request, room: AsyncExitStack) -> tuple[bytes, bool]:
        """Returns the body and whether it is complete. Stops reading beyond the size limit.

        A large body waits for room, which `room` keeps.
        """
        length = dict(head.headers).get(b"content-length", b"0")
        if int(length) > self.max_body:
            return bytes(self.max_body + 1), False
        body, is_large = bytearray(), False
        while isinstance(event := await self.event(), h11.Data):
            body += event.data
            if len(body) > FREE and not is_large:
                is_large = True
                await room.enter_async_context(self.bounds.room())
            if len(body) > self.max_body:
                return bytes(body), False
        return bytes(body), True

    async def send(self, request: Mapping[str, Any], reply: Mapping[str, Any], keep: bool) -> bool:
        """Writes the reply; the head is sent together with the first piece."""
        keep = keep and reply["end"] in KEPT and reply["framing"] != "close"
        unsent = format_head(reply, keep)
        pieces = [] if request["method"] == "HEAD" else list(zip_pieces(reply))
        for pause, piece in pieces:
            if pause:
                await asyncio.sleep(pause)
            self.writer.write(unsent + format_piece(reply, piece))
            unsent = b""
            await self.writer.drain()
        if reply["end"] in CUT_OFF:
            self.writer.write(unsent if reply["chunks"] else b"")
            await asyncio.sleep(reply["pauses"][-1] if pieces else 0.0)
            if reply["end"] == "reset":
                reset(self.writer)
            return False
        self.writer.write(unsent + (format_end(reply) if pieces else b""))
        await self.writer.drain()
        return keep and reply["end"] == "keep"

    async def close(self) -> None:
        """Closes the connection after the client has had time to read the reply."""
        with suppress(OSError, TimeoutError):
            if not self.writer.is_closing():
                self.writer.write_eof()
            async with asyncio.timeout(DRAIN_SECONDS):
                while await self.reader.read(READ_SIZE):
                    pass
        self.writer.close()
        with suppress(OSError):
            await self.writer.wait_closed()


def reset(writer: asyncio.StreamWriter) -> None:
    """Closes a connection with a TCP reset instead of an orderly end."""
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def is_persistent(head: h11.Request) -> bool:
    tokens = b",".join(value for name, value in head.headers if name == b"connection").lower()
    return head.http_version == b"1.1" and b"close" not in tokens


def error_reply(status: int, message: str, kind: str = "invalid_request_error") -> dict[str, Any]:
    """Returns the reply to an invalid HTTP request or an internal error."""
    error = {"message": message, "type": kind, "param": None, "code": None}
    return {
        "status": status,
        "headers": [("content-type", "application/json")],
        "chunks": [json.dumps({"error": error}).encode()],
        "pauses": [0.0],
        "framing": "length",
        "end": "close",
    }
