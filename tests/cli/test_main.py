"""The command line as a whole: help, version, unknown commands and interruption."""

from __future__ import annotations

from importlib import metadata

import pytest

from harness.load import packs
from tests.support import pack_on_disk


@pytest.mark.parametrize("arguments", [(), ("--help",), ("-h",)])
def test_help_lists_commands_and_exit_codes(arguments: tuple[str, ...]) -> None:
    result = pack_on_disk.harness(*arguments)
    assert result.code == 0
    for word in ("run", "list", "explain", "check", "init", "serve", "prove", "Exit codes"):
        assert word in result.out


def test_version_is_printed_even_if_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata, "version", lambda name: "1.2.3")
    result = pack_on_disk.harness("--version")
    assert (result.code, result.out) == (0, "harness, version 1.2.3\n")

    def raise_not_found(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", raise_not_found)
    result = pack_on_disk.harness("--version")
    assert (result.code, result.out) == (0, "harness, not installed\n")


@pytest.mark.parametrize("command", ["run", "list", "explain", "check", "init", "serve", "prove"])
def test_every_command_has_help(command: str) -> None:
    result = pack_on_disk.harness(command, "--help")
    assert result.code == 0
    assert result.out.startswith("Usage: ")


def test_unknown_command_is_a_one_line_error() -> None:
    result = pack_on_disk.harness("jump")
    assert result.code == 4
    assert result.lines[0].startswith("ERROR: No such command 'jump'")
    assert len(result.lines) == 1


def test_interruption_is_reported_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(names: object, behaviours: object) -> object:
        raise KeyboardInterrupt

    monkeypatch.setattr(packs, "load_packs", interrupt)
    result = pack_on_disk.harness("list")
    assert (result.code, result.lines) == (2, ["interrupted"])


@pytest.mark.parametrize(
    "words",
    [
        ("run", "builtin", "--pack"),
        ("run",),
        ("list", "--pack"),
        ("check",),
        ("explain",),
        ("judge",),
        ("report",),
        ("har",),
        ("verify",),
        ("diff", "x"),
        ("compare", "x"),
        ("merge", "x"),
        ("certify",),
        ("baseline",),
        ("freeze",),
        ("smoke",),
        ("init", "pack"),
    ],
)
def test_name_that_is_too_long_for_a_file_is_one_line(words: tuple[str, ...]) -> None:
    result = pack_on_disk.harness(*words, "x" * 5_000)
    assert (result.code, len(result.lines)) == (4, 1)
    assert result.lines[0].startswith("ERROR: ")
    assert "internal error" not in result.lines[0]
