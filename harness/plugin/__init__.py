"""pytest plugin: a YAML case file is a test file, a case is a test with a line of its own.

Load it with `-p harness.plugin`. Without case files among the arguments it does nothing: the rest
of the harness is imported when the first one is collected.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.plugin.files import has_cases, is_stray
from harness.plugin.options import add_options, read_options
from harness.util.paths import is_case_file


def pytest_addoption(parser: pytest.Parser) -> None:
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    read_options(config)  # reports invalid values before anything is collected
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
    if not is_case_file(file_path) and not is_stray(file_path, parent.config):
        return None
    from harness.plugin.hooks import run_of
    from harness.plugin.items import CaseFile

    run_of(parent.config)
    return CaseFile.from_parent(parent, path=file_path)
