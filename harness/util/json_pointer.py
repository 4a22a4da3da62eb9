"""JSON Pointers (RFC 6901): build, split and resolve them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from harness.model import Json


def join(tokens: Iterable[str | int]) -> str:
    """Return the pointer with these tokens; no tokens are the whole document, the empty string."""
    return "".join(f"/{escape(str(token))}" for token in tokens)


def escape(token: str) -> str:
    """Return one token as it is written in a pointer."""
    return token.replace("~", "~0").replace("/", "~1")


def split(pointer: str) -> list[str]:
    """Return the unescaped tokens of a pointer. Raises ValueError."""
    if pointer and not pointer.startswith("/"):
        raise ValueError(f"{pointer!r} is not a JSON Pointer: it must begin with a slash")
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]


def resolve(data: Json, pointer: str) -> Json:
    """Return the value at a pointer, or None if there is no such member or item."""
    for token in split(pointer):
        if isinstance(data, Mapping):
            data = data.get(token)
        elif isinstance(data, list) and token.isdecimal() and int(token) < len(data):
            data = data[int(token)]
        else:
            return None
    return data


def select(data: Json, pattern: str, at: str = "") -> Iterator[tuple[str, Json]]:
    """Yield (pointer, value) of all that a pattern such as `*/paths/*` matches."""
    head, _, tail = pattern.partition("/")
    items: Iterable[tuple[str | int, Json]] = data.items() if isinstance(data, dict) else ()
    for key, value in enumerate(data) if isinstance(data, list) else items:
        if head in ("*", key):
            here = f"{at}/{escape(str(key))}"
            yield from select(value, tail, here) if tail else [(here, value)]
