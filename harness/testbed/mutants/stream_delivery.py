"""Mutants of both endpoints that deliver streams late, or damage pieces of them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from harness.testbed.base import Mutant
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.mutants.openai.operators import Body

Pieces = list[str]
WORDS = re.compile(r"\S+|\s+")
PER_PIECE = 0.15  # seconds that the model takes
ARRIVAL = ("stream.text.arrival", "stream.arrival")


def hold_back(original: Callable[[int], list[float]], pieces: int) -> list[float]:
    """Waits until the answer is whole, and then sends all pieces."""
    return [PER_PIECE * pieces] + [0.0] * (pieces - 1)


def pieces(change: Callable[[Pieces], Pieces], hook: str = "text_pieces") -> Overrides:
    """Changes the pieces of a streamed text of several pieces; `hook` selects the endpoint."""

    def text_pieces(original: Callable[[str], Pieces], text: str) -> Pieces:
        own = original(text)
        return change(own) if len(own) > 3 else own

    return {hook: text_pieces}


def argument_pieces(change: Callable[[Pieces], Pieces]) -> Overrides:
    """Changes the pieces of streamed arguments, which are split at words."""

    def call_pieces(original: Callable[..., list[Body]], number: int, call: Body) -> list[Body]:
        words = WORDS.findall(json.dumps(json.loads(call["function"]["arguments"])))
        fragments = ({"arguments": piece} for piece in change(words))
        return [original(number, call)[0], *({"index": number, "function": f} for f in fragments)]

    return {"call_pieces": call_pieces}


def strip_all(own: Pieces) -> Pieces:
    return [piece.strip() for piece in own]


def drop_blank(own: Pieces) -> Pieces:
    return [piece for piece in own if piece.strip()]


def chat(name: str, description: str, case: str, rule: str, override: Overrides) -> Mutant:
    return Mutant(f"chat.{name}", description, f"openai-chat/{case}", rule, override)


STREAM_DELIVERY = (
    chat("stream-held-back", "holds a stream back until it is whole", *ARRIVAL,
         {"pauses": hold_back}),
    Mutant("anthropic.stream.held-back", "holds a stream back until it is whole",
           f"anthropic-messages/{ARRIVAL[0]}", ARRIVAL[1], {"anthropic.pauses": hold_back}),
    chat("arguments-trimmed", "strips the pieces of the arguments", "stream.arguments",
         "body $.choices[0].message.tool_calls[0].function.arguments",
         argument_pieces(strip_all)),
    chat("arguments-blanks", "drops blank pieces of the arguments", "stream.arguments",
         "body $.choices[0].message.tool_calls[0].function.arguments",
         argument_pieces(drop_blank)),
)  # fmt: skip
