"""Changes of what the gateway makes of a provider that fails.

Each function takes a change and returns functions that override hooks.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from harness.testbed.forward.response_parser import parse_object, received_bytes
from harness.testbed.gateway.endpoint import Reply
from harness.testbed.gateway.errors import RequestError
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.model_types import ModelReply
from harness.testbed.mutation.conditions import error_holds, meets
from harness.testbed.mutation.edits import edit

Json = Any
Change = Mapping[str, Any]
# The hook that decides with which error a stream ends, by the sign of its failure.
STREAM_ENDS: Final = {"event": "stream_error", "end": "incomplete_error"}
HEADER: Final = re.compile(r"[\t -~\u00a0-\u00ff]*")
PARTS: Final = ("status", "message", "kind", "code", "param")


def at_provider_error(change: Change) -> Overrides:
    """Changes the error that the gateway makes of a provider's, or hides it."""
    do = change["do"]
    if "hide" in do:
        return hides(change, do["hide"])
    if "status" in do:
        return {"status": partial(changes_status, change)}
    return {"provider_error": partial(changes_error, change)}


def matches(change: Change, error: RequestError) -> bool:
    return meets(change, partial(error_holds, refusal=error))


def changes_status(change: Change, original: Callable[..., int], request: Any, status: int) -> int:
    """Takes another status for the provider's."""
    met = matches(change, RequestError(status, ""))
    return int(change["do"]["status"]) if met else original(request, status)


def changes_error(
    change: Change, original: Callable[..., RequestError], request: Any, reply: Reply
) -> RequestError:
    """Changes the parts of an error; those of the provider's reply can be copied."""
    error = original(request, reply)
    if not matches(change, error):
        return error
    own = {**{name: getattr(error, name) for name in PARTS}, "headers": dict(error.headers)}
    sent = {
        "status": reply["status"],
        "headers": {name.lower(): value for name, value in reply["headers"]},
        "body": parse_object(received_bytes(reply)),
    }
    return error_of(edit(own, change["do"], sent))


def error_of(parts: Mapping[str, Json]) -> RequestError:
    """Returns the error with these parts, as far as they can be parts of one."""
    status, headers = parts.get("status"), parts.get("headers")
    pairs = headers.items() if isinstance(headers, dict) else ()
    words = {name: parts[name] for name in PARTS[2:] if isinstance(parts.get(name), str)}
    return RequestError(
        status if isinstance(status, int) and 400 <= status <= 599 else 502,
        str(parts.get("message") or ""),
        headers=tuple((k, v) for k, v in pairs if is_header(k) and is_header(v)),
        **{"kind": "server_error", **words},
    )


def is_header(text: Json) -> bool:
    """Whether HTTP can carry a text in a header."""
    return isinstance(text, str) and bool(HEADER.fullmatch(text))


# --- failures that the caller does not learn of --------------------------------------------------


def hides(change: Change, failure: str | Mapping[str, Json]) -> Overrides:
    """Goes on as if the provider had not failed."""
    if isinstance(failure, str):
        return {STREAM_ENDS[failure]: partial(ends_normally, change)}
    if "text" in failure:
        return {"complete": partial(answers_anyway, change)}
    return {"read_body": partial(reads_anyway, change)}


def ends_normally(change: Change, original: Callable[..., Any], *args: Any) -> RequestError | None:
    """Ends an interrupted stream without its error."""
    error: RequestError | None = original(*args)
    return None if error and matches(change, error) else error


def answers_anyway(
    change: Change, original: Callable[[Any], ModelReply], request: Any
) -> ModelReply:
    """Answers with a text where an error comes before any content."""
    try:
        return original(request)
    except RequestError as error:
        if not matches(change, error):
            raise
        return ModelReply(change["do"]["hide"]["text"], input_tokens=1, output_tokens=1)


def reads_anyway(change: Change, original: Callable[[Reply], Json], reply: Reply) -> Json:
    """Takes what an answer lacks from another one; all of it, if it cannot be read."""
    other = copy.deepcopy(change["do"]["hide"]["answer"])
    try:
        return {**other, **original(reply)}
    except RequestError as error:
        if not matches(change, error):
            raise
        return other
