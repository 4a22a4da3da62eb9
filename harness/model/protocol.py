"""What the requests and answers of a protocol are called: one record for each. Data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Protocol:
    """The path that is asked where a case names none; the schemas of an answer and of an error.

    `auth`: the header style in which its SDK sends a key. `root`: how its SDK's base URL ends.
    """

    path: str
    answer: str
    error: str
    auth: str
    root: str

    def base_url(self, url: str) -> str:
        """Where this protocol is spoken, by the one URL that a caller gave for all of them."""
        return url if self.root else url.removesuffix("/v1")


PROTOCOLS: Final = {
    "openai": Protocol(
        "/chat/completions", "openai/completion", "openai/error", auth="bearer", root="/v1"
    ),
    "anthropic": Protocol(
        "/v1/messages", "anthropic/message", "anthropic/error", auth="x-api-key", root=""
    ),
}
