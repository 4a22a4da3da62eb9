"""Walks through the values of forwarded requests, and compares requests value by value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from harness.language.checks.base import Findings
from harness.model import Finding, Json
from harness.util.format_value import format_value

Leaves = dict[str, Json]


def leaves_of(body: Json, ignored: str | None = None) -> Leaves:
    """Return the values of a forwarded request by pointer.

    A system prompt in several blocks is one text.

    Args:
        ignored: The name of a member that is left out everywhere, such as a gateway's own marks of
            what to cache; they change no answer and move with the last message.
    """
    body = without_member(body, ignored)
    if isinstance(body, Mapping):
        system = body.get("system")
        texts = [plain_text(block) for block in system] if isinstance(system, list) else [None]
        if texts and None not in texts:
            body = {**body, "system": "\n".join(map(str, texts))}
    return leaves(body)


def every_value(value: Json) -> Iterator[Json]:
    """Yield the value and all values in it, at any depth; names of members are none."""
    yield value
    if isinstance(value, Mapping | list):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from every_value(inner)


def members(value: Json, name: str) -> list[Json]:
    """Return the values of all members with a name, at any depth."""
    inner = every_value(value)
    return [each[name] for each in inner if isinstance(each, Mapping) and name in each]


def without_member(value: Json, name: str | None) -> Json:
    if isinstance(value, Mapping):
        return {key: without_member(item, name) for key, item in value.items() if key != name}
    return [without_member(item, name) for item in value] if isinstance(value, list) else value


def plain_text(block: Json) -> str | None:
    """Return the text of a block with only a type and a text; otherwise None."""
    text = block.get("text") if isinstance(block, Mapping) and len(block) == 2 else None
    return text if isinstance(text, str) else None


def leaves(value: Json, pointer: str = "") -> Leaves:
    """Return every leaf by its pointer; an empty object or array is a leaf."""
    items: list[tuple[str, Json]] = []
    if isinstance(value, Mapping):
        items = [(key, item) for key, item in value.items() if item is not None]
    elif isinstance(value, list):
        items = [(str(index), item) for index, item in enumerate(value)]
    if not items:
        return {pointer: value}
    return {k: v for key, item in items for k, v in leaves(item, f"{pointer}/{key}").items()}


def differences(own: Leaves, controls: Sequence[Leaves]) -> Findings:
    """Compare with the controls wherever they agree with one another."""
    for pointer in sorted(set(own).union(*controls)):
        values = [control.get(pointer) for control in controls]
        if any(value != values[0] for value in values) or own.get(pointer) == values[0]:
            continue
        expected = format_value(values[0]) if pointer in controls[0] else "nothing here"
        got = format_value(own[pointer]) if pointer in own else "nothing there"
        yield Finding(f"forwarded {pointer}", f"{expected}, as without the field", got)
