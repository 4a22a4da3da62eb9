"""One connection: bytes -> request -> reply -> bytes in timed pieces. May not judge either.

h11 reads; the answer is written here byte by byte, because a server that can be wrong on purpose
must be able to write what a well-behaved library refuses to.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from http import HTTPStatus
from typing import Any

import h11

Answer = Mapping[str, Any]
# One that has to wait for others may be awaited.
Respond = Callable[[Mapping[str, Any]], Answer | Awaitable[Answer]]
IDLE_SECONDS = 75.0
LINGER_SECONDS = 2.0
READ = 65536
PHRASES = {status.value: status.phrase for status in HTTPStatus}


class Connection:
    def __init__(
        self,
        respond: Respond,
        max_body: int,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self.respond, self.max_body, self.reader, self.writer = respond, max_body, reader, writer
        self.http = h11.Connection(h11.SERVER, READ)

    async def serve(self) -> None:
        """Answers until one side closes. Whatever the client does harms this connection only."""
        try:
            while await self.exchange():
                rest, _ = self.http.trailing_data
                self.http = h11.Connection(h11.SERVER, READ)
                if rest:
                    self.http.receive_data(rest)
        except h11.RemoteProtocolError as error:
            with suppress(OSError):
                await self.send(
                    {"method": ""}, error_reply(error.error_status_hint, str(error)), False
                )
        except (OSError, TimeoutError):
            pass
        except BaseException:  # the server ends, or has a bug: nobody waits for this client
            self.writer.transport.abort()
            raise
        await self.close()

    async def exchange(self) -> bool:
        """One request and its answer; false when the connection has come to its end."""
        head = await self.event()
        if not isinstance(head, h11.Request):
            return False
        body, whole = await self.body(head)
        request = {
            "method": head.method.decode("ascii"),
            "path": head.target.decode("latin-1"),
            "headers": [(k.decode("ascii"), v.decode("latin-1")) for k, v in head.headers],
            "body": body,
        }
        try:
            answer = self.respond(request)
            reply = await answer if isinstance(answer, Awaitable) else answer
        except Exception as error:  # a bug in a server must not look like a broken network
            reply = error_reply(500, f"Internal error: {type(error).__name__}", "server_error")
        return await self.send(request, reply, whole and persistent(head))

    async def event(self) -> Any:
        while (event := self.http.next_event()) is h11.NEED_DATA:
            if self.http.they_are_waiting_for_100_continue:
                go_on = h11.InformationalResponse(status_code=100, headers=[])
                self.writer.write(self.http.send(go_on) or b"")
            async with asyncio.timeout(IDLE_SECONDS):
                self.http.receive_data(await self.reader.read(READ))
        return event

    async def body(self, head: h11.Request) -> tuple[bytes, bool]:
        """The body, and whether it is all of it: nobody reads on beyond the limit."""
        length = dict(head.headers).get(b"content-length", b"0")
        if int(length) > self.max_body:
            return bytes(self.max_body + 1), False
        body = bytearray()
        while isinstance(event := await self.event(), h11.Data):
            body += event.data
            if len(body) > self.max_body:
                return bytes(body), False
        return bytes(body), True

    async def send(self, request: Mapping[str, Any], reply: Mapping[str, Any], keep: bool) -> bool:
        """Writes the reply; the head goes out together with the first piece."""
        keep = keep and reply["end"] == "keep" and reply["framing"] != "close"
        waiting = write_head(reply, keep)
        chunked = reply["framing"] == "chunked"
        pieces = [] if request["method"] == "HEAD" else list(zip_pieces(reply))
        for pause, piece in pieces:
            if pause:
                await asyncio.sleep(pause)
            self.writer.write(
                waiting + (b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
            )
            waiting = b""
            await self.writer.drain()
        if reply["end"] == "drop":
            self.writer.write(waiting if reply["chunks"] else b"")
            await asyncio.sleep(reply["pauses"][-1] if pieces else 0.0)
            return False
        self.writer.write(waiting + (b"0\r\n\r\n" if chunked and pieces else b""))
        await self.writer.drain()
        return keep

    async def close(self) -> None:
        """Lets the client read what was sent, though it may still be sending, and hangs up."""
        with suppress(OSError, TimeoutError):
            if not self.writer.is_closing():
                self.writer.write_eof()
            async with asyncio.timeout(LINGER_SECONDS):
                while await self.reader.read(READ):
                    pass
        self.writer.close()
        with suppress(OSError):
            await self.writer.wait_closed()


def zip_pieces(reply: Mapping[str, Any]) -> list[tuple[float, bytes]]:
    """Pauses and pieces; a dropped answer lacks its last piece. Empty ones would end the chunks."""
    pieces = list(zip(reply["pauses"], reply["chunks"], strict=True))
    return [p for p in (pieces[:-1] if reply["end"] == "drop" else pieces) if p[1]]


def persistent(head: h11.Request) -> bool:
    tokens = b",".join(value for name, value in head.headers if name == b"connection").lower()
    return head.http_version == b"1.1" and b"close" not in tokens


def write_head(reply: Mapping[str, Any], keep: bool) -> bytes:
    """Status line and headers, in the reply's own order and case."""
    status = reply["status"]
    lines = [
        f"HTTP/1.1 {status} {PHRASES.get(status, '')}",
        *(f"{k}: {v}" for k, v in reply["headers"]),
    ]
    if reply["framing"] == "length":
        lines.append(f"content-length: {sum(map(len, reply['chunks']))}")
    elif reply["framing"] == "chunked":
        lines.append("transfer-encoding: chunked")
    if not keep:
        lines.append("connection: close")
    return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")


def error_reply(status: int, message: str, kind: str = "invalid_request_error") -> dict[str, Any]:
    """The answer to what is no HTTP at all."""
    error = {"message": message, "type": kind, "param": None, "code": None}
    return {
        "status": status,
        "headers": [("content-type", "application/json")],
        "chunks": [json.dumps({"error": error}).encode()],
        "pauses": [0.0],
        "framing": "length",
        "end": "close",
    }
