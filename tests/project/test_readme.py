"""Every command of the README runs, in a copy of the project, against the builtin gateway."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from harness.run.reference_gateway import KEYS
from harness.testbed.gateway.gateway import Gateway
from harness.testbed.http_server.loopback import serving
from harness.testbed.mutants import MUTANTS

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
MARKED = re.compile(r"<!-- \w+ -->\n```sh\n.*?```", re.DOTALL)
BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)
# The two marked ones make a virtual environment each: .ci/run takes them from the README.
COMMANDS = [
    line for block in BLOCK.findall(MARKED.sub("", README)) for line in block.strip().splitlines()
]
CERTIFY = README[README.index("## Certify") :].partition("\n## ")[0]
LONG = (
    "harness serve",
    "harness prove",
    "pytest cases/",
    "harness compare",
    "harness diff",
    "harness judge",
    "harness run --clients",
    "pip install",
    *(line for block in BLOCK.findall(CERTIFY) for line in block.strip().splitlines()),
)  # with tests of their own
EXAMPLE = "http://127.0.0.1:8080/v1"


def ran(command: str, folder: Path, url: str = EXAMPLE) -> subprocess.CompletedProcess[str]:
    program, *arguments = shlex.split(command.replace(EXAMPLE, url))
    assert program in ("harness", "pytest")
    if program == "harness" and arguments[0] == "run":
        arguments += ["--out", str(folder)]
    return subprocess.run(
        [sys.executable, "-m", program, *arguments],
        cwd=ROOT,
        env={**os.environ, "GATEWAY_API_KEY": KEYS["key"]},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_two_commands_are_marked_for_ci() -> None:
    assert [mark.split()[1] for mark in MARKED.findall(README)] == ["run", "test"]


def test_every_kind_of_command_is_in_it() -> None:
    words = {tuple(shlex.split(command)[:2]) for command in COMMANDS}
    assert {
        ("harness", name)
        for name in (
            "run",
            "explain",
            "check",
            "list",
            "prove",
            "serve",
            "compare",
            "certify",
            "verify",
        )
    } <= words


@pytest.mark.parametrize("command", [c for c in COMMANDS if not c.startswith(LONG)])
def test_the_command_runs(command: str, tmp_path: Path) -> None:
    with serving(Gateway(pace=0.0).respond) as url:
        done = ran(command, tmp_path, f"{url}/v1")
    assert done.returncode == 0, done.stdout + done.stderr
    if command.startswith("harness run"):
        assert (tmp_path / "report.html").stat().st_size > 0


def test_pytest_takes_its_options(tmp_path: Path) -> None:
    (command,) = [c for c in COMMANDS if c.startswith("pytest cases/")]
    done = ran(command, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_reports_are_put_side_by_side_and_judged_again(tmp_path: Path) -> None:
    block = next(b for b in BLOCK.findall(README) if b.startswith("harness compare"))
    for name in ("reports", "other-reports"):
        assert ran("harness run --case openai-compat/n", tmp_path / name).returncode == 0
    for command in block.strip().splitlines():
        done = subprocess.run(
            [sys.executable, "-m", *shlex.split(command)],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    assert {"compare.html", "compare.md"} <= {path.name for path in tmp_path.iterdir()}


def test_a_vendor_gets_a_certificate_in_five_commands(tmp_path: Path) -> None:
    """And a lab signs it too. The first command is in the packaging tests: it installs."""
    first, second = (block.strip().splitlines() for block in BLOCK.findall(CERTIFY))
    install, *five = first
    assert (install, len(first)) == ("pip install -e '.[certify]'", 5)
    with serving(Gateway(pace=0.0).respond) as url:
        for command in (*five, *second):
            done = subprocess.run(
                [sys.executable, "-m", *shlex.split(command.replace(EXAMPLE, f"{url}/v1"))],
                cwd=tmp_path,
                env={**os.environ, "GATEWAY_API_KEY": KEYS["key"], "PYTHONPATH": str(ROOT)},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    assert "is conformant to openai-chat" in done.stdout
    made = json.loads((tmp_path / "certified" / "certificate.json").read_text("utf-8"))
    assert len(made["signatures"]) == 2


def test_the_mutant_that_it_serves_is_there() -> None:
    (command,) = [c for c in COMMANDS if c.startswith("harness serve")]
    assert shlex.split(command)[-1] in {mutant.id for mutant in MUTANTS}


def test_the_case_that_it_shows_is_the_one_that_ships() -> None:
    shown = re.search(r"```yaml\n# (\S+)\n(.*?)```", README, re.DOTALL)
    assert shown is not None
    lines = [re.sub(r"\s+#.*", "", line).strip() for line in shown[2].strip().splitlines()]
    shipped = [line.strip() for line in (ROOT / shown[1]).read_text("utf-8").splitlines()]
    start = shipped.index(lines[0])
    assert lines == shipped[start : start + len(lines)]


@pytest.mark.parametrize("page", ["README.md", "reports/README.md"])
def test_what_it_links_to_is_there(page: str) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", (ROOT / page).read_text(encoding="utf-8"))
    assert links
    assert [link for link in links if not ((ROOT / page).parent / link).exists()] == []
