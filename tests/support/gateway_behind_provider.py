"""The reference gateway with a mock provider, without sockets, and helpers to read replies."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from harness.testbed.forward import Forwarding
from harness.testbed.gateway.gateway import Gateway, Overrides
from harness.testbed.keys import GATEWAY_KEY, PROVIDER_KEY
from harness.testbed.mock_provider.server import Upstream

Body = dict[str, Any]
MARK = "0123abcd"
READY = "Reply with the single word: ready"
MARKED = f"{READY}\n[ref:{MARK}]"
USER: list[Body] = [{"role": "user", "content": MARKED}]
CHAT: Body = {"model": "builtin-1", "messages": USER}
MESSAGE: Body = {**CHAT, "max_tokens": 100}
PAGES = {
    "openai": "/v1/chat/completions",
    "anthropic": "/v1/messages",
    "responses": "/v1/responses",
}
BASES: dict[str, Body] = {
    "openai": CHAT,
    "anthropic": MESSAGE,
    "responses": {"model": "builtin-1", "input": MARKED},
}
ROUTES = [
    ("openai", "anthropic"),
    ("anthropic", "openai"),
    ("openai", "openai"),
    ("anthropic", "anthropic"),
]
WEATHER: Body = {
    "name": "get_weather",
    "description": "Get the weather.",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
}
CALLED: Body = {"name": "get_weather", "arguments": '{"city": "Paris"}'}


def headers(protocol: str, key: str) -> list[tuple[str, str]]:
    kind = ("content-type", "application/json")
    if protocol == "anthropic":
        return [kind, ("x-api-key", key), ("anthropic-version", "2023-06-01")]
    return [kind, ("authorization", f"Bearer {key}")]


def request(protocol: str, body: Any, key: str, path: str = "") -> Body:
    data = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    path = path or PAGES[protocol]
    return {"method": "POST", "path": path, "headers": headers(protocol, key), "body": data}


def data(reply: Mapping[str, Any]) -> Any:
    """The JSON of a plain reply."""
    return json.loads(b"".join(reply["chunks"]))


def events(reply: Mapping[str, Any]) -> list[Body]:
    """The JSON objects of the events of a stream."""
    lines = b"".join(reply["chunks"]).decode().split("\n")
    payloads = [line[6:] for line in lines if line.startswith("data: ")]
    return [json.loads(line) for line in payloads if line != "[DONE]"]


def header(reply: Mapping[str, Any], name: str) -> list[str]:
    return [value for key, value in reply["headers"] if key == name]


class ScriptedUpstream:
    """A mock provider that receives requests directly."""

    def __init__(self, reply: Body | None = None) -> None:
        self.upstream = Upstream({MARK: reply})

    def ask(self, protocol: str, more: Body | None = None, **rest: Any) -> Body:
        body = {**BASES[protocol], **(more or {})}
        http_request = request(protocol, body, rest.get("key", PROVIDER_KEY), rest.get("path", ""))
        return self.upstream.respond(http_request)


class GatewayWithProvider:
    """A gateway that is called in one protocol and forwards to a provider of another one."""

    def __init__(
        self,
        caller: str,
        provider: str,
        reply: Body | None = None,
        overrides: Overrides | None = None,
    ) -> None:
        self.caller, self.upstream = caller, Upstream({MARK: reply})
        forwarding = Forwarding({provider: self.upstream.respond}, now=lambda: 0.0)
        self.gateway = Gateway(overrides, provider=forwarding)

    def ask(self, more: Body | None = None, path: str = "") -> Body:
        body = {**BASES[self.caller], **(more or {})}
        fields = {name: value for name, value in body.items() if value is not ...}
        return self.gateway.respond(request(self.caller, fields, GATEWAY_KEY, path))

    def forwarded_request(self, more: Body | None = None) -> Body:
        """Returns the request that reached the provider, parsed and without its correlation id."""
        reply = self.ask(more)
        assert reply["status"] == 200, data(reply)
        (arrival,) = self.upstream.take(MARK) or self.upstream.strays()
        text = arrival["body"].replace(f"\\n[ref:{MARK}]", "")
        return {**arrival, "body": json.loads(text)}

    def forwarded_body(self, more: Body | None = None) -> Any:
        return self.forwarded_request(more)["body"]
