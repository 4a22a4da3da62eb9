"""The $names in what a case sends -> those that nobody defines. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from harness.load.files import File
from harness.load.semantics import COMPARED, assertions
from harness.model import Json
from harness.util import placeholders
from harness.util.json_pointer import escape

SENT = ("request", "provoke", "joined", "without", "values", "extreme", "wrong", "value", "others")
MODEL = {"model": "a model"}


def unknown(spec: Mapping[str, Any], define: Mapping[str, Json]) -> Iterator[tuple[str, str]]:
    """(pointer, what to do) of every name that neither the pack nor an earlier step defines."""
    names = {**define, **MODEL}
    steps = spec.get("steps", ())
    for at, value in sent(spec):
        yield from wrong(value, at, names, captured(steps))
    for index, step in enumerate(steps):
        before, at = captured(steps[:index]), f"/steps/{index}"
        yield from wrong(step.get("request", {}), f"{at}/request", names, before)
        for name in sorted(step.get("capture", {}).keys() & names.keys()):
            text = f"the capture `{name}` hides the pack's ${name}; choose another name"
            yield f"{at}/capture/{name}", text


def sent(spec: Mapping[str, Any]) -> Iterator[tuple[str, Json]]:
    yield from ((f"/{key}", spec[key]) for key in SENT if key in spec)
    for at, name, args in assertions(spec):
        if name in COMPARED:
            yield f"{at}/control/request", args["control"].get("request", {})
    control = spec.get("assume", {}).get("control", {})
    yield "/assume/control/request", control.get("request", {})


def captured(steps: Any) -> set[str]:
    return {name for step in steps for name in step.get("capture", {})}


def check_pack(file: File, define: Mapping[str, Json]) -> None:
    """The same for pack.yaml itself, whose requests every case is laid over."""
    names = {**define, **MODEL}
    for key in ("define", "base", "modes", "other_protocols", "panel"):
        for at, text in wrong(file.data.get(key, {}), f"/{key}", names, set()):
            file.wrong(at, text)


def wrong(
    value: Json, at: str, names: Mapping[str, Json], known: set[str]
) -> Iterator[tuple[str, str]]:
    for here, name in texts(value, at):
        if name.partition(".")[0] not in known:
            try:
                placeholders.fill(f"${name}", names)
            except (placeholders.UnknownName, placeholders.CircularName) as error:
                yield here, str(error)


def texts(value: Json, at: str) -> Iterator[tuple[str, str]]:
    """(pointer, name) of every text that is wholly a $name."""
    if isinstance(value, str):
        yield from ((at, name) for name in placeholders.names_in(value))
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from texts(inner, f"{at}/{escape(key)}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from texts(inner, f"{at}/{index}")
