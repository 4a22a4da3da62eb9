"""HTTP client for providers."""

from __future__ import annotations

import http.client
from urllib.parse import urlsplit

from harness.testbed.forward.provider_client import Send
from harness.testbed.gateway.endpoint import Reply, Request, http_reply

TIMEOUT = 120.0
READ_SIZE = 65536
MAX_ANSWER = 64 * 2**20  # bytes; what is longer counts as cut off


def http_sender(url: str, timeout: float = TIMEOUT) -> Send:
    """Returns a function that sends requests to a provider.

    `url` is the base URL, with or without `/v1`; `timeout` is in seconds.
    Raises ValueError if the URL is not an HTTP address.
    """
    address = urlsplit(url.rstrip("/"))
    connections = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}
    if address.scheme not in connections or not address.hostname:
        raise ValueError(f"{url!r} is not a provider URL such as http://HOST:PORT")
    connect, base = connections[address.scheme], address.path.removesuffix("/v1")

    def send(request: Request) -> Reply:
        connection = connect(str(address.hostname), address.port, timeout=timeout)
        try:
            connection.putrequest(
                request["method"], base + request["path"], skip_accept_encoding=True
            )
            for name, value in request["headers"]:
                connection.putheader(name, value)
            connection.putheader("content-length", str(len(request["body"])))
            connection.endheaders(request["body"])
            return read_response(connection.getresponse())
        except http.client.HTTPException as error:
            raise ConnectionError(type(error).__name__) from None
        finally:
            connection.close()

    return send


def read_response(response: http.client.HTTPResponse) -> Reply:
    """Reads a response. An empty last chunk marks a connection that was dropped."""
    chunks: list[bytes] = []
    end = "keep"
    size = 0
    try:
        while size <= MAX_ANSWER and (piece := response.read1(READ_SIZE)):
            chunks.append(piece)
            size += len(piece)
        if response.length or size > MAX_ANSWER:
            end = "drop"
    except TimeoutError:
        raise
    except (OSError, http.client.HTTPException):
        end = "drop"
    if end == "drop":
        chunks.append(b"")
    headers = [(name.lower(), value) for name, value in response.getheaders()]
    reply = http_reply(response.status, headers, chunks, [0.0] * len(chunks), "length")
    return {**reply, "end": end}
