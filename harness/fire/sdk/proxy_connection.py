"""One connection from an SDK to the proxy: forwards its requests and copies the responses back.

The SDK receives what the target sent byte for byte. A response that breaks off breaks off here too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import h11

from harness.fire.request import decode_headers
from harness.fire.sdk.recorder import TrafficRecorder
from harness.model import Json, Pairs

if TYPE_CHECKING:
    from harness.fire.sdk.proxy import RecordingProxy

READ_SIZE: Final = 64 * 1024  # bytes
MAX_REQUEST: Final = 32 * 1024 * 1024  # bytes of a request's body
REFUSAL: Final = b'{"error": {"type": "proxy", "message": "no job is being recorded"}}'
# Headers of one connection, which are not forwarded to the other.
HOP_HEADERS: Final = frozenset(
    {"connection", "keep-alive", "transfer-encoding", "trailer", "upgrade"}
)
REQUEST_HOP_HEADERS: Final = HOP_HEADERS.union(
    ("proxy-connection", "te", "host", "content-length", "expect")
)


class ProxyConnection:
    """Serves the requests of one connection; it is the sink of their responses."""

    def __init__(
        self, proxy: RecordingProxy, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.proxy, self.reader, self.writer = proxy, reader, writer
        self.http = h11.Connection(h11.SERVER, max_incomplete_event_size=READ_SIZE)
        self.entry: dict[str, Json] = {}  # the record of the current request

    async def serve(self) -> None:
        """Serves requests until one side closes; the SDK reports errors of the connection."""
        try:
            while isinstance(request := await self._next_event(), h11.Request):
                body = bytearray()
                while isinstance(event := await self._next_event(), h11.Data):
                    body += event.data
                    if len(body) > MAX_REQUEST:
                        raise h11.RemoteProtocolError("the request is too large")
                await self._handle(request, bytes(body))
                if self.http.states != {h11.SERVER: h11.DONE, h11.CLIENT: h11.DONE}:
                    break
                self.http.start_next_cycle()
        except (h11.ProtocolError, OSError):
            pass
        finally:
            is_incomplete = self.http.our_state is h11.SEND_BODY
            self.writer.transport.abort() if is_incomplete else self.writer.close()

    async def _next_event(self) -> object:
        while (event := self.http.next_event()) is h11.NEED_DATA:
            if self.http.they_are_waiting_for_100_continue:
                await self._write(h11.InformationalResponse(status_code=100, headers=[]))
            self.http.receive_data(await self.reader.read(READ_SIZE))
        return event

    async def _handle(self, request: h11.Request, body: bytes) -> None:
        """Forwards a request within the limits of the run, and records it."""
        recorder = self.proxy.recorder
        if recorder is None or not await recorder.admit():
            await self._refuse()
            return
        method, path = request.method.decode("latin-1"), request.target.decode("latin-1")
        headers = decode_headers(request.headers)
        url = self.proxy.forward_url(path)
        self.entry = entry = recorder.record_request(method, path, url, headers, body)
        try:
            forwarded = forwarded_headers(headers, recorder)
            response = await self.proxy.forward(method, url, forwarded, body, self)
            recorder.record_response(entry, response)
        finally:
            recorder.finish_request()
        if response.end in ("unreachable", "timeout", "not-sent"):
            recorder.fail(response.end, response.note)
        if response.end == "complete" and self.http.our_state is h11.SEND_BODY:
            await self._write(h11.EndOfMessage())
        elif self.http.our_state is h11.SEND_RESPONSE:  # the target sent no response
            self.writer.transport.abort()
            raise ConnectionAbortedError

    async def send_head(self, status: int, headers: Pairs) -> bool:
        """Passes the status and the headers on; False if the SDK no longer reads."""
        self.entry["answer"]["status"] = status
        pairs = [
            (name, local_value)
            for name, value in drop_headers(headers, HOP_HEADERS)
            if (local_value := self.proxy.local_header(name, value)) is not None
        ]
        return await self._pass_on(h11.Response(status_code=status, headers=pairs))

    async def send_data(self, data: bytes) -> bool:
        return await self._pass_on(h11.Data(data=data))

    async def _pass_on(self, event: h11.Event) -> bool:
        try:
            await self._write(event)
        except (h11.ProtocolError, OSError):  # the SDK has gone, or the event is invalid in HTTP
            return False
        return True

    async def _refuse(self) -> None:
        headers = [("content-type", "application/json"), ("content-length", str(len(REFUSAL)))]
        await self._write(h11.Response(status_code=503, headers=headers))
        await self._write(h11.Data(data=REFUSAL))
        await self._write(h11.EndOfMessage())

    async def _write(self, event: h11.Event) -> None:
        data = self.http.send(event)
        if data:
            self.writer.write(data)
            with suppress(ConnectionResetError):
                await self.writer.drain()


def forwarded_headers(headers: Pairs, recorder: TrafficRecorder) -> Pairs:
    """Returns the SDK's headers with the key inserted, and the target's own headers."""
    pairs = drop_headers(headers, REQUEST_HOP_HEADERS)
    names = {name.lower() for name, _ in pairs}
    return (
        *((name, value.replace(recorder.placeholder, recorder.key)) for name, value in pairs),
        *drop_headers(recorder.extra_headers, names),
    )


def drop_headers(pairs: Pairs, names: Collection[str]) -> Pairs:
    return tuple(pair for pair in pairs if pair[0].lower() not in names)
