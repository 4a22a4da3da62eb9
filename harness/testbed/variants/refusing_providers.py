"""Variants of the provider behind the gateway that refuse what the newest models refuse.

What such a provider received is shown, even if it was refused: the gateway's part is to forward it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

from harness.testbed.base import Variant
from harness.testbed.gateway.anthropic.generations import (
    Refusal,
    budget,
    forced_call,
    prefill,
    sampling,
)
from harness.testbed.gateway.endpoint import ENCODER, Reply, Request
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.variants.newest_models import SAMPLING_ROWS

# The compatibility layer promises these fields for every model that it serves.
COMPAT_SAMPLING: Final = ("openai-compat/temperature", "openai-compat/top_p")
COMPAT_ROWS: Final = (*COMPAT_SAMPLING, "openai-compat/function_call")
# A provider of Chat Completions gets no top_k and does not refuse it.
NOT_SHOWN: Final = tuple(row for row in SAMPLING_ROWS if not row.endswith("/top_k"))


def provider_refuses(*refusals: Refusal) -> Overrides:
    """Answers requests with the provider's error, after it has recorded them."""

    def respond(original: Callable[[Request], Reply], request: Request) -> Reply:
        reply = original(request)
        message = next(filter(None, (refusal(body_of(request)) for refusal in refusals)), "")
        if not message:
            return reply
        error: dict[str, Any] = {"type": "invalid_request_error", "message": message}
        if request["path"].endswith("/messages"):
            data: dict[str, Any] = {"type": "error", "error": error}
        else:
            data = {"error": {**error, "param": message.partition(":")[0], "code": None}}
        headers = [("content-type", "application/json")]
        chunks = [ENCODER.encode(data).encode()]
        changed = {"status": 400, "headers": headers, "chunks": chunks, "pauses": [0.0]}
        return {**reply, **changed, "framing": "length", "end": "keep"}

    return {"upstream.respond": respond}


def body_of(request: Request) -> dict[str, Any]:
    """Returns the body of a chat request; one without messages is never refused."""
    try:
        body = json.loads(request["body"])
    except ValueError:
        body = None
    return body if isinstance(body, dict) and body.get("messages") else {"messages": [{"role": ""}]}


REFUSING_PROVIDERS = (
    Variant("upstream.newest.tool_choice", "refuses forced tool calls",
            provider_refuses(forced_call)),
    Variant("upstream.newest.sampling", "refuses sampling parameters other than the default",
            provider_refuses(sampling), affects=COMPAT_SAMPLING, not_credited=NOT_SHOWN),
    Variant("upstream.newest.thinking", "refuses thinking with a budget or switched off",
            provider_refuses(budget)),
    Variant("upstream.newest.prefill", "refuses prefilled answers", provider_refuses(prefill)),
    Variant("upstream.newest", "refuses all of these",
            provider_refuses(forced_call, sampling, budget, prefill),
            affects=COMPAT_ROWS, not_credited=NOT_SHOWN),
)  # fmt: skip
