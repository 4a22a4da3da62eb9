"""Mutants of openai-chat's own cases: messages, tools, errors, models and streams."""

from __future__ import annotations

from harness.testbed.base import Mutant

CHAT = (
    Mutant("chat.stream-whole", "streams the text in one piece", "stream.text.pieces",
           "events $[*].choices[*].delta.content",
           {"text_pieces": lambda original, text: [text] if text else []}),
)  # fmt: skip
