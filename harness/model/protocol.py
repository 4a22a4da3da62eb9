"""The chat protocols: paths, schemas, key headers and base URLs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Protocol:
    """One protocol.

    Attributes:
        path: The path of a request without a path of its own.
        answer: The name of the schema of an answer.
        error: The name of the schema of an error.
        auth: How the protocol's SDK sends a key: `bearer` or the name of a header.
        root: The end of the base URL that the SDK expects.
    """

    path: str
    answer: str
    error: str
    auth: str
    root: str

    def base_url(self, url: str) -> str:
        """Derive the protocol's base URL from the one URL that a user gave for all protocols."""
        return url if self.root else url.removesuffix("/v1")


PROTOCOLS: Final = {
    "openai": Protocol(
        "/chat/completions", "openai/completion", "openai/error", auth="bearer", root="/v1"
    ),
    "anthropic": Protocol(
        "/v1/messages", "anthropic/message", "anthropic/error", auth="x-api-key", root=""
    ),
}
