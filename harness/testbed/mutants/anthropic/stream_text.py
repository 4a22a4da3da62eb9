"""Mutants that lose, repeat or change pieces of streamed texts and arguments."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial

from harness.testbed.base import Mutant
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.mutants import stream_delivery
from harness.testbed.mutants.anthropic import stream_operators as s
from harness.testbed.mutants.anthropic.operators import mutant
from harness.testbed.mutants.openai.operators import Body
from harness.testbed.mutants.stream_delivery import WORDS, Pieces

pieces = partial(stream_delivery.pieces, hook="anthropic.text_pieces")
JOINED, RULE = "stream.text.joined", "body $.content[?@.type=='text'].text"
ARGUMENTS = "body $.content[?@.type=='tool_use'].input.city"


def strip_pieces(text: str) -> Pieces:
    """Splits at words and strips each piece, which removes all blanks."""
    return [piece.strip() for piece in WORDS.findall(text)]


def blank_pieces_dropped(original: Callable[[str], Pieces], text: str) -> Pieces:
    return [piece for piece in WORDS.findall(text) if piece.strip()]


def strip_arguments(original: Callable[[Body], Pieces], value: Body) -> Pieces:
    return strip_pieces(json.dumps(value))


def whole_block(original: Callable[..., s.Events], index: int, block: Body) -> s.Events:
    """Sends a text in content_block_start, without deltas."""
    if block["type"] != "text":
        return original(index, block)
    start = {"type": "content_block_start", "index": index, "content_block": block}
    return [start, {"type": "content_block_stop", "index": index}]


def text(name: str, description: str, override: Overrides, case: str = JOINED) -> Mutant:
    return mutant(f"stream.{name}", description, case, RULE, override)


ANTHROPIC_STREAM_TEXT = (
    text("text-blanks", "drops pieces of a text that are blank",
         {"anthropic.text_pieces": blank_pieces_dropped}),
    text("text-cumulative", "sends the whole text so far in each piece",
         pieces(lambda own: ["".join(own[: n + 1]) for n in range(len(own))])),
    mutant("stream.text-at-once", "streams a long text in one piece", "stream.text.pieces",
           "events $[?@.delta.type=='text_delta'].delta.text",
           pieces(lambda own: ["".join(own)])),
    mutant("stream.text-in-start", "sends a text in content_block_start, without deltas",
           "stream.text", "events $[?@.content_block.type=='text'].content_block.text",
           {"anthropic.block_events": whole_block}),
    mutant("stream.arguments-trimmed", "strips the pieces of the arguments",
           "stream.tool.arguments", ARGUMENTS, {"anthropic.json_pieces": strip_arguments}),
)  # fmt: skip
