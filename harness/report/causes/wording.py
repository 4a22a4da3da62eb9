"""The sentences of `sentences.yaml`, by the beginning of a rule."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from harness.decode.streams.rules import load_rules
from harness.util import strict_yaml

SENTENCES: Final[dict[str, Any]] = strict_yaml.read_shipped(
    Path(__file__).with_name("sentences.yaml")
)


def lookup(table: str, *names: str) -> str:
    """Return the entry of a table whose key is the longest beginning of the first name with one.

    Args:
        table: `broken`, `why` or `hint`.
        names: Rules, the most specific first, and the kind of the fault.
    """
    entries: Mapping[str, str] = SENTENCES[table]
    for name in names:
        keys = [key for key in entries if name.startswith(key)]
        if keys:
            return entries[max(keys, key=len)]
    return ""


def stream_reason(protocol: str, rule: str, expected: str) -> str:
    """Return why a rule of streams exists; "" if it is not one."""
    if protocol not in ("openai", "anthropic", "responses") or not rule.startswith("stream."):
        return ""
    rules = [each for each in load_rules(protocol).values() if each.id == rule]
    return next((r.why for r in rules if expected.startswith(r.expected.partition("{")[0])), "")


def sentence(text: str) -> str:
    """Return a text with a capital letter and a full stop."""
    text = text.strip()
    if not text:
        return ""
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '?', '!')) else '.'}"
