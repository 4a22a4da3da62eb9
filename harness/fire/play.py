"""Script -> Exchanges: step after step, filling in what was captured. May not judge."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from harness import answer, jsonpath, placeholders
from harness.model import Call, Exchange, Json, Script, Shot

Send = Callable[[Shot, Call], Awaitable[Exchange]]


async def play(
    script: Script, send: Send, unsent: Callable[[Exchange], None] = lambda exchange: None
) -> list[Exchange]:
    """One exchange a shot; a shot whose captures are missing is not sent: `unsent` is told."""
    names: dict[str, Json] = {}
    exchanges: list[Exchange] = []
    for shot in script.shots:
        wanted = placeholders.names_in([shot.call.body, *shot.call.path.split("/")])
        missing = sorted(wanted - set(names))
        if missing:
            exchanges.append(not_sent(shot, f"no earlier answer gave ${missing[0]}"))
            unsent(exchanges[-1])
            continue
        call = replace(
            shot.call,
            path=placeholders.fill_path(shot.call.path, names),
            body=placeholders.fill(shot.call.body, names, again=False),
        )
        exchange = await send(shot, call)
        exchanges.append(exchange)
        names.update(captured(shot, call, exchange))
    return exchanges


def captured(shot: Shot, call: Call, exchange: Exchange) -> dict[str, Json]:
    if not shot.capture:
        return {}
    body = answer.read(exchange, call.protocol, shot.mode, call.body).body
    found = {name: jsonpath.find(path, body) for name, path in shot.capture.items()}
    return {name: nodes[0][1] for name, nodes in found.items() if nodes}


def not_sent(shot: Shot, note: str) -> Exchange:
    call = shot.call
    return Exchange(shot.id, call.method, call.path, (), "", "not-sent", note=note)
