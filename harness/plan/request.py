"""Step, mode -> the request: base, mode, request, omit, then put and drop. Pure."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from harness.language.behaviours import Step
from harness.model import Call, Json, Mode, Pack, Pairs, Target
from harness.model.protocol import PROTOCOLS
from harness.model.sdk import SCRIPTS_WITHOUT_REQUEST, SDKS
from harness.util import json_pointer, placeholders

BODILESS = ("GET", "HEAD", "OPTIONS")
CLIENT = "CLIENT"


class RequestError(ValueError):
    """A request that cannot be made as it is written; `pointer` is where in the case."""

    def __init__(self, pointer: str, text: str) -> None:
        super().__init__(text)
        self.pointer = pointer


def call(pack: Pack, target: Target, step: Step, mode: Mode) -> Call:
    """The request of one step; `$names` that nobody defined are left for earlier answers."""
    if step.client:
        return client(pack, target, step, mode)
    protocol = step.protocol or pack.protocol
    names = {**pack.define, "model": target.endpoints[protocol].model}
    http, method = step.http, step.http.get("method", "POST")
    made = Call(
        protocol=protocol,
        method=method,
        path=placeholders.fill_path(http.get("path", PROTOCOLS[protocol].path), names),
        headers=headers(pack, protocol, http.get("headers", ())),
        auth=http.get("auth", "key"),
        without=tuple(http.get("without", ())),
        raw=step.raw,
        reply=step.upstream.get("reply"),
    )
    written = bool(step.request or step.omit or step.put or step.drop)
    if step.raw is not None:
        if written:
            raise RequestError("/raw", "`raw` is sent as it is: nothing else goes into that body")
        return made
    if method in BODILESS and not written:
        return made
    return replace(made, body=body(pack, step, mode, names))


def client(pack: Pack, target: Target, step: Step, mode: Mode) -> Call:
    """What an SDK is asked with; how it says that over the wire is its own affair."""
    sdk, script = step.client["sdk"], step.client["script"]
    protocol = step.protocol or pack.protocol
    if SDKS[sdk].protocol != protocol:
        raise RequestError("/client/sdk", f"`{sdk}` speaks {SDKS[sdk].protocol}, not {protocol}")
    names = {**pack.define, "model": target.endpoints[protocol].model}
    return Call(
        protocol=protocol,
        method=CLIENT,
        path=f"{sdk}/{step.client.get('snippet', script)}",
        auth=step.client.get("auth", "key"),
        body=None if script in SCRIPTS_WITHOUT_REQUEST else body(pack, step, mode, names),
        client=step.client,
    )


def headers(pack: Pack, protocol: str, own: Iterable[Sequence[str]]) -> Pairs:
    """The pack's, and the step's own, which stand for the pack's of that name."""
    pairs = tuple((name, value) for name, value in own)
    shot_name = {name.lower() for name, _ in pairs}
    usual = spoken(pack, protocol)["headers"].items()
    return (*(pair for pair in usual if pair[0].lower() not in shot_name), *pairs)


def spoken(pack: Pack, protocol: str) -> Mapping[str, Mapping[str, Json]]:
    """Headers, base and modes of one of the pack's protocols."""
    if protocol == pack.protocol:
        return {"headers": pack.headers, "base": pack.base, "modes": pack.modes}
    return {"headers": {}, "base": {}, "modes": {}, **pack.other_protocols[protocol]}


def body(pack: Pack, step: Step, mode: Mode, names: Mapping[str, Json]) -> Json:
    """Values are put where they belong after names are filled in: into what the names stand for."""
    usual = spoken(pack, step.protocol or pack.protocol)
    laid = {**usual["base"], **usual["modes"].get(mode, {}), **step.request}
    laid = {key: value for key, value in laid.items() if key not in step.omit}
    made = filled(laid, names)
    for at, value in step.put:
        put(made, at, filled(value, names))
    for at in step.drop:
        drop(made, at)
    return made


def filled(value: Json, names: Mapping[str, Json]) -> Json:
    """Known names are replaced; others, and `$$`, wait until the earlier answers are there."""
    try:
        return placeholders.fill(value, names, keep=lambda name: name.split(".")[0] not in names)
    except (placeholders.UnknownName, placeholders.CircularName) as error:
        raise RequestError("", str(error)) from error


def put(made: Json, at: str, value: Json) -> None:
    """Writes a value at a JSON Pointer; what it is put into must be there."""
    parent, token = parent_of(made, at)
    if isinstance(parent, list) and token.isdecimal() and int(token) <= len(parent):
        parent[int(token) : int(token) + 1] = [copy.deepcopy(value)]
    elif isinstance(parent, dict):
        parent[token] = copy.deepcopy(value)
    else:
        raise RequestError("/at", f"nothing can be put at {at} of the request")


def drop(made: Json, at: str) -> None:
    parent, token = parent_of(made, at)
    if isinstance(parent, list) and token.isdecimal() and int(token) < len(parent):
        del parent[int(token)]
    elif isinstance(parent, dict) and token in parent:
        del parent[token]
    else:
        raise RequestError("/at", f"the request has no {at} to leave out")


def parent_of(made: Json, at: str) -> tuple[Json, str]:
    *path, token = json_pointer.split(at)
    for step in path:
        if isinstance(made, list) and step.isdecimal() and int(step) < len(made):
            made = made[int(step)]
        elif isinstance(made, dict) and step in made:
            made = made[step]
        else:
            raise RequestError("/at", f"the request has no {at}: there is nothing at `{step}`")
    return made, token
