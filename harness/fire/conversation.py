"""Script -> Exchanges: step after step, filling in what was captured. May not judge."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from harness.decode import response
from harness.model import Call, Exchange, Json, NotSentReason, Script, Shot
from harness.util import jsonpath, placeholders

Send = Callable[[Shot, Call], Awaitable[Exchange]]


async def run_script(
    script: Script, send: Send, unsent: Callable[[Exchange], None] = lambda exchange: None
) -> list[Exchange]:
    """One exchange a shot; a shot whose captures are missing is not sent: `unsent` is told."""
    names: dict[str, Json] = {}
    exchanges: list[Exchange] = []
    for shot in script.shots:
        call = shot.call
        if dollars(call.body) or "$" in call.path:
            missing = sorted(wanted(call) - set(names))
            if missing:
                exchanges.append(
                    not_sent(shot, f"no earlier answer gave ${missing[0]}", "missing-capture")
                )
                unsent(exchanges[-1])
                continue
            call = filled(call, names)
        exchange = await send(shot, call)
        exchanges.append(exchange)
        names.update(captured(shot, call, exchange))
    return exchanges


def dollars(value: Json) -> bool:
    """Whether there is anything to fill in: for most shots there is not."""
    if isinstance(value, str):
        return value.startswith("$")
    if isinstance(value, dict):
        return any(map(dollars, value.values()))
    return isinstance(value, list) and any(map(dollars, value))


def wanted(call: Call) -> set[str]:
    return placeholders.names_in([call.body, *call.path.split("/")])


def filled(call: Call, names: dict[str, Json]) -> Call:
    path = placeholders.fill_path(call.path, names)
    return replace(call, path=path, body=placeholders.fill(call.body, names, again=False))


def captured(shot: Shot, call: Call, exchange: Exchange) -> dict[str, Json]:
    if not shot.capture:
        return {}
    body = response.read(exchange, call.protocol, shot.mode, call.body).body
    found = {name: jsonpath.find(path, body) for name, path in shot.capture.items()}
    return {name: nodes[0][1] for name, nodes in found.items() if nodes}


def not_sent(shot: Shot, note: str, reason: NotSentReason = "") -> Exchange:
    call = shot.call
    return Exchange(shot.id, call.method, call.path, (), "", "not-sent", note=note, reason=reason)
