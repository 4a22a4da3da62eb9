"""One connection of httpx, through the proxies that the environment names."""

from __future__ import annotations

import ssl

import httpx


class ProxyTransport(httpx.AsyncBaseTransport):
    """Sends requests with a client, which selects the proxy. Raises ValueError for invalid ones."""

    def __init__(self, context: ssl.SSLContext, connect_timeout: float) -> None:
        self.client = httpx.AsyncClient(
            verify=context,
            timeout=httpx.Timeout(None, connect=connect_timeout),
            limits=httpx.Limits(max_connections=1),
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self.client.send(request, stream=True)

    async def aclose(self) -> None:
        await self.client.aclose()
