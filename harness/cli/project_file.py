"""The options of `harness run` in a project file: `harness.toml`, or pyproject.toml.

The file is the nearest one in the current folder or above. Its keys are the names of the options
without dashes in front; options of the command line replace them.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import click
from click.core import ParameterSource

from harness.model.options import OPTIONS, Option
from harness.util.errors import UsageError, file_errors
from harness.util.file_access import MAX_YAML, read_text

OWN: Final = "harness.toml"
SHARED: Final = "pyproject.toml"
TABLE: Final = "tool.harness"
SWITCH: Final = "HARNESS_PROJECT_FILE"  # `none`: no file is read, as in the units of a fleet
# Options of a single run.
PER_RUN: Final = ("resume", "dry_run", "open", "quiet", "verbose")
PATHS: Final = ("FILE", "DIR")  # the metavars of options whose values are paths
NAMES_OR_PATHS: Final = ("target", "packs")
KINDS: Final[Mapping[type, dict[str, Any]]] = {
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    str: {"type": "string", "minLength": 1},
    tuple: {"type": "array", "items": {"type": "string", "minLength": 1}},
}


def file_options() -> dict[str, Option]:
    """Return the options that a file can have, by their keys."""
    command = [option for option in OPTIONS if option.surface in ("both", "command")]
    return {option.name: option for option in command if option.field not in PER_RUN}


def schema() -> dict[str, Any]:
    """Return the JSON Schema of the options in a file."""
    properties = {}
    for name, option in file_options().items():
        about = {"description": option.help, **KINDS[type(option.default)]}
        properties[name] = about | ({"enum": [*option.choices]} if option.choices else {})
    return {"type": "object", "properties": properties, "additionalProperties": False}


def find_file(folder: Path) -> tuple[Path, Mapping[str, Any]] | None:
    """Return the nearest file with options, and them. Raises UsageError for an invalid file."""
    for here in (folder, *folder.parents):
        for path in (here / OWN, here / SHARED):
            if path.is_file():
                data = read_toml(path)
                options = data if path.name == OWN else data.get("tool", {}).get("harness")
                if options is not None:
                    check(path, options)
                    return path, options
    return None


def read_toml(path: Path) -> dict[str, Any]:
    with file_errors("read", path):
        text = read_text(path, MAX_YAML)
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UsageError(f"{path}: {error}") from error


def check(path: Path, options: Any) -> None:
    """Raises UsageError, which never quotes a value: it may be a key."""
    from jsonschema import Draft202012Validator

    from harness.util.suggestion import suggestion

    place = str(path) if path.name == OWN else f"{path}: [{TABLE}]"
    for key in options if isinstance(options, dict) else ():
        if key not in file_options():
            hint = suggestion(key, {*file_options()}, "`harness run --help` lists the options")
            raise UsageError(f"{place}: no option `{key}`; {hint}")
    for error in Draft202012Validator(schema()).iter_errors(options):
        name = error.path[0] if error.path else TABLE
        if error.validator == "minLength":
            raise UsageError(f"{place}: `{name}` is empty: leave it out")
        raise UsageError(f"{place}: `{name}` takes {describe(str(name))}")


def describe(name: str) -> str:
    """`one of fail, warn`, `a list of strings`, `a number`."""
    known = schema()["properties"].get(name, {"type": "object"})
    if "enum" in known:
        return f"one of {', '.join(known['enum'])}"
    kind = known["type"]
    words = {"array": "a list of strings", "object": "a table", "integer": "an integer"}
    return words.get(kind, f"a {kind}")


def default_map(path: Path, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return click's values by field; paths are relative to the file."""
    known = file_options()
    return {known[key].field: located(path, known[key], value) for key, value in options.items()}


def located(path: Path, option: Option, value: Any) -> Any:
    if isinstance(value, list):
        return [located(path, option, item) for item in value]
    is_path = option.metavar in PATHS
    if option.field in NAMES_OR_PATHS:
        is_path = "://" not in value and (path.parent / value).exists()
    return os.path.relpath(path.parent / value) if is_path and value else value


class ProjectCommand(click.Command):
    """A command whose options have their defaults in a project file."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        unused = {"--help", "-h"} & {*args} or os.environ.get(SWITCH) == "none"
        project = None if unused else find_file(Path.cwd())
        if project:
            ctx.default_map = default_map(*project)
        rest = super().parse_args(ctx, args)
        if project and used_options(ctx) and not ctx.params.get("quiet"):
            names = ", ".join(option_name(option) for option, _ in used_options(ctx))
            click.echo(f"from {os.path.relpath(project[0])}: {names}")
        return rest


def used_options(ctx: click.Context) -> list[tuple[click.Parameter, Any]]:
    """Return the parameters of a command that have a value of the file, with it."""
    return [
        (param, ctx.params[param.name])
        for param in ctx.command.params
        if param.name and ctx.get_parameter_source(param.name) is ParameterSource.DEFAULT_MAP
    ]


def option_name(param: click.Parameter) -> str:
    return param.opts[0].lstrip("-")


def with_file_options(words: Sequence[str], ctx: click.Context) -> list[str]:
    """Return the words of a command with the options of the file, so that they repeat the run."""
    target, flags = list[str](), list[str]()
    for param, value in used_options(ctx):
        if isinstance(param, click.Argument):
            target.append(str(value))
        else:
            flags += words_of(param, value)
    return [*words[:1], *target, *flags, *words[1:]]


def words_of(param: click.Parameter, value: Any) -> Iterator[str]:
    name = param.opts[0]
    if isinstance(value, bool):
        yield from [name] if value else []
    else:
        for item in value if isinstance(value, tuple) else (value,):
            yield from (name, str(item))
