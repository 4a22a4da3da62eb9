"""`harness run`: translates its options into pytest's and calls pytest. Decides nothing."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

import click

# pytest option, by ours; what is not given is not passed on.
PASSED = {
    "target": "--llm-target",
    "packs": "--llm-pack",
    "cases": "--llm-case",
    "features": "--llm-feature",
    "model": "--llm-model",
    "api_key_env": "--llm-api-key-env",
    "headers": "--llm-header",
    "concurrency": "--llm-concurrency",
    "rpm": "--llm-rpm",
    "timeout": "--llm-timeout",
    "fail_on": "--llm-fail-on",
    "require": "--llm-require",
    "keyword": "-k",
}


@click.command()
@click.argument("target", default="builtin")
@click.option("--pack", "packs", multiple=True, metavar="P", help="A pack's name or folder (default: the target's).")
@click.option("--case", "cases", multiple=True, metavar="ID", help="Only this case.")
@click.option("-k", "keyword", metavar="EXPR", help="Only cases that match, as in pytest.")
@click.option("--feature", "features", multiple=True, metavar="F", help="Also test this opt-in feature, such as limits.")
@click.option("--model", metavar="M", help="The model to ask for.")
@click.option("--api-key-env", metavar="VAR", help="The environment variable that holds the API key.")
@click.option("--header", "headers", multiple=True, metavar="K:V", help="A header for every request.")
@click.option("--out", default="reports", show_default=True, metavar="DIR", help="Where the reports go.")
@click.option("--concurrency", type=click.IntRange(1, 1000), help="Requests in flight (default: 32).")
@click.option("--rpm", type=click.FloatRange(0, min_open=True), help="At most so many requests a minute.")
@click.option("--timeout", type=click.FloatRange(0, min_open=True), help="Seconds for one answer (default: 60).")
@click.option("--fail-on", type=click.Choice(["fail", "warn"]), help="What a case fails on (default: fail).")
@click.option("--require", type=click.Choice(["conformant"]), help="Exit 1 when the result is only partial.")
def run(out: str, **given: object) -> int:
    """Fire the cases at TARGET: a base URL, a target file, or a name (default: builtin).

    Writes report.html, report.json, junit.xml, summary.md, badge.svg and transcript.jsonl.
    """
    from harness import where
    from harness.load import load_target, pack_folder

    packs = given["packs"] or load_target(str(given["target"])).packs
    folders = [str(folder) for name in packs for folder in lineage(pack_folder(name))]  # type: ignore[attr-defined]
    translated = [part for name, option in PASSED.items() for part in passed(option, given.get(name))]
    reports = Path(out)
    command = "harness " + shlex.join(sys.argv[1:])
    arguments = [
        *dict.fromkeys(folders), *translated, f"--llm-out={out}", f"--llm-command={command}",
        "-c", os.devnull, f"--rootdir={where.cases_dir().parent}", "--noconftest", "-q", "--no-header",
        "--tb=no", "-rN", "-p", "no:cacheprovider", "-p", "harness.plugin", "-p", "pytest_metadata.plugin",
        "-p", "pytest_html.plugin", f"--html={reports / 'report.html'}", "--self-contained-html",
        f"--junitxml={reports / 'junit.xml'}", "-o", "junit_family=xunit2", "-o", "console_output_style=count",
    ]  # fmt: skip
    return call_pytest(arguments)


def lineage(folder: Path) -> list[Path]:
    """The folders of a pack and of those it extends, the parents first."""
    import yaml

    from harness.load import pack_folder

    data = yaml.safe_load((folder / "pack.yaml").read_text(encoding="utf-8"))
    parents = data.get("extends", []) if isinstance(data, dict) else []
    found = []
    for name in parents:
        near = folder.parent / str(name)
        found += lineage(near if (near / "pack.yaml").is_file() else pack_folder(str(name)))
    return [*found, folder]


def passed(option: str, value: object) -> list[str]:
    if value is None or value == ():
        return []
    values = value if isinstance(value, tuple) else (value,)
    if option.startswith("--"):
        return [f"{option}={one}" for one in values]
    return [part for one in values for part in (option, str(one))]


def call_pytest(arguments: list[str]) -> int:
    """pytest with nothing of the caller's environment: no foreign plugins, no ini file."""
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    os.environ.pop("PYTEST_ADDOPTS", None)
    import pytest

    return int(pytest.main(arguments))
