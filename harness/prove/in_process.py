"""Scripts -> exchanges, straight into the builtin gateway, without a socket. May not judge."""

from __future__ import annotations

import asyncio
from collections.abc import Container, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from harness.fire.conversation import run_script
from harness.fire.request import build_headers, encode_body
from harness.model import Call, Exchange, Plan, Script, Shot, Target
from harness.model.protocol import PROTOCOLS
from harness.run import reference_gateway
from harness.testbed.gateway.gateway import Gateway, Overrides
from harness.testbed.http_server.connection import error_reply

Request = Mapping[str, Any]


def gateway(overrides: Overrides | None = None) -> Gateway:
    """Its clock stands still: what it answers must not depend on how fast this machine is."""
    return Gateway(overrides, pace=0.0, clock=lambda: 0.0)


class InProcessGateway:
    """Keeps the requests that depend on no answer: they are made once, for all gateways.

    `fronts`: which of the gateway's fronts a shot comes to; that depends on its request alone.
    """

    def __init__(self, target: Target) -> None:
        self.target = target
        self.requests: dict[str, Request] = {}
        self.fronts: dict[str, str] = {}

    def fire(self, gateway: Gateway, scripts: Iterable[Script]) -> dict[str, Exchange]:
        """Every script once, in order, at a gateway that has seen nothing before."""

        async def all_of_them() -> dict[str, Exchange]:
            done: dict[str, Exchange] = {}
            send = partial(self.send, gateway)
            for script in scripts:
                first = script.shots[0]
                if len(script.shots) == 1 and first.id in self.requests:
                    done[first.id] = answer(gateway, first, self.requests[first.id])
                else:
                    done.update((made.shot, made) for made in await run_script(script, send))
            return done

        return asyncio.run(all_of_them())

    async def send(self, gateway: Gateway, shot: Shot, call: Call) -> Exchange:
        request = asked(self.target, call)
        if call is shot.call:
            self.requests[shot.id] = request
        self.fronts[shot.id] = type(gateway.endpoint_for(request)).__name__
        return answer(gateway, shot, request)

    def meets(self, script: Script, fronts: Container[str]) -> bool:
        """Whether a script that has been fired came to one of these fronts."""
        return any(self.fronts.get(shot.id) in fronts for shot in script.shots)


def changed(overrides: Overrides) -> set[str]:
    """The fronts that are not the right gateway's."""
    right = gateway()
    return {type(front).__name__ for name in overrides for front, _ in right.hooks(name)}


def scripts_of(plans: Iterable[Plan]) -> Sequence[Script]:
    """Those of all plans, the shared ones once."""
    return tuple({script.id: script for plan in plans for script in plan.scripts}.values())


def answer(gateway: Gateway, shot: Shot, request: Request) -> Exchange:
    try:
        reply = gateway.respond(request)
    except Exception as error:  # what the socket's server answers for a bug of the gateway's
        reply = error_reply(500, f"Internal error: {type(error).__name__}", "server_error")
    return exchange(shot, request, reply)


def asked(target: Target, call: Call) -> Request:
    """A call as the gateway gets it from its socket."""
    headers = build_headers(target.endpoints[call.protocol], call, reference_gateway.KEYS)
    return {
        "method": call.method,
        "path": PROTOCOLS[call.protocol].root + call.path,
        "headers": [("host", "builtin"), *headers],
        "body": encode_body(call) or b"",
    }


def exchange(shot: Shot, request: Request, reply: Mapping[str, Any]) -> Exchange:
    dropped = reply["end"] == "drop"
    return Exchange(
        shot=shot.id,
        method=request["method"],
        url=shot.call.path,
        request_headers=tuple(request["headers"]),
        request_body=request["body"].decode("utf-8", "surrogatepass"),
        end="dropped" if dropped else "complete",
        status=reply["status"],
        headers=tuple(reply["headers"]),
        chunks=tuple((0.0, piece) for piece in reply["chunks"]),
        note="dropped" if dropped else "",
    )
