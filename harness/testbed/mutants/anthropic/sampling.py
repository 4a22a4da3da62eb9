"""Mutants of sampling, stop sequences, streaming and thinking in Messages requests."""

from __future__ import annotations

from collections.abc import Callable

from harness.testbed.gateway import tokenizer
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.mutants.anthropic.operators import (
    answers,
    mutant,
)
from harness.testbed.mutants.openai.operators import Body

TEXT = "body $.content[?@.type=='text'].text"


def uses_limits(choose: Callable[[tuple[str, ...]], tuple[str, ...]]) -> Overrides:
    return {"anthropic.stop_sequences": lambda original, body: choose(original(body))}


def keep_stop_sequence(body: Body, whole: Body) -> None:
    if whole["stop_sequence"] and whole["content"]:
        whole["content"][-1]["text"] += whole["stop_sequence"]


ANTHROPIC_SAMPLING = (
    mutant("stop.kept", "leaves the stop sequence in the text", "stop_sequences", TEXT,
           answers(keep_stop_sequence)),
    mutant("stop.one-token", "ignores stop sequences of several tokens",
           "stop_sequences.across-chunks", TEXT,
           uses_limits(lambda stop: tuple(text for text in stop if tokenizer.count(text) == 1))),
)  # fmt: skip
