"""Hides secrets in exchanges.

Most exchanges contain no secret, and a search costs more by the call than by the byte. So the texts
of an exchange are joined and searched once, and separately only if something was found.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import lru_cache
from typing import Final

from harness.fire.redaction.common_words import common_words
from harness.fire.redaction.opaque import without_opaque_body
from harness.fire.redaction.secrets import find_secrets, redact_header
from harness.fire.redaction.text import TextRedactor
from harness.model import Exchange, Pairs, Target

MAX_NOTE: Final = 300  # characters
MAX_CACHED_HEADERS: Final = 1000
LARGE: Final = 256 * 1024  # bytes of a body whose search takes more than a few milliseconds


class ExchangeRedactor(TextRedactor):
    """Hides secrets, given by label, and the target's own headers if they are secret."""

    def __init__(
        self, secrets: Mapping[str, str], target: Target, words: Iterable[str] = ()
    ) -> None:
        super().__init__(secrets, words)
        own = [pair for endpoint in target.endpoints.values() for pair in endpoint.headers]
        self.own_headers = {pair: self.pairs((redact_header(*pair),))[0] for pair in own}
        # One thread: searches of large bodies side by side would take more memory and no less time.
        self.thread = ThreadPoolExecutor(1, "redact")
        # Most headers recur.
        self.cached_pair = lru_cache(MAX_CACHED_HEADERS)(lambda pair: self.pairs((pair,))[0])

    def sentences(self) -> list[str]:
        """Returns a sentence for each secret that is not hidden everywhere."""
        why = "can be a part of right answers: it is hidden only in headers that carry keys"
        return [f"the key [key:{label}] {why}" for label in self._short.values()]

    def note(self, text: str) -> str:
        """Returns a note of limited length; it may quote what came, and only a part of that."""
        clean = self.quoting(text)
        return clean if len(clean) <= MAX_NOTE else f"{clean[: MAX_NOTE - 1]}…"

    def request_headers(self, headers: Pairs) -> Pairs:
        return tuple(self.own_headers.get(pair) or self.cached_pair(pair) for pair in headers)

    async def redact(self, exchange: Exchange) -> Exchange:
        """Returns the exchange without secrets; other requests go on during a long search."""
        if sum(len(piece) for _, piece in exchange.chunks) < LARGE:
            return self.exchange(exchange)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.thread, self.exchange, exchange)

    def exchange(self, exchange: Exchange) -> Exchange:
        """Returns the exchange without secrets. `forwarded` is hidden by the upstream observer."""
        exchange = without_opaque_body(exchange)
        clean = replace(
            exchange,
            request_headers=self.request_headers(exchange.request_headers),
            chunks=self.chunks(exchange.chunks),
            note=self.note(exchange.note),
        )
        header_texts = (text for pair in exchange.headers for text in pair)
        joined = "\n\n".join([exchange.url, exchange.request_body, *header_texts])
        if self.text(joined) == joined and not self.has_short_key:
            return clean
        return replace(
            clean,
            url=self.text(exchange.url),
            request_body=self.text(exchange.request_body),
            headers=self.pairs(exchange.headers),
        )


def make_redactor(
    target: Target,
    keys: Mapping[str, str],
    proxies: Iterable[str] = (),
    packs: Iterable[str] = (),
) -> ExchangeRedactor:
    """Returns the redactor of a run: for its keys, and the secrets in the target and in proxies."""
    secrets = find_secrets(target, keys, proxies)
    return ExchangeRedactor(secrets, target, common_words(secrets.values(), target, packs))
