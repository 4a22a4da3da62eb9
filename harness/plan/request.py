"""Builds the request of one step: base, mode, request body, then put and dropped fields."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace

from harness.language.behaviours.base import Probe, Step
from harness.language.behaviours.upstream_reply import to_script
from harness.model import AlternativeField, Call, Json, Mode, Pack, Pairs, Target
from harness.model.protocol import PROTOCOLS
from harness.model.sdk import SCRIPTS_WITHOUT_REQUEST, SDKS
from harness.util import json_pointer, placeholders

BODILESS = ("GET", "HEAD", "OPTIONS")
CLIENT = "CLIENT"
FORCED = ("any", "tool", "required", "function")


class RequestError(ValueError):
    """A request that cannot be built as written; `pointer` is its place in the case."""

    def __init__(self, pointer: str, text: str) -> None:
        super().__init__(text)
        self.pointer = pointer


def build_calls(pack: Pack, target: Target, probe: Probe, mode: Mode) -> list[Call]:
    """Return the requests of a probe in one mode. Only the last one has fields put or dropped."""
    plain = replace(probe, put=(), drop=())
    earlier = [build_call(pack, target, step, plain, mode) for step in probe.steps[:-1]]
    return [*earlier, build_call(pack, target, probe.steps[-1], probe, mode)]


def build_call(pack: Pack, target: Target, step: Step, probe: Probe, mode: Mode) -> Call:
    """Return the request of a step. Undefined `$names` are left for earlier answers to fill in."""
    if "client" in step:
        return sdk_call(pack, target, step, probe, mode)
    protocol, request = step.get("protocol") or pack.protocol, step.get("request", {})
    names = {**pack.define, "model": target.endpoints[protocol].model}
    method, own_headers = request.get("method", "POST"), header_pairs(request, names)
    call = Call(
        protocol=protocol,
        method=method,
        path=placeholders.fill_path(request.get("path", PROTOCOLS[protocol].path), names),
        headers=merge_headers(pack, protocol, own_headers),
        auth=request.get("auth", "key"),
        without=tuple(name for name, value in own_headers if value is None),
        raw=request.get("raw"),
        reply=to_script(step["upstream"]) if "upstream" in step else None,
    )
    has_body = bool(request.get("body") or request.get("omit") or probe.put or probe.drop)
    if call.raw is not None:
        if has_body:
            raise RequestError("/request/raw", "`raw` is the whole body: nothing is added to it")
        return call
    if method in BODILESS and not has_body:
        return call
    call = replace(call, body=build_body(pack, step, probe, mode, names))
    return replace(call, alternative=alternative_field(call, probe))


def alternative_field(call: Call, probe: Probe) -> AlternativeField:
    """Return the field that some models refuse, if the request only uses it.

    These fields are a forced tool call, unless it is the field under test, and adaptive thinking.
    """
    is_chat = (call.method, call.path) == ("POST", PROTOCOLS[call.protocol].path)
    under_test = any(pointer.startswith("/tool_choice") for pointer, _ in probe.put)
    if not is_chat or probe.exact or under_test:
        return ""
    body = call.body
    choice, thinking = body.get("tool_choice"), body.get("thinking")
    kind = choice.get("type") if isinstance(choice, dict) else choice
    if kind in FORCED and tools_of(body):
        return "tool_choice"
    adaptive = isinstance(thinking, dict) and thinking.get("type") == "adaptive"
    return "thinking" if adaptive else ""


def tools_of(body: Json) -> Json:
    tools = body.get("tools")
    return tools if isinstance(tools, list) and all(isinstance(t, dict) for t in tools) else []


def sdk_call(pack: Pack, target: Target, step: Step, probe: Probe, mode: Mode) -> Call:
    """Return the call of an SDK, which decides itself what HTTP request it sends."""
    client, request = step["client"], step.get("request", {})
    sdk, script = client["sdk"], client["script"]
    if "/" in script:
        client = {"sdk": sdk, "script": "snippet", "snippet": script}
    protocol = step.get("protocol") or pack.protocol
    if protocol not in SDKS[sdk].protocols:
        raise RequestError("/client/sdk", f"`{sdk}` does not speak {protocol}")
    names = {**pack.define, "model": target.endpoints[protocol].model}
    auth = {"auth": request["auth"]} if "auth" in request else {}
    return Call(
        protocol=protocol,
        method=CLIENT,
        path=f"{sdk}/{script}",
        auth=request.get("auth", "key"),
        body=None
        if client["script"] in SCRIPTS_WITHOUT_REQUEST
        else build_body(pack, step, probe, mode, names),
        client={**client, **auth},
    )


def header_pairs(request: Json, names: Mapping[str, Json]) -> list[tuple[str, str | None]]:
    """Return a request's own headers, written out or as a name of the pack. Raises RequestError."""
    headers = fill(request.get("headers", {}), names)
    pairs = [*headers.items()] if isinstance(headers, Mapping) else headers
    if not isinstance(pairs, list) or not all(map(is_header, pairs)):
        raise RequestError("/request/headers", "the headers are no object of texts")
    return [(name, value) for name, value in pairs]


def is_header(pair: Json) -> bool:
    """Return whether a value is a name and a text, or a name and null."""
    match pair:
        case [str(), str() | None]:
            return True
    return False


def merge_headers(pack: Pack, protocol: str, own: list[tuple[str, str | None]]) -> Pairs:
    """Return the pack's headers, and a request's own, which replace those of the same name."""
    pairs = tuple((name, value) for name, value in own if value is not None)
    replaced = {name.lower() for name, _ in pairs}
    usual = protocol_defaults(pack, protocol)["headers"].items()
    return (*(pair for pair in usual if pair[0].lower() not in replaced), *pairs)


def protocol_defaults(pack: Pack, protocol: str) -> Mapping[str, Mapping[str, Json]]:
    """Return headers, body and modes of one of the pack's protocols."""
    if protocol == pack.protocol:
        return {"headers": pack.headers, "body": pack.body, "modes": pack.modes}
    return {"headers": {}, "body": {}, "modes": {}, **pack.other_protocols[protocol]}


def build_body(pack: Pack, step: Step, probe: Probe, mode: Mode, names: Mapping[str, Json]) -> Json:
    """Return the JSON body. Fields are put after names are filled in, so they can be inside."""
    defaults = protocol_defaults(pack, step.get("protocol") or pack.protocol)
    request = step.get("request", {})
    merged = {**defaults["body"], **defaults["modes"].get(mode, {}), **request.get("body", {})}
    omit = request.get("omit", ())
    body = fill({key: value for key, value in merged.items() if key not in omit}, names)
    for pointer, value in probe.put:
        put(body, pointer, fill(value, names))
    for pointer in probe.drop:
        drop(body, pointer)
    return body


def fill(value: Json, names: Mapping[str, Json]) -> Json:
    """Replace defined names. Others, and `$$`, are kept until the earlier answers are known."""
    try:
        return placeholders.fill(value, names, keep=lambda name: name.split(".")[0] not in names)
    except (placeholders.UnknownName, placeholders.NameProblem) as error:
        raise RequestError("", str(error)) from error


def put(body: Json, pointer: str, value: Json) -> None:
    """Write a value at a JSON Pointer, whose parent must exist."""
    parent, token = parent_of(body, pointer)
    if isinstance(parent, list) and token.isdecimal() and int(token) <= len(parent):
        parent[int(token) : int(token) + 1] = [copy.deepcopy(value)]
    elif isinstance(parent, dict):
        parent[token] = copy.deepcopy(value)
    else:
        raise RequestError("/field", f"nothing can be put at {pointer} of the request")


def drop(body: Json, pointer: str) -> None:
    """Remove what is at a JSON Pointer."""
    parent, token = parent_of(body, pointer)
    key = key_in(parent, token)
    if key is None:
        raise RequestError("/field", f"the request has no {pointer} to leave out")
    del parent[key]


def parent_of(body: Json, pointer: str) -> tuple[Json, str]:
    *path, token = json_pointer.split(pointer)
    for step in path:
        key = key_in(body, step)
        if key is None:
            text = f"the request has no {pointer}: there is nothing at `{step}`"
            raise RequestError("/field", text)
        body = body[key]
    return body, token


def key_in(container: Json, token: str) -> str | int | None:
    """Return the key or index that a token of a pointer means, or None if there is nothing."""
    if isinstance(container, list) and token.isdecimal() and int(token) < len(container):
        return int(token)
    return token if isinstance(container, dict) and token in container else None
