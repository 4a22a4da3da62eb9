"""pytest's `--llm-*` options, made from the table of options."""

from __future__ import annotations

from typing import Any

import pytest

from harness.model.options import OPTIONS, Option, Options, options_from

PREFIX = "--llm-"


def add_options(parser: pytest.Parser) -> None:
    group = parser.getgroup("llm", "conformance of LLM gateways")
    for option in OPTIONS:
        if option.surface != "none":
            group.addoption(f"{PREFIX}{option.name}", help=option.help, **argparse_keywords(option))


def argparse_keywords(option: Option) -> dict[str, Any]:
    if isinstance(option.default, bool):
        return {"action": "store_true"}
    if isinstance(option.default, tuple):
        return {"action": "append", "default": [], "metavar": option.metavar}
    if option.choices:
        return {"choices": ["", *option.choices], "default": option.default}
    kind = type(option.default)
    return {"type": kind, "default": option.default, "metavar": option.metavar}


def read_options(config: pytest.Config) -> Options:
    """Raises pytest.UsageError for an invalid value."""
    given = {
        option.field: config.getoption(f"{PREFIX}{option.name}")
        for option in OPTIONS
        if option.surface != "none"
    }
    try:
        return options_from(given, PREFIX)
    except ValueError as error:
        raise pytest.UsageError(str(error)) from error
