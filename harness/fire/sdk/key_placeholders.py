"""Placeholders that an SDK uses as its keys; the proxy replaces them by the keys."""

from __future__ import annotations

from collections.abc import Mapping


def placeholder(use: str, token: str) -> str:
    """Returns a placeholder for the key of this use.

    `token` must not be guessable, since a client that knows the placeholder can use the proxy.
    """
    return f"sk-placeholder-{use}-{token}"


def key_label(placeholder: str) -> str:
    """Returns the label under which the placeholder's key is redacted."""
    use = placeholder.split("-")[2]
    return "caller" if use == "key" else use


def insert_keys(value: str, keys: Mapping[str, str]) -> str:
    """Replaces the placeholders in a header value by their keys."""
    for name, key in keys.items():
        value = value.replace(name, key)
    return value
