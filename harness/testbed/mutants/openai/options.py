"""Mutants of fields that are honoured or refused: formats, choices and log probabilities."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.testbed.base import Mutant
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.model_types import Json, ModelReply
from harness.testbed.mutants.openai.operators import (
    Body,
    answers,
    crashes,
    forgives,
    misreads,
    refuses,
    repairs,
)
from harness.testbed.mutants.openai.sampling import drop_n, is_above_one, is_zero
from harness.testbed.variants.options import cut_call

FINISH = "body $.choices[0].finish_reason"
REFUSED = "rejected.refused"
JSON_CALL = {"id": "call_1", "type": "function", "function": {"name": "json", "arguments": "{}"}}


def ignores_format(kind: str) -> Overrides:
    """Ignores one type of response_format."""

    def json_schema(original: Callable[[Body], Json], body: Body) -> Json:
        form = body.get("response_format") or {}
        return None if form.get("type") == kind else original(body)

    return {"json_schema": json_schema}


def has_format(body: Body) -> bool:
    return (body.get("response_format") or {}).get("type") == "json_object"


def call_for_json(body: Body, whole: Body) -> None:
    """Returns the tool call that the gateway made to get JSON."""
    if has_format(body):
        whole["choices"][0]["message"]["tool_calls"] = [JSON_CALL]
        whole["choices"][0]["finish_reason"] = "tool_calls"


def finish_as_call(body: Body, whole: Body) -> None:
    if has_format(body):
        whole["choices"][0]["finish_reason"] = "tool_calls"


def logprobs(**changes: Json) -> Overrides:
    """Reads other values of the fields of log probabilities."""

    def read(original: Callable[..., Json], body: Body, reply: ModelReply) -> Json:
        return original({**body, **changes}, reply)

    return {"logprobs": read}


def keep_four_stops(body: Body) -> None:
    if isinstance(body.get("stop"), list):
        body["stop"] = body["stop"][:4]


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
    Mutant("options.json-ignored", "ignores response_format json_object", "options.json_object",
           "any_of", ignores_format("json_object")),
    Mutant("options.json-call", "answers with a tool call if JSON is requested",
           "options.json_object.finish_reason", FINISH, answers(call_for_json)),
    Mutant("options.json-finish", "reports tool_calls if JSON is requested",
           "options.json_object.finish_reason", "schema", answers(finish_as_call)),
    Mutant("options.format-nonsense", "ignores an invalid response_format",
           "options.response_format.wrong-type", REFUSED, forgives("response_format")),
)  # fmt: skip

COUNTS = (
    Mutant("options.n-dropped", "ignores n", "options.n", "body $.choices", repairs(drop_n)),
    Mutant("options.n-nonsense", "ignores an invalid n", "options.n.impossible", REFUSED,
           forgives("n")),
    Mutant("options.logprobs-dropped", "ignores logprobs", "options.logprobs",
           "body $.choices[0].logprobs.content", logprobs(logprobs=None)),
    Mutant("options.top-dropped", "ignores top_logprobs", "options.top_logprobs",
           "body $.choices[0].logprobs.content[0].top_logprobs", logprobs(top_logprobs=0)),
    Mutant("options.logprobs-always", "returns log probabilities in every answer",
           "options.logprobs.off", "body $.choices[0].logprobs", logprobs(logprobs=True)),
    Mutant("options.parallel", "ignores parallel_tool_calls", "options.parallel_tool_calls",
           "body $.choices[0].message.tool_calls", misreads(parallel=lambda request: True)),
    Mutant("options.call-cut", "reports a truncated tool call as a finished one", "tools.cut",
           "any_of", {"completion": report_cut_call}),
    Mutant("options.stop-four", "drops all but four stop sequences", "limits.stop.five",
           "body $.choices[0].message.content", repairs(keep_four_stops)),
)  # fmt: skip

RANGES = (
    Mutant("options.temperature-any", "accepts any temperature", "options.temperature.range",
           REFUSED, forgives("temperature")),
    Mutant("options.top_p-any", "accepts any top_p", "options.top_p.range", REFUSED,
           forgives("top_p")),
    Mutant("options.presence-any", "accepts any presence_penalty",
           "options.presence_penalty.range", REFUSED, forgives("presence_penalty")),
    Mutant("options.frequency-any", "accepts any frequency_penalty",
           "options.frequency_penalty.range", REFUSED, forgives("frequency_penalty")),
    Mutant("options.top-any", "ignores top_logprobs beyond the range",
           "options.top_logprobs.range", REFUSED, forgives("top_logprobs")),
    Mutant("options.top-alone", "ignores top_logprobs without logprobs",
           "options.top_logprobs.alone", REFUSED, forgives("top_logprobs")),
    Mutant("options.temperature-high", "rejects a temperature above 1",
           "options.temperature.high", "honoured_or_refused.consistent",
           refuses(is_above_one, "temperature")),
    Mutant("options.temperature-zero", "rejects a temperature of 0 only", "sampling.temperature",
           "honoured_or_refused.consistent", refuses(is_zero("temperature"), "temperature")),
    Mutant("options.several", "returns a 500 for more than eight fields",
           "options.unseen.together", "status", crashes(lambda body: len(body) > 8)),
)  # fmt: skip

OPTIONS = (*FORMATS, *COUNTS, *RANGES)
