"""One connection of httpx, through the proxies that the environment names."""

from __future__ import annotations

import ssl

import httpx


class ProxyTransport(httpx.AsyncBaseTransport):
    """Sends requests with a client, which selects the proxy. Raises ValueError for invalid ones."""

    def __init__(self, verify: ssl.SSLContext, limits: httpx.Limits) -> None:
        self.client = httpx.AsyncClient(verify=verify, limits=limits)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self.client.send(request, stream=True)

    async def aclose(self) -> None:
        await self.client.aclose()
