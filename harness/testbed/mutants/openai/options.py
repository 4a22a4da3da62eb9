"""Mutants of fields that are honoured or refused: formats, choices and log probabilities."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.testbed.base import Mutant
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.model_types import Json, ModelReply
from harness.testbed.mutants.openai.operators import (
    Body,
    crashes,
)
from harness.testbed.mutation.rows import mutants_in
from harness.testbed.variants.options import cut_call


def ignores_format(kind: str) -> Overrides:
    """Ignores one type of response_format."""

    def json_schema(original: Callable[[Body], Json], body: Body) -> Json:
        form = body.get("response_format") or {}
        return None if form.get("type") == kind else original(body)

    return {"json_schema": json_schema}


def logprobs(**changes: Json) -> Overrides:
    """Reads other values of the fields of log probabilities."""

    def read(original: Callable[..., Json], body: Body, reply: ModelReply) -> Json:
        return original({**body, **changes}, reply)

    return {"logprobs": read}


def report_cut_call(original: Callable[..., Body], body: Body, reply: ModelReply, ids: Any) -> Body:
    """Returns a call that the limit cut off as a finished one."""
    whole = cut_call(original, body, reply, ids)
    choice = whole["choices"][0]
    if choice["finish_reason"] == "length" and choice["message"].get("tool_calls"):
        choice["finish_reason"] = "tool_calls"
    return whole


FORMATS = (
    Mutant("options.schema-ignored", "ignores response_format json_schema", "options.json_schema",
           "any_of", ignores_format("json_schema")),
)  # fmt: skip

COUNTS = (
    Mutant("options.logprobs-dropped", "ignores logprobs", "options.logprobs",
           "body $.choices[0].logprobs.content", logprobs(logprobs=None)),
    Mutant("options.top-dropped", "ignores top_logprobs", "options.top_logprobs",
           "body $.choices[0].logprobs.content[0].top_logprobs", logprobs(top_logprobs=0)),
    Mutant("options.logprobs-always", "returns log probabilities in every answer",
           "options.logprobs.off", "body $.choices[0].logprobs", logprobs(logprobs=True)),
    Mutant("options.call-cut", "reports a truncated tool call as a finished one", "tools.cut",
           "any_of", {"completion": report_cut_call}),
)  # fmt: skip

RANGES = (
    Mutant("options.several", "returns a 500 for more than eight fields",
           "options.unseen.together", "status", crashes(lambda body: len(body) > 8)),
)  # fmt: skip

OPTIONS = (*mutants_in("openai/options"), *FORMATS, *COUNTS, *RANGES)
