"""The protocols: paths, schemas, key headers and base URLs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Protocol:
    """One protocol: its default path, and the names of the schemas of answers and errors.

    `auth` is how its SDK sends a key: `bearer` or the name of a header. `root` is the end of the
    base URL that the SDK expects. `writes` says whether a model answers with words or calls.
    """

    path: str
    answer: str
    error: str
    auth: str
    root: str
    writes: bool = True

    def is_chat(self, path: str) -> bool:
        """Return whether a path is the protocol's; a query such as `?beta=true` does not count."""
        return path.partition("?")[0] == self.path

    def base_url(self, url: str) -> str:
        """Return the protocol's base URL for the one URL that a user gave for all protocols."""
        base, mark, query = url.partition("?")
        return url if self.root else f"{base.removesuffix('/v1')}{mark}{query}"


PROTOCOLS: Final = {
    "openai": Protocol(
        "/chat/completions", "openai/completion", "openai/error", auth="bearer", root="/v1"
    ),
    "anthropic": Protocol(
        "/v1/messages", "anthropic/message", "anthropic/error", auth="x-api-key", root=""
    ),
    "responses": Protocol(
        "/responses", "responses/response", "openai/error", auth="bearer", root="/v1"
    ),
    "embeddings": Protocol(
        "/embeddings",
        "embeddings/list",
        "openai/error",
        auth="bearer",
        root="/v1",
        writes=False,
    ),
}
