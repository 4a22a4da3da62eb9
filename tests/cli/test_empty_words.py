"""An empty word, as of a variable that is not set, is refused: a default would replace it."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.model.options import OPTIONS
from tests.support import pack_on_disk

ADVICE = "is empty: leave it out, or set the variable it is taken from"
URL = "http://127.0.0.1:9/v1"
VALUED = [
    option.name
    for option in OPTIONS
    if option.surface in ("both", "command") and not isinstance(option.default, bool)
]
COMMANDS = ("list", "explain", "check", "judge", "report", "table", "diff", "verify", "har")


@pytest.mark.parametrize("words", [["--{}", ""], ["--{}="], ["--{}", " "]])
@pytest.mark.parametrize("name", [name for name in VALUED if name != "target"])
def test_an_empty_option_of_a_run_is_refused(name: str, words: list[str]) -> None:
    result = pack_on_disk.harness("run", URL, *(word.format(name) for word in words))
    assert (result.code, result.out, result.lines) == (4, "", [f"ERROR: --{name} {ADVICE}"])


@pytest.mark.parametrize("command", ["run", *COMMANDS])
def test_an_empty_argument_is_refused(command: str) -> None:
    result = pack_on_disk.harness(command, "")
    assert (result.code, result.out) == (4, "")
    assert result.lines == [f"ERROR: an argument {ADVICE}"]


@pytest.mark.parametrize("words", [["--llm-target", ""], ["--llm-target="], ["--llm-case", ""]])
def test_an_empty_option_of_the_plugin_is_refused(tiny_pack: Path, words: list[str]) -> None:
    result = pack_on_disk.run_pytest(tiny_pack, *words)
    assert result.code == 4
    assert f"{words[0].partition('=')[0]} {ADVICE}" in result.err
