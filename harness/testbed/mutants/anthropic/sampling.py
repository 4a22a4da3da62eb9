"""Mutants of sampling, stop sequences, streaming and thinking in Messages requests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.testbed.gateway import tokenizer
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.model_types import Json
from harness.testbed.mutants.anthropic.operators import (
    answers,
    any_of,
    block,
    crashes,
    forgives,
    has_invalid_value,
    instead,
    misreads,
    mutant,
    reason,
    refuses,
)
from harness.testbed.mutants.openai.operators import Body, Test, has, sets

REFUSED, CRASHED = "rejected.refused", "rejected.status"
NAMED, CONSISTENT = "honoured_or_refused.named", "honoured_or_refused.consistent"
TEXT = "body $.content[?@.type=='text'].text"
FIRST, THOUGHT = "body $.content[0].type", "body $.content[?@.type=='thinking']"


def rejects_unnamed(test: Test) -> Overrides:
    """Rejects valid requests without naming the field."""
    return refuses(test, "sampling")


def uses_limits(choose: Callable[[tuple[str, ...]], tuple[str, ...]]) -> Overrides:
    return {"anthropic.stop_sequences": lambda original, body: choose(original(body))}


def report_stop_sequence(body: Body, whole: Body) -> None:
    if body.get("stop_sequences"):
        whole["stop_reason"] = "stop_sequence"


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
    mutant("temperature.zero", "rejects a temperature of 0 without naming it", "temperature",
           NAMED, rejects_unnamed(any_of("temperature", 0))),
    mutant("temperature.zero-only", "rejects a temperature of 0 and takes others", "temperature",
           CONSISTENT, refuses(any_of("temperature", 0), "temperature")),
    mutant("temperature.streams-only", "rejects temperatures in streams only", "temperature",
           CONSISTENT, refuses(lambda body: bool(body.get("stream")) and "temperature" in body,
                               "temperature")),
    mutant("temperature.clamped", "clamps a temperature above 1", "temperature.beyond",
           REFUSED, instead("temperature", 1)),
    mutant("temperature.crash", "returns a 500 for a temperature that is not a number",
           "temperature.wrong-type", CRASHED, crashes(has_invalid_value("temperature"))),
    mutant("temperature.pair", "rejects temperature with top_p without naming them",
           "temperature.with-top_p", "any_of",
           rejects_unnamed(lambda body: "temperature" in body and "top_p" in body)),
    mutant("top_p.beside-temperature", "rejects top_p beside temperature as if it never took it",
           "temperature.with-top_p", "any_of",
           refuses(lambda body: "temperature" in body and "top_p" in body, "top_p")),
    mutant("top_p.refused", "rejects top_p without naming it", "top_p", NAMED,
           rejects_unnamed(has("top_p"))),
    mutant("top_p.nonsense", "ignores an invalid top_p", "top_p.impossible", REFUSED,
           forgives("top_p")),
    mutant("top_k.refused", "rejects top_k without naming it", "top_k", NAMED,
           rejects_unnamed(has("top_k"))),
    mutant("top_k.small-only", "rejects a top_k above 1 and takes 1", "top_k", CONSISTENT,
           refuses(lambda body: body.get("top_k", 0) > 1, "top_k")),
    mutant("top_k.nonsense", "ignores an invalid top_k", "top_k.impossible", REFUSED,
           forgives("top_k")),
    mutant("stop.ignored", "ignores stop sequences", "stop_sequences", TEXT,
           uses_limits(lambda stop: ())),
    mutant("stop.end_turn", "reports end_turn at a stop sequence",
           "stop_sequences.reported", "any_of", reason("stop", "end_turn")),
    mutant("stop.untold", "omits the stop sequence that was found", "stop_sequences.reported",
           "any_of",
           {"anthropic.stop_sequence": lambda original, reply: None}),
    mutant("stop.kept", "leaves the stop sequence in the text", "stop_sequences", TEXT,
           answers(keep_stop_sequence)),
    mutant("stop.first", "uses only the first stop sequence", "stop_sequences.several", TEXT,
           uses_limits(lambda stop: stop[:1])),
    mutant("stop.one-token", "ignores stop sequences of several tokens",
           "stop_sequences.across-chunks", TEXT,
           uses_limits(lambda stop: tuple(text for text in stop if tokenizer.count(text) == 1))),
    mutant("stop.always", "reports stop_sequence whenever one is set", "stop_sequences.not-met",
           "body $.stop_reason", answers(report_stop_sequence)),
    mutant("stop.refused", "rejects stop sequences without naming them", "stop_sequences", NAMED,
           rejects_unnamed(has("stop_sequences"))),
    mutant("stop.streams-only", "rejects stop sequences in streams only", "stop_sequences",
           CONSISTENT, refuses(lambda body: bool(body.get("stream")) and "stop_sequences" in body,
                               "stop_sequences")),
    mutant("stop.single-only", "rejects two stop sequences and takes one", "stop_sequences",
           CONSISTENT, refuses(lambda body: len(body.get("stop_sequences") or ()) == 2,
                               "stop_sequences")),
    mutant("stop.empty", "rejects an empty list of stop sequences", "stop_sequences.empty",
           CONSISTENT, refuses(any_of("stop_sequences", []), "stop_sequences")),
    mutant("stop.crash", "returns a 500 for blank stop sequences", "stop_sequences.whitespace",
           "status", crashes(has_invalid_value("stop_sequences"))),
    mutant("stop.blank", "ignores all stop sequences if one is blank",
           "stop_sequences.whitespace.beside-real", "any_of", forgives("stop_sequences")),
    mutant("stop.nonsense", "ignores invalid stop sequences", "stop_sequences.wrong-type",
           REFUSED, forgives("stop_sequences")),
    mutant("stream.never", "does not stream", "stream.true", "headers content-type",
           {"anthropic.wants_stream": lambda original, body: False}),
    mutant("stream.nonsense", "treats an invalid stream as false", "stream.wrong-type", REFUSED,
           forgives("stream")),
)  # fmt: skip

THINKING = (
    mutant("thinking.ignored", "ignores thinking", "thinking", FIRST,
           misreads(thinking=lambda request: None)),
    mutant("thinking.aloud", "includes the thinking in the text", "thinking",
           TEXT, answers(include_thinking)),
    mutant("thinking.unsigned", "omits the signature of thinking", "thinking.block", THOUGHT,
           block("thinking", sets(signature=""))),
    mutant("thinking.always", "thinks although thinking is disabled", "thinking.disabled", THOUGHT,
           misreads(thinking=force_thinking)),
    mutant("thinking.budget", "accepts any thinking budget", "thinking.budget", REFUSED,
           forgives("thinking")),
    mutant("thinking.nonsense", "ignores an invalid thinking", "thinking.nonsense", REFUSED,
           forgives("thinking")),
    mutant("thinking.crash", "returns a 500 for an invalid thinking", "thinking.nonsense", CRASHED,
           crashes(has_invalid_value("thinking"))),
)  # fmt: skip

ANTHROPIC_SAMPLING = (*SAMPLING, *THINKING)
