"""A provider's address -> what sends a request there and brings the reply. May not read either."""

from __future__ import annotations

import http.client
from urllib.parse import urlsplit

from harness.testbed.forward.provider_client import Send
from harness.testbed.gateway.endpoint import Reply, Request, wire

SECONDS = 120.0
PIECE = 65536


def sender(url: str, seconds: float = SECONDS) -> Send:
    """`url` with or without the `/v1` at its end. Raises ValueError where it is none."""
    address = urlsplit(url.rstrip("/"))
    kinds = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}
    if address.scheme not in kinds or not address.hostname:
        raise ValueError(f"{url!r} is no address of a provider: http://HOST:PORT")
    connect, base = kinds[address.scheme], address.path.removesuffix("/v1")

    def send(request: Request) -> Reply:
        line = connect(str(address.hostname), address.port, timeout=seconds)
        try:
            line.putrequest(request["method"], base + request["path"], skip_accept_encoding=True)
            for name, value in request["headers"]:
                line.putheader(name, value)
            line.putheader("content-length", str(len(request["body"])))
            line.endheaders(request["body"])
            return received(line.getresponse())
        except http.client.HTTPException as error:
            raise ConnectionError(type(error).__name__) from None
        finally:
            line.close()

    return send


def received(response: http.client.HTTPResponse) -> Reply:
    """What arrived; a connection that broke off is told by a last piece that did not."""
    chunks: list[bytes] = []
    end = "keep"
    try:
        while piece := response.read1(PIECE):
            chunks.append(piece)
        if response.length:
            end = "drop"
    except TimeoutError:
        raise
    except (OSError, http.client.HTTPException):
        end = "drop"
    if end == "drop":
        chunks.append(b"")
    headers = [(name.lower(), value) for name, value in response.getheaders()]
    reply = wire(response.status, headers, chunks, [0.0] * len(chunks), "length")
    return {**reply, "end": end}
