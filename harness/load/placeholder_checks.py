"""Finds `$names` in requests that neither the pack nor an earlier step defines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from harness.load.files import File
from harness.load.semantics import COMPARING, assertions
from harness.model import Json
from harness.util import json_pointer, placeholders

SENT: Final = (
    *("request/body", "request/headers", "control/body"),
    *("values", "boundary_values", "wrong_type_values", "value"),
)
EXPECTED: Final = ("body", "events", "headers", "forwarded")  # checks with expected values
MODEL: Final = {"model": "a model"}
MAX_TOTAL: Final = 5_000_000  # values of all requests in a file


class Definitions:
    """The definitions of a pack. Each name is filled in once, however often it is used.

    Attributes:
        total: How many values all names that were checked so far stand for.
    """

    def __init__(self, define: Mapping[str, Json]) -> None:
        self.names = {**define, **MODEL}
        self.filler = placeholders.Filler(self.names, memo={})
        self.total = 0

    def problem(self, name: str) -> str:
        """Return why a name cannot be filled in, or nothing."""
        self.filler.size, problem = 0, ""
        try:
            self.filler.fill(f"${name}", ())
        except (placeholders.UnknownName, placeholders.NameProblem) as error:
            problem = str(error)
        except RecursionError:
            problem = str(placeholders.TooLarge())
        self.total += self.filler.size
        if self.total > MAX_TOTAL and not problem:
            return f"the names that the file uses stand for more than {MAX_TOTAL:,} values"
        return problem


def undefined_names(spec: Mapping[str, Any], definitions: Definitions) -> Iterator[tuple[str, str]]:
    """Yield (pointer, what to do) for every undefined name in what a case sends."""
    steps = spec.get("steps", ())
    yield from expected_names(spec)
    for at, value in sent_values(spec):
        yield from undefined_in(value, at, definitions, captured_names(steps))
    for index, step in enumerate(steps):
        before, at = captured_names(steps[:index]), f"/steps/{index}"
        request = step.get("request", {})
        yield from undefined_in(request.get("body", {}), f"{at}/request/body", definitions, before)
        # Headers are sent as planned, without values of earlier answers.
        headers = request.get("headers", {})
        yield from undefined_in(headers, f"{at}/request/headers", definitions, set())
        for name in sorted(step.get("capture", {}).keys() & definitions.names.keys()):
            text = f"the capture `{name}` hides the pack's ${name}; choose another name"
            yield f"{at}/capture/{name}", text


def expected_names(spec: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each name among expected values, where it would be compared as it is written."""
    for at, check, args in assertions(spec):
        for here, name in placeholders.find_names(args if check in EXPECTED else None, at):
            yield here, f"${name} is filled in only in requests; write the value, or a pattern"


def sent_values(spec: Mapping[str, Any]) -> Iterator[tuple[str, Json]]:
    for pattern in SENT:
        yield from json_pointer.select(spec, pattern)
    for at, name, args in assertions(spec):
        if name in COMPARING:
            for pointer, body in json_pointer.select(args, "control/body"):
                yield at + pointer, body


def captured_names(steps: Any) -> set[str]:
    return {name for step in steps for name in step.get("capture", {})}


def check_pack(file: File, define: Mapping[str, Json]) -> None:
    """Report undefined names in the requests of pack.yaml, which every case builds on."""
    definitions = Definitions(define)
    for key in ("define", "body", "modes", "protocols", "answers"):
        for at, text in undefined_in(file.data.get(key, {}), f"/{key}", definitions, set()):
            file.add_problem(at, text)


def undefined_in(
    value: Json, at: str, definitions: Definitions, known: set[str]
) -> Iterator[tuple[str, str]]:
    for here, name in placeholders.find_names(value, at):
        if name.partition(".")[0] not in known and (problem := definitions.problem(name)):
            yield here, problem
