"""Mutants of both endpoints that request an answer of the provider for a list of models."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from harness.testbed.base import Mutant
from harness.testbed.gateway.endpoint import Reply
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.model_types import ModelRequest, Text, Turn

TURNS = (Turn("user", (Text("ping"),)),)
CASE, RULE = "upstream.once.models", "forward.once"


def tries_model(prefix: str, protocol: str) -> Overrides:
    """Tries a model before it lists the models."""

    def handle(original: Callable[..., Reply], request: Mapping[str, Any], *rest: Any) -> Reply:
        if request["method"] == "GET":
            endpoint: Any = original.__self__  # type: ignore[attr-defined]
            body = {"model": "builtin-1", "messages": [{"role": "user", "content": "ping"}]}
            endpoint.provider(
                ModelRequest("builtin-1", "", TURNS, limit=1, caller_protocol=protocol, body=body)
            )
        return original(request, *rest)

    return {f"{prefix}handle": handle}


MODEL_CHECKS = (
    Mutant("chat.upstream.models-by-completion", "tries a model before it lists the models",
           f"openai-chat/{CASE}", RULE, tries_model("", "openai")),
    Mutant("anthropic.upstream.models-by-completion", "tries a model before it lists the models",
           f"anthropic-messages/{CASE}", RULE, tries_model("anthropic.", "anthropic")),
)  # fmt: skip
