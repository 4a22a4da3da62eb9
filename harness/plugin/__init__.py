"""pytest plugin: a YAML case file is a test file, a case is a test with a line of its own.

An installed harness is found by pytest. The plugin sleeps until one of its options is given, or
`-p harness.plugin` names it; then it collects case files. The rest of the harness is imported when
the first one is collected, or a test uses the fixture `llm_gateway`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness.model.options import OPTIONS, Option, Options, options_from
from harness.plugin.files import has_cases, is_stray
from harness.util.command_words import refuse_empty
from harness.util.errors import UsageError
from harness.util.paths import is_case_file

if TYPE_CHECKING:
    from harness.plugin.fixture import Conformance

NAME = "harness.plugin"  # also of the entry point, so that pytest does not load it twice
AWAKE: pytest.StashKey[bool] = pytest.StashKey()
PREFIX = "--llm-"
SURFACES = ("both", "pytest")  # of the options that this plugin adds


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("llm", "conformance of LLM gateways")
    for option in OPTIONS:
        if option.surface in SURFACES:
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


def given_options(config: pytest.Config) -> dict[str, Any]:
    """Return the values of the options, by field, before they are checked."""
    return {
        option.field: config.getoption(f"{PREFIX}{option.name}")
        for option in OPTIONS
        if option.surface in SURFACES
    }


def read_options(config: pytest.Config) -> Options:
    """Raises pytest.UsageError for an invalid value."""
    try:
        refuse_empty([*map(str, config.invocation_params.args)], PREFIX)
        return options_from(given_options(config), PREFIX)
    except (ValueError, UsageError) as error:
        raise pytest.UsageError(str(error)) from error


def is_awake(config: pytest.Config) -> bool:
    """Whether the plugin is named, or one of its options is given."""
    read_options(config)  # reports invalid values
    named = (*(config.getoption("plugins") or ()), *os.environ.get("PYTEST_PLUGINS", "").split(","))
    words = (*config.invocation_params.args, *config.getini("addopts"))
    return NAME in named or any(str(word).startswith(PREFIX) for word in words)


@pytest.fixture(scope="session")
def llm_gateway(pytestconfig: pytest.Config) -> Conformance:
    """Return a function that runs the cases against a gateway; its result has the failures."""
    from harness.plugin.fixture import Conformance

    words = tuple(map(str, pytestconfig.invocation_params.args))
    return Conformance(given_options(pytestconfig), words)


def pytest_configure(config: pytest.Config) -> None:
    config.stash[AWAKE] = is_awake(config)
    if not config.stash[AWAKE]:
        return
    if config.getoption("markers", False):
        from harness.plugin.run import add_markers

        add_markers(config)
        return
    distributed = bool(config.getoption("tx", None))
    if (distributed or config.getoption("htmlpath", None)) and has_cases(config):
        from harness.plugin.hooks import run_of

        run = run_of(config)
        if distributed:
            # One process sends many requests at a time. Several would have to share its limits.
            config.option.tx, config.option.dist = [], "no"
            run.messages.append("-n: one process ran everything; --llm-concurrency is the load")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    if not parent.config.stash[AWAKE]:
        return None
    if not is_case_file(file_path) and not is_stray(file_path, parent.config):
        return None
    from harness.plugin.hooks import run_of
    from harness.plugin.items import CaseFile

    run_of(parent.config)
    return CaseFile.from_parent(parent, path=file_path)
