"""Mutants of text in answers and calls, and of legal fields that are refused without a name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.testbed.base import Mutant
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.model_types import Json, ModelReply
from harness.testbed.mutants.openai.operators import (
    Body,
    call,
    loses,
    message,
    values_at,
)
from harness.testbed.mutation.rows import mutants_in

CONTENT = "body $.choices[0].message.content"
ARGUMENTS = "body $.choices[0].message.tool_calls[*].function.arguments"


def add_control_token(reply: Body) -> None:
    if reply.get("content"):
        reply["content"] += "<|im_end|>"


def ascii_arguments(tool_call: Body) -> None:
    function = tool_call["function"]
    function["arguments"] = function["arguments"].encode("ascii", "replace").decode()


def empty_last_result(body: Body) -> None:
    for reply in list(values_at(body, "messages", {"role": "tool"}))[1:][-1:]:
        reply["content"] = ""


def first_token_only() -> Overrides:
    """Returns the log probability of the first token only."""

    def read(original: Callable[..., Json], body: Body, reply: ModelReply) -> Any:
        whole = original(body, reply)
        return whole and {**whole, "content": whole["content"][:1]}

    return {"logprobs": read}


DAMAGED_TEXT = (
    *mutants_in("openai/damaged_text"),
    Mutant("text.control-token", "leaves a control token of the chat template in the text",
           "shape.content.no-markup", CONTENT, message(add_control_token)),
    Mutant("call.ascii", "replaces letters beyond ASCII in the arguments of calls",
           "tools.arguments.unicode", ARGUMENTS, call(ascii_arguments)),
    Mutant("logprobs.first", "returns the log probability of the first token only",
           "options.logprobs.each", "body $.choices[0].logprobs.content", first_token_only()),
    Mutant("results.last-lost", "drops the content of the last of several tool results",
           "tools.results.last", "any_of", loses(empty_last_result)),
)  # fmt: skip
