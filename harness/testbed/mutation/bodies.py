"""Changes of JSON bodies: of requests, answers and streams.

Each function takes a change and returns functions that override hooks.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from harness.testbed.gateway.errors import RequestError, bad_value
from harness.testbed.gateway.gateway import Override, Overrides
from harness.testbed.mutation.conditions import holds, meets
from harness.testbed.mutation.edits import edit
from harness.testbed.mutation.paths import values

Json = Any
Change = Mapping[str, Any]


def applies(change: Change, body: Json, data: Json = None) -> bool:
    """Whether the conditions of a change hold for the caller's body and for what is changed."""
    data = body if data is None else data
    return meets(change, partial(holds, body=body, protocol=change["protocol"], data=data))


# --- requests ----------------------------------------------------------------------------------


def at_request(change: Change) -> Overrides:
    """Changes what the gateway takes: edits come before its own checks, refusals after them."""
    do = change["do"]
    if "forgive" in do:
        return {"check": forgives(do["forgive"])}
    if do.get("accept") == "model":
        return {"find_model": partial(accept_model, change)}

    def check(original: Callable[[Json], None], body: Json) -> None:
        if not applies(change, body):
            return original(body)
        if "crash" in do:
            raise crash()
        edit(body, do, body)
        original({k: v for k, v in body.items() if k != do["accept"]} if "accept" in do else body)
        if "refuse" in do:
            raise refusal_of(do["refuse"])
        return None

    return {"check": check}


def forgives(field: str) -> Override:
    """Ignores a field instead of refusing its value."""

    def check(original: Callable[[Json], None], body: Json) -> None:
        try:
            original(body)
        except RequestError as refusal:
            if (refusal.param or "").partition("[")[0].partition(".")[0] != field:
                raise
            body.pop(field, None)
            original(body)

    return check


def accept_model(change: Change, original: Callable[[str], Json], name: str) -> Json:
    """Takes any model, in requests for an answer and for a model."""
    return {"id": name} if applies(change, {"model": name}) else original(name)


def crash() -> RequestError:
    return RequestError(500, "Internal server error.", kind="server_error")


def refusal_of(argument: str | Mapping[str, Any]) -> RequestError:
    """Returns the error of `refuse`: the name of a field, or the parts of an error."""
    if isinstance(argument, str):
        return bad_value(argument, "not supported here.", "unsupported_parameter")
    parts = {"kind": "invalid_request_error", **argument}
    return RequestError(parts.pop("status", 400), parts.pop("message", "Not like this."), **parts)


def at_model(change: Change) -> Overrides:
    """Changes the request that the model gets, after its checks; the caller's stays as it is."""
    prompt = change["do"].get("prompt")
    if change["protocol"] == "embeddings":
        return {"answer": partial(answer_changed, change)}

    def read_request(original: Callable[[Json], Any], body: Json) -> Any:
        if not applies(change, body):
            return original(body)
        request = original(edit(copy.deepcopy(body), change["do"], body))
        texts = values(prompt, body) if prompt else ()
        added = "".join(f"\n{json.dumps(value)}" for value in texts)
        return replace(request, system=request.system + added)

    return {"read_request": read_request}


def answer_changed(change: Change, original: Callable[[Json], Json], body: Json) -> Json:
    """Answers a changed request, for a protocol whose model takes the request as it is."""
    changed = applies(change, body)
    return original(edit(copy.deepcopy(body), change["do"], body) if changed else body)


# --- answers -----------------------------------------------------------------------------------


def at_answer(change: Change) -> Overrides:
    """Changes answers, and the streams that are made from them."""

    def answer(original: Callable[..., Json], body: Json, *rest: Any) -> Json:
        whole = original(body, *rest)
        return edit(whole, change["do"], body) if applies(change, body, whole) else whole

    return {
        {"anthropic": "message", "embeddings": "answer"}.get(
            change["protocol"], "completion"
        ): answer
    }


def at_stream(change: Change) -> Overrides:
    """Changes the list of the events of a stream."""

    def events(original: Callable[..., Json], body: Json, *rest: Any) -> Json:
        stream = [copy.deepcopy(event) for event in original(body, *rest)]
        return edit(stream, change["do"], body) if applies(change, body, stream) else stream

    return {"events": events}


def at_frames(change: Change) -> Overrides:
    """Changes the texts in which a stream is sent: one for each event, and for its end mark."""

    def frames(original: Callable[[Json], list[bytes]], events: Json) -> list[bytes]:
        texts = [frame.decode("utf-8", "replace") for frame in original(events)]
        return [str(text).encode() for text in edit(texts, change["do"])]

    return {"frames": frames}
