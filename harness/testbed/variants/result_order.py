"""Right gateways whose model confuses tool results: it reports the first one, or the last one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from harness.testbed.base import Variant
from harness.testbed.gateway import tokenizer
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.model_types import ModelReply, ModelRequest, Result

# Rows that such a model can fail: results are counted, but its answer does not use all of them.
ROWS = ("*/role.tool*", "*/message.tool*", "*/*tool_result*", "*/*results*", "*/*_output")
Provider = Callable[[ModelRequest], ModelReply]


def reports(position: int) -> Overrides:
    """Answers any question after several results with the one at a position."""

    def provider(original: Provider, request: ModelRequest) -> ModelReply:
        reply = original(request)
        parts = [part for turn in request.turns for part in turn.parts]
        results = [part.text for part in parts if isinstance(part, Result)]
        if len(results) < 2 or not reply.text or request.json_schema is not None:
            return reply
        text = f"The answer is: {results[position]}"
        return replace(reply, text=text, output_tokens=tokenizer.count(text))

    return {"both.provider": provider}


RESULT_ORDER = (
    Variant("model.first-result", "has a model that reports the first of several results",
            reports(0), affects=ROWS, causes=("signal", "model")),
    Variant("model.last-result", "has a model that reports the last of several results",
            reports(-1), affects=ROWS, causes=("signal", "model")),
)  # fmt: skip
