"""The reference gateway in this process: requests become calls, without a socket."""

from __future__ import annotations

import asyncio
from collections.abc import Container, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from harness.fire.alternatives import send_with_alternative
from harness.fire.conversation import run_script
from harness.fire.request import build_headers, encode_body
from harness.model import Call, Exchange, Plan, Script, Shot, Target
from harness.model.protocol import PROTOCOLS
from harness.prove.received import receive
from harness.run import reference_gateway
from harness.testbed.gateway.gateway import Gateway, Overrides
from harness.testbed.http_server.connection import error_reply

Request = Mapping[str, Any]


def gateway(overrides: Overrides | None = None) -> Gateway:
    """Return a gateway whose clock stands still: the machine's speed must not change answers."""
    return Gateway(overrides, pace=0.0, clock=lambda: 0.0)


class InProcessGateway:
    """Sends scripts to gateways. Requests that depend on no answer are built once for all.

    Args:
        target: The reference gateway as a target.
        elsewhere: Shots, by id, that belong to another target.

    Attributes:
        endpoints: The class of the endpoint that a shot reaches; its request alone decides.
    """

    def __init__(self, target: Target, elsewhere: Mapping[str, Target] | None = None) -> None:
        self.target, self.elsewhere = target, elsewhere or {}
        self.requests: dict[str, Request] = {}
        self.endpoints: dict[str, str] = {}

    def fire(self, gateway: Gateway, scripts: Iterable[Script]) -> dict[str, Exchange]:
        """Send every script once, in order, to a new gateway; return the exchanges by shot id."""

        async def send_all() -> dict[str, Exchange]:
            done: dict[str, Exchange] = {}
            for script in scripts:
                first = script.shots[0]
                known = first.id in self.requests and not first.call.alternative
                if len(script.shots) == 1 and known:
                    done[first.id] = answer(gateway, first, self.requests[first.id])
                else:
                    exchanges = await run_script(script, partial(self.send, gateway))
                    done.update((exchange.shot, exchange) for exchange in exchanges)
            return done

        return asyncio.run(send_all())

    async def send(self, gateway: Gateway, shot: Shot, call: Call) -> Exchange:
        return await send_with_alternative(partial(self.send_once, gateway, shot), call)

    async def send_once(self, gateway: Gateway, shot: Shot, call: Call) -> Exchange:
        request = gateway_request(self.elsewhere.get(shot.id, self.target), call)
        if call is shot.call:
            self.requests[shot.id] = request
        self.endpoints[shot.id] = type(gateway.endpoint_for(request)).__name__
        return answer(gateway, shot, request)

    def meets(self, script: Script, endpoints: Container[str]) -> bool:
        """Whether a script that was sent before reached one of these endpoints."""
        return any(self.endpoints.get(shot.id) in endpoints for shot in script.shots)


def changed(overrides: Overrides) -> set[str]:
    """Return the endpoints that differ from those of the right gateway."""
    right = gateway()
    return {type(endpoint).__name__ for name in overrides for endpoint, _ in right.hooks(name)}


def scripts_of(plans: Iterable[Plan]) -> Sequence[Script]:
    """Return the scripts of all plans, shared ones once."""
    return tuple({script.id: script for plan in plans for script in plan.scripts}.values())


def answer(gateway: Gateway, shot: Shot, request: Request) -> Exchange:
    try:
        reply = gateway.respond(request)
    except Exception as error:  # as the HTTP server does for a bug of the gateway
        reply = error_reply(500, f"Internal error: {type(error).__name__}", "server_error")
    return exchange(shot, request, reply)


def gateway_request(target: Target, call: Call) -> Request:
    """Return a call as the gateway gets it from its server."""
    headers = build_headers(target.endpoints[call.protocol], call, reference_gateway.KEYS)
    return {
        "method": call.method,
        "path": reference_gateway.root(target) + PROTOCOLS[call.protocol].root + call.path,
        "headers": [("host", "builtin"), *headers],
        "body": encode_body(call) or b"",
    }


def exchange(shot: Shot, request: Request, reply: Mapping[str, Any]) -> Exchange:
    response = receive(request, reply)
    return Exchange(
        shot=shot.id,
        method=request["method"],
        url=shot.call.path,
        request_headers=tuple(request["headers"]),
        request_body=request["body"].decode("utf-8", "surrogatepass"),
        end=response.end,
        status=response.status,
        headers=response.headers,
        chunks=response.chunks(),
        note=response.note,
        confirmed=True,  # nothing else is in flight, and the same request has the same result
    )
