"""Commands and examples in README.md and docs/ work against the reference gateway."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from harness.cli import cli
from harness.load.smoke import Smoke, smoke_text
from harness.run.reference_gateway import KEYS
from harness.testbed.gateway.gateway import Gateway
from harness.testbed.http_server.server import serve_in_thread
from harness.testbed.mutants import MUTANTS
from harness.util import json_schema, paths
from tests.support import pack_on_disk

pytestmark = pytest.mark.no_cover

ROOT = Path(__file__).resolve().parents[2]
GUIDES = sorted((ROOT / "docs").rglob("*.md"))
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *GUIDES]
MARKED = re.compile(r"<!-- (\w+) -->\n```sh\n.*?```", re.DOTALL)
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.DOTALL | re.MULTILINE)
CONSOLE = re.compile(r"^\$ (.*?)(?:\s+#.*)?$", re.MULTILINE)
INLINE = re.compile(r"`((?:harness|llm-conformance) [^`]+)`")
YAML = re.compile(r"^```yaml\n# (\S+)\n(.*?)^```", re.DOTALL | re.MULTILINE)
EXAMPLE_URL = "http://127.0.0.1:8080/v1"
# In the process of a documented `pytest` command, the small packs replace the shipped ones as well.
CONFTEST = """
from pathlib import Path
from harness.util import paths
paths.cases_dir = lambda: Path("cases").resolve()
"""
# .ci/run executes these.
LONG = ("harness prove",)
FILES = ("target", "claims", "baseline", "fleet")
SCHEMAS = {f"{name}.yaml": name for name in FILES}


def text_of(page: Path) -> str:
    return page.read_text("utf-8")


def commands_of(page: Path) -> list[str]:
    """The commands of a page's `sh` blocks, without set-up commands that .ci/run executes."""
    blocks = BLOCK.findall(MARKED.sub("", text_of(page)))
    lines = [line for block in blocks for line in block.strip().splitlines()]
    return [line for line in lines if line not in LONG and line != ". .venv/bin/activate"]


@pytest.fixture(scope="module")
def gateway_url() -> Iterator[str]:
    with serve_in_thread(Gateway(pace=0.0).respond) as url:
        yield f"{url}/v1"


@pytest.fixture(scope="module")
def small_packs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped packs with a few cases each, since .ci/run sends all of them."""
    copy = tmp_path_factory.mktemp("shipped") / "cases"
    shutil.copytree(paths.cases_dir(), copy, ignore=shutil.ignore_patterns("requirements"))
    for smoke_file in copy.glob("*/smoke.json"):
        keep_few_cases(smoke_file.parent)
    assert pack_on_disk.harness("freeze", copy / "openai-chat").code == 0
    return copy


def keep_few_cases(pack: Path) -> None:
    """Keep the first smoke cases of a pack, and the cases that documented commands mention."""
    commands = " ".join(command for page in PAGES for command in commands_of(page))
    smoke = json.loads((pack / "smoke.json").read_text("utf-8"))["cases"][:6]
    mentioned = re.findall(rf"\b{pack.name}/([\w.-]+)", commands)
    for file in filter(paths.is_case_file, pack.glob("*.yaml")):
        document = yaml.safe_load(file.read_text("utf-8"))
        cases = [case for case in document["cases"] if case["id"] in (*smoke, *mentioned)]
        if cases:
            file.write_text(yaml.safe_dump({**document, "cases": cases}), "utf-8")
        else:
            file.unlink()
    text = smoke_text(Smoke(cases=tuple(smoke), catches=1, mutants=1))
    (pack / "smoke.json").write_text(text, "utf-8")


@pytest.fixture
def folder(tmp_path: Path, small_packs: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with the small packs and the project's pytest configuration."""
    (tmp_path / "cases").symlink_to(small_packs)
    (tmp_path / "pyproject.toml").symlink_to(ROOT / "pyproject.toml")
    (tmp_path / "conftest.py").write_text(CONFTEST, "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GATEWAY_API_KEY", KEYS["key"])
    monkeypatch.setattr(paths, "cases_dir", lambda: small_packs)
    return tmp_path


def run(command: str, url: str) -> None:
    program, *arguments = shlex.split(command.replace(EXAMPLE_URL, url))
    if program == "harness":
        result = pack_on_disk.harness(*arguments)
    else:
        assert program == "pytest"
        result = pack_on_disk.run_process(program, *arguments)
    assert result.code == 0, f"{command}\n{result.out}{result.err}"


@pytest.mark.parametrize("command", commands_of(ROOT / "README.md"))
def test_readme_command_succeeds(command: str, folder: Path, gateway_url: str) -> None:
    run(command, gateway_url)
    if command.startswith("harness run"):
        assert (folder / "reports" / "report.html").stat().st_size > 0


@pytest.mark.parametrize(
    "page", [page for page in GUIDES if commands_of(page)], ids=lambda page: page.stem
)
def test_commands_of_a_guide_succeed_in_order(page: Path, folder: Path, gateway_url: str) -> None:
    for command in commands_of(page):
        run(command, gateway_url)
    if page.stem == "certification":
        certificate = json.loads((folder / "certified" / "certificate.json").read_text("utf-8"))
        assert len(certificate["signatures"]) == 2


def test_readme_marks_the_two_commands_that_ci_executes() -> None:
    assert MARKED.findall(text_of(ROOT / "README.md")) == ["run", "test"]


def test_readme_is_at_most_150_lines_long() -> None:
    assert len(text_of(ROOT / "README.md").splitlines()) <= 150


def mentioned_commands() -> set[str]:
    """The harness commands in inline code and in blocks that are not executed."""
    texts = [text_of(page) for page in PAGES]
    lines = [line for text in texts for line in (*INLINE.findall(text), *CONSOLE.findall(text))]
    return {line for line in lines if line.startswith(("harness ", "llm-conformance "))}


@pytest.mark.parametrize("command", sorted(mentioned_commands()))
def test_mentioned_command_has_the_mentioned_options(command: str) -> None:
    _, name, *arguments = shlex.split(command)
    options = {option for word in arguments if (option := word.partition("=")[0])[:1] == "-"}
    group: Any = cli
    if name.startswith("-"):
        options, subcommand = {name}, group
    else:
        assert name in group.commands
        subcommand = group.commands[name]
    context = click.Context(subcommand)
    accepted = {text for param in subcommand.get_params(context) for text in param.opts}
    assert options <= accepted


def test_mentioned_mutants_exist() -> None:
    pages = [text_of(page) for page in PAGES]
    mutants = {name for page in pages for name in re.findall(r"--mutant ([a-z][\w.-]+)", page)}
    of_examples = {
        name for page in pages for name in re.findall(r"- id: ([\w.-]+)\n +description:", page)
    }
    assert mutants - of_examples
    assert mutants <= {mutant.id for mutant in MUTANTS} | of_examples


@pytest.mark.parametrize(
    ("schema", "example"),
    [
        (SCHEMAS[name], example)
        for page in PAGES
        for name, example in YAML.findall(text_of(page))
        if name in SCHEMAS
    ],
)
def test_example_file_is_valid(schema: str, example: str) -> None:
    assert json_schema.errors(schema, yaml.safe_load(example)) == []


def test_the_case_in_the_readme_is_the_shipped_one() -> None:
    [(path, example)] = YAML.findall(text_of(ROOT / "README.md"))
    lines = [re.sub(r"\s+#.*", "", line).strip() for line in example.strip().splitlines()]
    shipped = [line.strip() for line in text_of(ROOT / path).splitlines()]
    start = shipped.index(lines[0])
    assert lines == shipped[start : start + len(lines)]


@pytest.mark.parametrize(
    "page", [*PAGES, ROOT / "reports" / "README.md"], ids=lambda page: page.name
)
def test_linked_files_exist(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text_of(page))
    local = [link for link in links if not link.startswith("https://")]
    assert [link for link in local if not (page.parent / link).exists()] == []
