"""An SDK's connection -> its requests, and their answers as they come. Never judges.

What the SDK sees is what the target sent, byte for byte: an answer that breaks off breaks off here.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import h11

from harness.fire.sdk.key_placeholders import with_keys, without
from harness.model import Json, Pairs

if TYPE_CHECKING:
    from harness.fire.sdk.proxy import RecordingProxy

READ: Final = 64 * 1024
LARGEST: Final = 32 * 1024 * 1024  # bytes of a request's body
# They belong to one connection, and each of the two has its own.
HOPS: Final = (
    *("connection", "keep-alive", "proxy-connection", "transfer-encoding", "te", "trailer"),
    *("upgrade", "host", "content-length", "expect"),
)
ANSWERED: Final = ("connection", "keep-alive", "transfer-encoding", "trailer", "upgrade")


class ProxyConnection:
    """One connection of the SDK."""

    def __init__(
        self, relay: RecordingProxy, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.relay, self.reader, self.writer = relay, reader, writer
        self.peer = h11.Connection(h11.SERVER, max_incomplete_event_size=READ)
        self.entry: dict[str, Json] = {}  # of the request that is being answered

    async def serve(self) -> None:
        """Until either side has had enough. What breaks here is the SDK's to tell."""
        try:
            while self.peer.our_state is h11.IDLE:
                request, body = await self.request()
                if request is None:
                    return
                await self.answer(request, body)
                if self.peer.states == {h11.SERVER: h11.DONE, h11.CLIENT: h11.DONE}:
                    self.peer.start_next_cycle()
        except (h11.ProtocolError, OSError):
            pass
        finally:
            self.writer.transport.abort() if self.broken else self.writer.close()

    @property
    def broken(self) -> bool:
        """An answer that was begun and not ended: the SDK is to see just that."""
        return self.peer.our_state is h11.SEND_BODY

    async def request(self) -> tuple[h11.Request | None, bytes]:
        request, body = None, bytearray()
        while True:
            event = self.peer.next_event()
            if event is h11.NEED_DATA:
                if self.peer.they_are_waiting_for_100_continue:
                    await self.say(h11.InformationalResponse(status_code=100, headers=[]))
                self.peer.receive_data(await self.reader.read(READ))
            elif isinstance(event, h11.Request):
                request = event
            elif isinstance(event, h11.Data):
                body += event.data
                if len(body) > LARGEST:
                    raise h11.RemoteProtocolError("too large")
            elif isinstance(event, h11.EndOfMessage):
                return request, bytes(body)
            else:  # closed, or half of it
                return None, b""

    async def answer(self, request: h11.Request, body: bytes) -> None:
        tape = self.relay.tape
        if tape is None or not await tape.may():
            await self.refuse(503, "no job is recorded here")
            return
        method, path = request.method.decode("latin-1"), request.target.decode("latin-1")
        pairs = tuple((k.decode("latin-1"), v.decode("latin-1")) for k, v in request.headers)
        url = self.relay.url(path)
        entry = tape.asks(method, path, url, pairs, body)
        sent = tuple((k, with_keys(v, tape.keys)) for k, v in without(pairs, HOPS))
        named = {name.lower() for name, _ in sent}
        sent += tuple(pair for pair in tape.extra if pair[0].lower() not in named)
        self.entry = entry
        try:
            taken = await self.relay.forward(method, url, sent, body, self)
            tape.answered(entry, taken)
        finally:
            tape.over()
        if taken.end in ("unreachable", "timeout", "not-sent"):
            tape.ends(taken.end, taken.note)
        if taken.end == "complete" and self.peer.our_state is h11.SEND_BODY:
            await self.say(h11.EndOfMessage())
        elif self.peer.our_state is h11.SEND_RESPONSE:
            await self.hang_up()

    async def hang_up(self) -> None:
        """The target said nothing: nor do we."""
        self.writer.transport.abort()
        raise ConnectionAbortedError

    async def send_head(self, status: int, headers: Pairs) -> bool:
        self.entry["answer"]["status"] = status
        pairs = [(k, self.back(k, v)) for k, v in without(headers, ANSWERED)]
        made = h11.Response(status_code=status, headers=[(k, v) for k, v in pairs if v is not None])
        return await self.pass_on(made)

    def back(self, name: str, value: str) -> str | None:
        """Nobody is led past the relay: a redirection to elsewhere is recorded, and ends here."""
        if name.lower() != "location" or not urlsplit(value).netloc:
            return value
        parts, ours = urlsplit(value), self.relay.parts
        if (parts.scheme, parts.netloc) != (ours.scheme, ours.netloc):
            return None
        return value.replace(self.relay.there, self.relay.here, 1)

    async def send_data(self, data: bytes) -> bool:
        return await self.pass_on(h11.Data(data=data))

    async def pass_on(self, event: h11.Event) -> bool:
        try:
            await self.say(event)
        except (h11.ProtocolError, OSError):  # it has gone, or what came cannot be said in HTTP
            return False
        return True

    async def refuse(self, status: int, why: str) -> None:
        body = json.dumps({"error": {"type": "relay", "message": why}}).encode()
        headers = [("content-type", "application/json"), ("content-length", str(len(body)))]
        await self.say(h11.Response(status_code=status, headers=headers))
        await self.say(h11.Data(data=body))
        await self.say(h11.EndOfMessage())

    async def say(self, event: h11.Event) -> None:
        data = self.peer.send(event)
        if data:
            self.writer.write(data)
            with suppress(ConnectionResetError):
                await self.writer.drain()
