"""Recording proxy: a port on this machine that forwards an SDK's requests to the target.

The SDK receives what the target sent byte for byte. A response that breaks off breaks off here too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final
from urllib.parse import urlsplit

import h11

from harness.fire.interfaces import Forward
from harness.fire.request import build_url, decode_headers, drop_headers, encode_headers
from harness.fire.sdk.recorder import TrafficRecorder
from harness.model import Json, Pairs

HOST: Final = "127.0.0.1"
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


class RecordingProxy:
    """The proxy of one SDK. It sends requests by `forward`, and only while `recorder` is set."""

    def __init__(self, base_url: str, forward: Forward) -> None:
        self.target, self.forward = urlsplit(base_url), forward
        self.target_origin = f"{self.target.scheme}://{self.target.netloc}"
        self.origin = ""
        self.recorder: TrafficRecorder | None = None
        self.server: asyncio.Server | None = None
        self.connections: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def open(self) -> str:
        """Starts to listen, unless it does; returns the base URL for the SDK."""
        if self.server is None:
            self.server = await asyncio.start_server(self.accept, HOST, 0)
            self.origin = f"http://{HOST}:{self.server.sockets[0].getsockname()[1]}"
        return self.origin + self.target.path

    def forward_url(self, path: str) -> str:
        """Returns the URL of a path at the target, with the query of the target's base URL."""
        return build_url(f"{self.target_origin}?{self.target.query}", path)

    def local_header(self, name: str, value: str) -> str | None:
        """Returns a header for the SDK; None for a `location` that would bypass the proxy."""
        if name.lower() != "location":
            return value
        try:
            parts = urlsplit(value)
        except ValueError:
            return None
        if not parts.netloc:
            return value
        if (parts.scheme, parts.netloc) != (self.target.scheme, self.target.netloc):
            return None
        return value.replace(self.target_origin, self.origin, 1)

    async def close(self) -> None:
        if self.server is not None:
            self.server.close()
        await self.drop_connections()

    async def drop_connections(self) -> None:
        connections = dict(self.connections)
        for task in connections:
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
        for writer in connections.values():  # a task that was cancelled before it began has not
            writer.close()

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(ProxyConnection(self, reader, writer).serve())
        self.connections[task] = writer
        task.add_done_callback(self.connections.pop)


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
        encoded = encode_headers(tuple(pairs))
        return await self._pass_on(lambda: h11.Response(status_code=status, headers=encoded))

    async def send_data(self, data: bytes) -> bool:
        return await self._pass_on(lambda: h11.Data(data=data))

    async def _pass_on(self, make: Callable[[], h11.Event]) -> bool:
        try:
            await self._write(make())
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
