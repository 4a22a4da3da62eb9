"""`harness run`: translates its options into pytest's and calls pytest. Decides nothing."""

from __future__ import annotations

import os
import shlex
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import click

from harness.cli.bounds import NUMBER, bounded
from harness.cli.bounds import PASSED as BOUNDS
from harness.cli.nonce import nonced

# pytest option, by ours; what is not given is not passed on.
PASSED: Final = {
    "target": "--llm-target",
    "packs": "--llm-pack",
    "cases": "--llm-case",
    "features": "--llm-feature",
    "model": "--llm-model",
    "api_key_env": "--llm-api-key-env",
    "headers": "--llm-header",
    "concurrency": "--llm-concurrency",
    "tier": "--llm-tier",
    "rpm": "--llm-rpm",
    "tpm": "--llm-tpm",
    "timeout": "--llm-timeout",
    "upstream": "--llm-upstream",
    "claims": "--llm-claims",
    "baseline": "--llm-baseline",
    "fail_on": "--llm-fail-on",
    "require": "--llm-require",
    "keyword": "-k",
    **BOUNDS,
}
# What pytest brings along to test programs, which a gateway is not; each costs time on every case.
LEFT_OUT: Final = (
    *("cacheprovider", "logging", "unraisableexception", "threadexception", "warnings"),
    *("doctest", "unittest", "setuponly", "setupplan", "stepwise", "pastebin", "debugging"),
)
# Nothing of the caller's: no ini file, no conftest.py, no plugin that happens to be installed.
OURS: Final = (
    *("-c", os.devnull, "--noconftest", "-p", "harness.plugin"),
    *(word for name in LEFT_OUT for word in ("-p", f"no:{name}")),
    *("-p", "pytest_metadata.plugin", "-p", "pytest_html.plugin", "--self-contained-html"),
    *("-q", "--no-header", "--tb=no", "-rN"),
    *("-o", "junit_family=xunit2", "-o", "console_output_style=count"),
)
THEIRS: Final = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS")
ALONE: Final = "PYTEST_DISABLE_PLUGIN_AUTOLOAD"
MANY: Final[dict[str, Any]] = {"multiple": True}


@click.command()
@click.argument("target", default="builtin")
@click.option("--pack", "packs", **MANY, metavar="P", help="A pack (default: the target's).")
@click.option("--case", "cases", **MANY, metavar="ID", help="Only this case.")
@click.option("-k", "keyword", metavar="EXPR", help="Only cases that match, as in pytest.")
@click.option("--feature", "features", **MANY, metavar="F", help="Also test this opt-in feature.")
@click.option("--clients", is_flag=True, help="Also ask through the official SDKs.")
@click.option("--model", metavar="M", help="The model to ask for.")
@click.option("--api-key-env", metavar="VAR", help="The variable that holds the API key.")
@click.option("--header", "headers", **MANY, metavar="K:V", help="A header for every request.")
@click.option("--out", default="reports", show_default=True, metavar="DIR", help="Where to write.")
@click.option("--concurrency", type=click.IntRange(1, 1000), help="In flight (default: 32).")
@click.option("--tier", metavar="T", help="Keep to the limits of this tier of the target's.")
@click.option("--rpm", type=NUMBER, help="At most so many requests a minute.")
@click.option("--tpm", type=NUMBER, help="At most so many tokens a minute.")
@click.option("--timeout", type=NUMBER, help="Seconds for one answer (default: 60).")
@click.option("--upstream", metavar="HOST:PORT", help="Play the provider there, for the gateway.")
@click.option("--claims", metavar="FILE", help="What the target says of itself; it is judged.")
@click.option("--baseline", metavar="FILE", help="Accepted deviations, each with its reason.")
@click.option("--fail-on", type=click.Choice(["fail", "warn"]), help="What a case fails on.")
@click.option("--require", type=click.Choice(["conformant"]), help="Exit 1 if only partial.")
@bounded
@nonced
@click.pass_obj
def run(words: Sequence[str], /, out: str, clients: bool, dry_run: bool, **given: Any) -> int:
    """Fire the cases at TARGET: a base URL, a target file, or a name (default: builtin).

    Writes report.html, report.json, junit.xml, summary.md, badge.svg, badge.json and
    transcript.jsonl.
    """
    from harness.load import load_target, pack_lineage, with_clients
    from harness.run.output_dir import check_output_dir

    given["packs"] = given["packs"] or load_target(given["target"]).packs
    if clients:
        given["packs"] = with_clients(given["packs"])
    folders = pack_lineage(given["packs"])
    translated = [part for name, option in PASSED.items() for part in passed(option, given[name])]
    home = root(folders)
    if not dry_run:
        check_output_dir(Path(out))
    return call_pytest(
        [
            *(str(folder) for folder in folders),
            *(*OURS, f"--rootdir={home}", f"--confcutdir={home}"),  # nothing above is looked at
            *(*translated, *(["--llm-dry-run"] if dry_run else written(Path(out)))),
            f"--llm-command={shlex.join(['harness', *words])}",
        ]
    )


def written(out: Path) -> list[str]:
    page, junit = out / "report.html", out / "junit.xml"
    return [f"--llm-out={out}", f"--html={page}", f"--junitxml={junit}"]


def root(folders: Sequence[Path]) -> Path:
    """From where the ids of the cases are told: what ships has its folder's name before it."""
    from harness.util import paths

    shipped = paths.cases_dir().parent
    if all(folder.resolve().is_relative_to(shipped) for folder in folders):
        return shipped
    return Path(os.path.commonpath([folder.resolve().parent for folder in folders]))


def passed(option: str, value: object) -> list[str]:
    if value is None or value == () or value is False:
        return []
    if value is True:
        return [option]
    values = value if isinstance(value, tuple) else (value,)
    if option.startswith("--"):
        return [f"{option}={one}" for one in values]
    return [part for one in values for part in (option, str(one))]


def call_pytest(arguments: list[str]) -> int:
    with alone(), terminable():
        import pytest

        return int(pytest.main(arguments))


@contextmanager
def alone() -> Iterator[None]:
    """pytest without what the caller's environment tells it."""
    before = {name: os.environ.get(name) for name in (*THEIRS, ALONE)}
    for name in THEIRS:
        os.environ.pop(name, None)
    os.environ[ALONE] = "1"
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


@contextmanager
def terminable() -> Iterator[None]:
    """SIGTERM, which CI sends, ends a run as Ctrl-C does: with reports of what ran."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
