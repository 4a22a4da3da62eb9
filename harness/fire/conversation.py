"""Runs a script: sends its shots one after the other and fills in captured values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from harness.decode import response
from harness.fire.interfaces import SendShot
from harness.model import Call, Exchange, Json, NotSentReason, Script, Shot
from harness.util import jsonpath, placeholders
from harness.util.serialization import compact_text


async def run_script(
    script: Script, send: SendShot, on_unsent: Callable[[Exchange], None] = lambda exchange: None
) -> list[Exchange]:
    """Sends the shots of a script and returns one exchange for each.

    A shot whose captured values are missing is not sent; `on_unsent` receives its exchange.
    """
    values: dict[str, Json] = {}
    exchanges: list[Exchange] = []
    for shot in script.shots:
        call = shot.call
        if has_placeholders(call.body) or "$" in call.path:
            names = placeholders.names_in([call.body, *placeholders.path_parts(call.path)])
            if missing := sorted(names - set(values)):
                note = f"no earlier answer gave ${missing[0]}"
                exchanges.append(not_sent(shot, note, "missing-capture"))
                on_unsent(exchanges[-1])
                continue
            path = placeholders.fill_path(call.path, values)
            body = placeholders.fill(call.body, values, nested=False)
            call = replace(call, path=path, body=body)
        exchange = await send(shot, call)
        exchanges.append(exchange)
        values.update(capture_values(shot, call, exchange))
    return exchanges


def has_placeholders(value: Json) -> bool:
    """Returns whether a body may contain placeholders; a quick test, since most have none."""
    return '"$' in compact_text(value)


def capture_values(shot: Shot, call: Call, exchange: Exchange) -> dict[str, Json]:
    """Returns the values that the shot captures, by name; a path without a match gives none."""
    if not shot.capture:
        return {}
    body = response.read(exchange, call.protocol, shot.mode, call.body).body
    matches = {name: jsonpath.find(path, body) for name, path in shot.capture.items()}
    return {name: nodes[0][1] for name, nodes in matches.items() if nodes}


def not_sent(shot: Shot, note: str, reason: NotSentReason = "") -> Exchange:
    call = shot.call
    return Exchange(shot.id, call.method, call.path, (), "", "not-sent", note=note, reason=reason)
