"""pytest's door: a file is a case file, an item a case with its line. Decides nothing.

Load it with `-p harness.plugin`. Without case files among the arguments it does nothing at all:
what the harness is made of is imported when the first one is met.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.plugin.files import has_cases, is_stray
from harness.plugin.options import add_options, check
from harness.util.paths import is_case_file


def pytest_addoption(parser: pytest.Parser) -> None:
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    check(config)
    if config.getoption("markers", False):
        from harness.plugin.run import add_markers

        add_markers(config)
        return
    controller = config.getoption("tx", None) and not hasattr(config, "workerinput")
    if (controller or config.getoption("htmlpath", None)) and has_cases(config):
        from harness.plugin.hooks import door  # both ask for us before anything is collected

        door(config)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    if not is_case_file(file_path) and not is_stray(file_path, parent.config):
        return None
    from harness.plugin.hooks import door
    from harness.plugin.items import CaseFile

    door(parent.config)
    return CaseFile.from_parent(parent, path=file_path)
