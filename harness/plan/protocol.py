"""What the requests and answers of a protocol are called: one record for each. Data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Protocol:
    """The path that is asked where a case names none; the schemas of an answer and of an error."""

    path: str
    answer: str
    error: str


PROTOCOLS = {
    "openai": Protocol("/chat/completions", "openai/completion", "openai/error"),
}
