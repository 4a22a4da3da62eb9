"""Exchange -> the same with every secret blacked out. May not look at anything else.

Most answers hold no secret, and a search costs more by the call than by the byte: so the texts of
an exchange are searched as one, and each for itself only where something was found.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from harness.fire.redaction.secrets import redact_header
from harness.fire.redaction.text import SHORTEST, Redactor
from harness.model import Exchange, Pairs, Target

NOTE: Final = 300


class ExchangeRedactor:
    """`secrets`: label -> secret; `target`: the one whose own headers may not be read either."""

    def __init__(self, secrets: Mapping[str, str], target: Target) -> None:
        self.text_redactor = Redactor(secrets)
        self.short = any(len(secret) < SHORTEST for secret in secrets.values())
        given = [pair for endpoint in target.endpoints.values() for pair in endpoint.headers]
        self.own = {pair: self.text_redactor.pairs((redact_header(*pair),))[0] for pair in given}

    def text(self, text: str) -> str:
        return self.text_redactor.text(text)

    def note(self, text: str) -> str:
        """Cut only when it is clean: half a key is a secret that no search finds."""
        shown = self.text(text)
        return shown if len(shown) <= NOTE else f"{shown[: NOTE - 1]}…"

    def sent(self, headers: Pairs) -> Pairs:
        """Request headers; each is looked at once in a run."""
        for pair in headers:
            if pair not in self.own:
                if len(self.own) > 1000:
                    return self.text_redactor.pairs(headers)
                self.own[pair] = self.text_redactor.pairs((pair,))[0]
        return tuple(self.own[pair] for pair in headers)

    def exchange(self, seen: Exchange) -> Exchange:
        shown = replace(
            seen,
            request_headers=self.sent(seen.request_headers),
            chunks=self.text_redactor.chunks(seen.chunks),
            note=self.note(seen.note),
        )
        texts = [seen.url, seen.request_body, *(part for pair in seen.headers for part in pair)]
        whole = "\n".join(texts)
        if self.text(whole) == whole and not self.short:
            return shown
        return replace(
            shown,
            url=self.text(seen.url),
            request_body=self.text(seen.request_body),
            headers=self.text_redactor.pairs(seen.headers),
        )
