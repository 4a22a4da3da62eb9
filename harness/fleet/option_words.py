"""Options of `harness run` in a fleet file, by their names without dashes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from harness.load.files import File
from harness.model.options import OPTIONS, Option, options_from
from harness.util import json_pointer
from harness.util.suggestion import suggestion

# What the fleet itself decides: the units, their folders, and what repeats or divides a run.
OWN: Final = (
    *("target", "packs", "model", "name", "out", "shard", "resume"),
    *("dry_run", "open", "quiet", "verbose", "nonce"),
)
ALL: Final = {option.name: option for option in OPTIONS if option.surface in ("both", "command")}
TAKEN: Final = {name: option for name, option in ALL.items() if option.field not in OWN}


def check_options(file: File, at: str, options: Mapping[str, Any]) -> None:
    """Add every mistake in the options at a pointer to the file. No value is quoted."""
    for name, value in options.items():
        option = TAKEN.get(name)
        place = f"{at}/{json_pointer.escape(name)}"
        if option is None:
            file.add_problem(place, f"no option `{name}`; {hint(name)}")
        elif not fits(option, value):
            file.add_problem(place, f"`{name}` takes {kind(option)}")
        else:
            check_value(file, place, option, value)


def hint(name: str) -> str:
    if name in ALL:
        return "the fleet sets it for each unit"
    return suggestion(name, TAKEN, "`harness run --help` lists the options")


def fits(option: Option, value: Any) -> bool:
    """Whether a value has the type of an option."""
    if isinstance(option.default, bool):
        return isinstance(value, bool)
    if isinstance(option.default, tuple):
        return isinstance(value, list)
    if isinstance(option.default, str):
        return isinstance(value, str) and (not option.choices or value in option.choices)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and (isinstance(option.default, float) or isinstance(value, int))


def kind(option: Option) -> str:
    if option.choices:
        return f"one of {', '.join(option.choices)}"
    words = {bool: "true or false", tuple: "a list of strings", str: "a string", int: "an integer"}
    return words.get(type(option.default), "a number")


def check_value(file: File, place: str, option: Option, value: Any) -> None:
    try:
        options_from({option.field: value})
    except ValueError as error:
        file.add_problem(place, str(error))


def is_path(name: str) -> bool:
    """Whether the value of an option is the path of a file."""
    return name in ALL and ALL[name].metavar == "FILE"


def option_words(options: Mapping[str, Any]) -> Iterator[str]:
    """Yield the words of a command line with these options."""
    for name, value in options.items():
        if isinstance(value, bool):
            yield from [f"--{name}"] if value else []
        else:
            for item in value if isinstance(value, list) else [value]:
                yield from (f"--{name}", str(item))
