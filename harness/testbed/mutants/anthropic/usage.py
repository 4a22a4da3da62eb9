"""Mutants of token counts, of limits, and of what ended a Messages answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.testbed.gateway.gateway import Overrides
from harness.testbed.mutants.anthropic import stream_operators as s
from harness.testbed.mutants.anthropic.operators import (
    answers,
    mutant,
    usage,
)
from harness.testbed.mutants.openai.operators import Body
from harness.testbed.mutation.rows import mutants_in

OUTPUT, REASON = "body $.usage.output_tokens", "body $.stop_reason"
TEXT = "body $.content[?@.type=='text'].text"
GROW, REPORTED = "response.usage.output_tokens.grow", "stop_sequences.reported"


def limits(change: Callable[[int], int]) -> Overrides:
    """Changes the token limit before the model."""

    def limit(original: Callable[[Body], int | None], body: Body) -> int | None:
        given = original(body)
        return None if given is None else change(given)

    return {"anthropic.limit": limit}


def stops(choose: Callable[[tuple[str, ...]], tuple[str, ...]]) -> Overrides:
    return {"anthropic.stop_sequences": lambda original, body: choose(original(body))}


def finish_cut_calls(body: Body, whole: Body) -> None:
    """Reports a finished call although the token limit cut it off."""
    if body.get("tools") and whole["stop_reason"] == "max_tokens":
        whole["stop_reason"] = "tool_use"


def first_stop_sequence(body: Body, whole: Body) -> None:
    if whole["stop_sequence"]:
        whole["stop_sequence"] = body["stop_sequences"][0]


def drop_text_at_stop(body: Body, whole: Body) -> None:
    if whole["stop_reason"] == "stop_sequence":
        whole["content"] = []


def streamed_stop_as_end(event: Body) -> None:
    if event["delta"]["stop_reason"] == "stop_sequence":
        event["delta"].update(stop_reason="end_turn", stop_sequence=None)


def count_output(change: Callable[[int], Any]) -> Callable[[Body], None]:
    """Returns a change of the output tokens in a message_delta."""

    def change_event(event: Body) -> None:
        event["usage"]["output_tokens"] = change(event["usage"]["output_tokens"])

    return change_event


ENDED = (
    mutant("calls.cut", "reports tool_use for a call that max_tokens cut off", "tools.cut", REASON,
           answers(finish_cut_calls)),
    mutant("stop.first-named", "names the first stop sequence whichever was found",
           "stop_sequences.several.reported", "any_of", answers(first_stop_sequence)),
    mutant("stop.text-lost", "drops the text before a stop sequence", "stop_sequences", TEXT,
           answers(drop_text_at_stop)),
    mutant("stop.fifth", "forwards only four stop sequences", "stop_sequences.many", TEXT,
           stops(lambda sequences: sequences[:4])),
    mutant("stream.stop-ended", "streams end_turn at a stop sequence", REPORTED, "any_of",
           s.message_end(streamed_stop_as_end)),
    mutant("max_tokens.doubled", "forwards twice the limit", "max_tokens.cuts", OUTPUT,
           limits(lambda limit: 2 * limit)),
    mutant("max_tokens.halved", "forwards half the limit", "max_tokens.shortened", OUTPUT,
           limits(lambda limit: max(1, limit // 2))),
    mutant("max_tokens.lowered", "lowers a limit to 32 tokens", "max_tokens.roomy", "body $",
           limits(lambda limit: min(32, limit))),
)  # fmt: skip

COUNTED = (
    mutant("usage.summed", "counts the answer as input", "response.usage.input_tokens.alone",
           "same_as", usage(lambda own: own.update(
               input_tokens=own["input_tokens"] + own["output_tokens"]))),
    mutant("stream.usage-one", "reports one output token in streams", GROW, OUTPUT,
           s.message_end(count_output(lambda count: 1))),
    mutant("stream.usage-last", "reports the tokens of the last piece only", GROW, OUTPUT,
           s.message_end(count_output(lambda count: min(3, count)))),
    mutant("stream.usage-doubled", "counts output tokens twice in streams", "max_tokens.cuts",
           OUTPUT, s.message_end(count_output(lambda count: 2 * count))),
)  # fmt: skip

ANTHROPIC_USAGE = (*mutants_in("anthropic/usage"), *ENDED, *COUNTED)
