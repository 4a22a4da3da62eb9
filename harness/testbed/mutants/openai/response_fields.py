"""Mutants of response fields: missing, wrong, or filled although always empty."""

from __future__ import annotations

from collections.abc import Callable

from harness.testbed.base import Mutant
from harness.testbed.gateway.ids import ResponseIds
from harness.testbed.gateway.model_types import ModelReply
from harness.testbed.mutants.openai.operators import Body


def vary_prompt_tokens(
    original: Callable[[Body, ModelReply, ResponseIds], Body],
    body: Body,
    reply: ModelReply,
    ids: ResponseIds,
) -> Body:
    """Reports different prompt tokens for equal requests."""
    data = original(body, reply, ids)
    data["usage"]["prompt_tokens"] += int(ids.digest[:4], 16)
    data["usage"]["total_tokens"] += int(ids.digest[:4], 16)
    return data


ANSWERS = (
    Mutant("answer.usage.prompt_tokens-restless",
           "reports other prompt tokens for a repeated prompt",
           "response.usage.prompt_tokens.repeated", "same $.usage.prompt_tokens",
           {"completion": vary_prompt_tokens}),
)  # fmt: skip
