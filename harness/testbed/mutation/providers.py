"""Changes of what passes between the gateway and a provider.

Each function takes a change and returns functions that override hooks.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from harness.testbed.gateway.endpoint import Headers, Reply
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.mutation.bodies import applies
from harness.testbed.mutation.edits import edit
from harness.testbed.mutation.replies import changed_headers

Json = Any
Change = Mapping[str, Any]


def caller_body(request: Any) -> Json:
    """Returns the body as the caller wrote it; one of Responses is also there as a chat."""
    return request.body if request.original is None else request.original


# --- requests ----------------------------------------------------------------------------------


def at_forwarded(change: Change) -> Overrides:
    """Changes the request to the provider; the conditions are about the caller's request."""
    do = change["do"]
    if "twice" in do:
        return {"exchange": partial(sends_twice, change)}
    if "forgive" in do:
        return {"check_translatable": partial(forgives_untranslatable, change)}

    def body(original: Callable[[Any], Json], request: Any) -> Json:
        sent, caller = copy.deepcopy(original(request)), caller_body(request)
        return edit(sent, do, caller) if applies(change, caller, sent) else sent

    return {"body": body}


def sends_twice(change: Change, original: Callable[..., Reply], path: str, request: Any,
                body: Json) -> Reply:  # fmt: skip
    """Sends a request twice, and answers with the second reply."""
    if applies(change, caller_body(request)):
        original(path, request, body)
    return original(path, request, body)


def forgives_untranslatable(change: Change, original: Callable[[Any], None], request: Any) -> None:
    """Drops what the provider lacks, instead of refusing it."""
    if not applies(change, caller_body(request)):
        return original(request)
    without = {"drop": change["do"]["forgive"]}
    body, options = (edit(copy.deepcopy(dict(own)), without)
                     for own in (request.body, request.options))  # fmt: skip
    return original(replace(request, body=body, options=options))


def at_forwarded_headers(change: Change) -> Overrides:
    """Changes the headers of the request to the provider."""

    def headers(original: Callable[[Any], Headers], request: Any) -> Headers:
        pairs = original(request)
        caller = caller_body(request)
        return changed_headers(pairs, change["do"]) if applies(change, caller) else pairs

    return {"headers": headers}


# --- answers -----------------------------------------------------------------------------------


def at_provider_answer(change: Change) -> Overrides:
    """Changes the provider's answer before it is translated, also one that comes as a stream."""

    def to_model_reply(original: Callable[..., Any], request: Any, answer: Json) -> Any:
        caller = caller_body(request)
        if applies(change, caller, answer):
            answer = edit(copy.deepcopy(answer), change["do"], caller)
        return original(request, answer)

    return {"to_model_reply": to_model_reply}
