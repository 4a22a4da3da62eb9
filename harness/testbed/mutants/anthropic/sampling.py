"""Mutants of sampling, stop sequences, streaming and thinking in Messages requests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.testbed.gateway import tokenizer
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.model_types import Json
from harness.testbed.mutants.anthropic.operators import (
    answers,
    misreads,
    mutant,
    refuses,
)
from harness.testbed.mutants.openai.operators import Body
from harness.testbed.mutation.rows import mutants_in

NAMED, CONSISTENT = "honoured_or_refused.named", "honoured_or_refused.consistent"
TEXT = "body $.content[?@.type=='text'].text"
FIRST, THOUGHT = "body $.content[0].type", "body $.content[?@.type=='thinking']"


def uses_limits(choose: Callable[[tuple[str, ...]], tuple[str, ...]]) -> Overrides:
    return {"anthropic.stop_sequences": lambda original, body: choose(original(body))}


def keep_stop_sequence(body: Body, whole: Body) -> None:
    if whole["stop_sequence"] and whole["content"]:
        whole["content"][-1]["text"] += whole["stop_sequence"]


def include_thinking(body: Body, whole: Body) -> None:
    """Includes the thinking in the text."""
    if whole["content"][0]["type"] == "thinking":
        whole["content"] = [{"type": "text", "text": "<think>Well.</think> 1"}]


def force_thinking(request: Any) -> Json:
    return request.thinking and {"type": "enabled"}


SAMPLING = (
    mutant("stop.kept", "leaves the stop sequence in the text", "stop_sequences", TEXT,
           answers(keep_stop_sequence)),
    mutant("stop.one-token", "ignores stop sequences of several tokens",
           "stop_sequences.across-chunks", TEXT,
           uses_limits(lambda stop: tuple(text for text in stop if tokenizer.count(text) == 1))),
    mutant("stop.single-only", "rejects two stop sequences and takes one", "stop_sequences",
           CONSISTENT, refuses(lambda body: len(body.get("stop_sequences") or ()) == 2,
                               "stop_sequences")),
)  # fmt: skip

THINKING = (
    mutant("thinking.aloud", "includes the thinking in the text", "thinking",
           TEXT, answers(include_thinking)),
    mutant("thinking.always", "thinks although thinking is disabled", "thinking.disabled", THOUGHT,
           misreads(thinking=force_thinking)),
)  # fmt: skip

ANTHROPIC_SAMPLING = (*mutants_in("anthropic/sampling"), *SAMPLING, *THINKING)
