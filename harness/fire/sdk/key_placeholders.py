"""What stands for a key where an SDK may see it, and the key in its place. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from harness.model import Pairs


def placeholder(use: str, token: str) -> str:
    """Looks like a key, and cannot be guessed: whoever has it may use the relay."""
    return f"sk-placeholder-{use}-{token}"


def label(placeholder: str) -> str:
    use = placeholder.split("-")[2]
    return "caller" if use == "key" else use


def with_keys(value: str, keys: Mapping[str, str]) -> str:
    for name, key in keys.items():
        value = value.replace(name, key)
    return value


def without(pairs: Iterable[tuple[str, str]], names: Iterable[str]) -> Pairs:
    left_out = set(names)
    return tuple(pair for pair in pairs if pair[0].lower() not in left_out)
