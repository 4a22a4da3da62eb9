"""CI files match the formats of their services, and their shell steps work."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from jsonschema import Draft202012Validator
from packaging.requirements import Requirement

from harness.load.smoke import Smoke, smoke_text
from tests.support import pack_on_disk

pytestmark = pytest.mark.no_cover

ROOT = Path(__file__).resolve().parents[2]
TEXT = {"type": "string", "minLength": 1}
STEP = {
    "type": "object",
    "oneOf": [{"required": ["uses"]}, {"required": ["run"]}],
    "properties": {"uses": TEXT, "run": TEXT, "shell": TEXT, "with": {"type": "object"}},
    "propertyNames": {
        "enum": ["name", "id", "if", "uses", "run", "shell", "env", "with", "working-directory"]
    },
}
ACTION = {
    "type": "object",
    "required": ["name", "description", "inputs", "runs"],
    "properties": {
        "inputs": {
            "additionalProperties": {
                "required": ["description"],
                "properties": {"default": {"type": "string"}, "required": {"type": "boolean"}},
            }
        },
        "outputs": {"additionalProperties": {"required": ["description", "value"]}},
        "runs": {
            "required": ["using", "steps"],
            "properties": {
                "using": {"const": "composite"},
                "steps": {
                    "items": {**STEP, "if": {"required": ["run"]}, "then": {"required": ["shell"]}}
                },
            },
        },
    },
}
WORKFLOW = {
    "type": "object",
    "required": ["name", "on", "permissions", "jobs"],
    "properties": {
        "jobs": {
            "additionalProperties": {
                "required": ["runs-on", "timeout-minutes", "steps"],
                "properties": {"steps": {"minItems": 1, "items": STEP}},
            }
        }
    },
}
GITLAB = {
    "type": "object",
    "required": ["llm-conformance", "llm-conformance-merge"],
    "additionalProperties": {
        "type": "object",
        "properties": {
            "script": {"type": "array", "items": TEXT},
            "before_script": {"type": "array", "items": TEXT},
            "artifacts": {"required": ["paths"]},
        },
    },
}
ISSUE_FORM = {
    "type": "object",
    "required": ["name", "description", "body"],
    "additionalProperties": False,
    "properties": {
        "name": TEXT,
        "description": TEXT,
        "title": TEXT,
        "labels": {"type": "array", "items": TEXT},
        "body": {
            "type": "array",
            "items": {
                "required": ["type", "attributes"],
                "properties": {
                    "type": {"enum": ["markdown", "input", "textarea", "dropdown", "checkboxes"]},
                    "attributes": {"type": "object"},
                },
                "if": {"properties": {"type": {"not": {"const": "markdown"}}}},
                "then": {"required": ["id"], "properties": {"attributes": {"required": ["label"]}}},
            },
        },
    },
}
EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")


def parse(name: str) -> dict[str, Any]:
    """Parse a YAML file. YAML 1.1 reads the key `on` as true, so it is restored."""
    data = yaml.safe_load((ROOT / name).read_text("utf-8"))
    return {("on" if key is True else key): value for key, value in data.items()}


WORKFLOWS = [path.relative_to(ROOT).as_posix() for path in (ROOT / ".github/workflows").iterdir()]
FILES = [
    ("action.yml", ACTION),
    ("docs/ci/gitlab.yml", GITLAB),
    *((name, WORKFLOW) for name in sorted(WORKFLOWS)),
    *(
        (path.relative_to(ROOT).as_posix(), ISSUE_FORM)
        for path in sorted((ROOT / ".github/ISSUE_TEMPLATE").glob("*-*.yml"))
    ),
]


@pytest.mark.parametrize(("name", "schema"), FILES, ids=[name for name, _ in FILES])
def test_file_has_the_format_of_its_service(name: str, schema: Any) -> None:
    errors = Draft202012Validator(schema).iter_errors(parse(name))
    assert [error.message for error in errors] == []


def test_ci_runs_every_supported_python_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    classifiers = [re.fullmatch(r".*:: (3\.\d+)", line) for line in project["classifiers"]]
    supported = [match[1] for match in classifiers if match]
    matrix = parse(".github/workflows/ci.yml")["jobs"]["checks"]["strategy"]["matrix"]
    assert matrix["python"] == supported
    assert project["requires-python"] == f">={supported[0]}"


def test_release_uploads_without_a_stored_token() -> None:
    jobs = parse(".github/workflows/release.yml")["jobs"]
    assert jobs["publish"]["permissions"] == {"id-token": "write"}
    assert "secrets." not in (ROOT / ".github/workflows/release.yml").read_text("utf-8")


def shell_steps() -> list[str]:
    action = parse("action.yml")["runs"]["steps"]
    jobs = [job for name in WORKFLOWS for job in parse(name)["jobs"].values()]
    steps = [*action, *(step for job in jobs for step in job["steps"])]
    gitlab = [
        "\n".join(job[part])
        for job in parse("docs/ci/gitlab.yml").values()
        for part in ("before_script", "script")
        if part in job
    ]
    return [*(step["run"] for step in steps if "run" in step), *gitlab]


@pytest.mark.parametrize("script", shell_steps())
def test_shell_step_is_valid_and_reads_values_from_the_environment(script: str) -> None:
    """An expression `${{ }}` would be pasted into the script, so its value could inject code."""
    assert "${{" not in script
    completed = subprocess.run(
        ["bash", "-n", "-c", script], capture_output=True, text=True, check=False
    )
    assert (completed.returncode, completed.stderr) == (0, "")


USES = re.compile(r"uses: (?!\./)(\S+)@(\S+)(.*)")


@pytest.mark.parametrize("name", ["action.yml", *WORKFLOWS])
def test_actions_of_others_are_pinned_to_a_commit(name: str) -> None:
    """A tag can be moved to other code; the comment says which version the commit is."""
    used = USES.findall((ROOT / name).read_text("utf-8"))
    assert used
    for action, version, comment in used:
        assert re.fullmatch(r"[0-9a-f]{40}", version), f"{action}@{version}"
        assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment), action


FAKE_PYTHON = """#!/bin/sh
[ "$2" = venv ] || exit 0
mkdir -p "$3/bin"
for name in python pip pytest harness; do cp "$0" "$3/bin/$name"; done
"""


def test_action_adds_only_its_command_to_the_job(tmp_path: Path) -> None:
    """The Python of the job, its packages and its pytest stay what they are."""
    steps = parse("action.yml")["runs"]["steps"]
    [setup] = [step for step in steps if "setup-python" in step.get("uses", "")]
    assert setup["with"]["update-environment"] is False
    [install] = [step for step in steps if "pip install" in step.get("run", "")]
    python = tmp_path / "python"
    python.write_text(FAKE_PYTHON, "utf-8")
    python.chmod(0o755)
    runner = Runner(tmp_path / "runner", tmp_path)
    path = tmp_path / "path"
    result = runner.shell(
        install["run"],
        PYTHON=str(python),
        SOURCE=str(ROOT),
        RUNNER_TEMP=str(tmp_path / "temp folder"),
        GITHUB_PATH=str(path),
        GITHUB_ENV=str(tmp_path / "env"),
    )
    assert result.code == 0, result.output
    [added] = path.read_text("utf-8").splitlines()
    assert {each.name for each in Path(added).iterdir()} == {"harness"}
    assert not (tmp_path / "env").exists()


def test_every_dependency_has_a_pinned_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pins = dict(line.lower().split("==") for line in lines if not line.startswith("#"))
    required = [*project["dependencies"], *project["optional-dependencies"]["certify"]]
    for requirement in map(Requirement, required):
        assert pins[requirement.name.lower()] in requirement.specifier


def test_action_declares_exactly_the_inputs_that_are_used() -> None:
    action = parse("action.yml")
    used = set(re.findall(r"inputs\.([a-z-]+)", (ROOT / "action.yml").read_text("utf-8")))
    assert used == set(action["inputs"])
    workflow = parse(".github/workflows/pre-release.yml")
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    inputs = [set(step["with"]) for step in steps if step.get("uses") == "./"]
    assert inputs
    assert all(names <= set(action["inputs"]) for names in inputs)


class ShellResult(NamedTuple):
    code: int
    output: str


class Runner:
    """Imitates a GitHub or GitLab runner; its `harness` command is the checkout."""

    def __init__(self, folder: Path, cwd: Path) -> None:
        self.folder, self.cwd = folder, cwd
        bin_folder = folder / "bin"
        bin_folder.mkdir(parents=True)
        command = bin_folder / "harness"
        command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m harness "$@"\n', "utf-8")
        command.chmod(0o755)
        self.env = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("GITHUB_", "CI_"))},
            "PATH": f"{bin_folder}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "GITHUB_STEP_SUMMARY": str(folder / "summary"),
            "GITHUB_OUTPUT": str(folder / "output"),
            "GITHUB_ACTIONS": "true",
        }

    def shell(self, script: str, **env: str) -> ShellResult:
        completed = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
            cwd=self.cwd,
            env={**self.env, **env},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        return ShellResult(completed.returncode, completed.stdout + completed.stderr)

    def action(self, **inputs: str) -> ShellResult:
        """Run the shell steps of the action, except the installation."""
        action = parse("action.yml")
        values = {name: spec.get("default", "") for name, spec in action["inputs"].items()}
        values |= {name.replace("_", "-"): value for name, value in inputs.items()}
        code, output = 0, ""
        for step in action["runs"]["steps"]:
            if "run" not in step or "pip install" in step["run"]:
                continue
            if code and step.get("if") != "always()":
                continue
            env = {
                key: EXPRESSION.sub(lambda m: values[m[1].removeprefix("inputs.")], value)
                for key, value in step["env"].items()
            }
            result = self.shell(step["run"], **env)
            code, output = code or result.code, output + result.output
        return ShellResult(code, output)

    def read(self, name: str) -> str:
        """The text that steps appended to the runner's file `output` or `summary`."""
        path = self.folder / name
        return path.read_text("utf-8") if path.exists() else ""


@pytest.fixture
def runner(tiny_pack: Path) -> Runner:
    return Runner(tiny_pack.parent / "runner", tiny_pack.parent)


def test_action_runs_cases_and_publishes_the_result(runner: Runner, tiny_pack: Path) -> None:
    smoke = Smoke(cases=("answer", "seed", "n"), catches=1, mutants=1)
    (tiny_pack / "smoke.json").write_text(smoke_text(smoke), "utf-8")
    with pack_on_disk.gateway() as url:
        result = runner.action(
            target=url,
            model="builtin-1",
            api_key_env="TINY_KEY",
            packs=str(tiny_pack),
            arguments="--repeat\n2\n\n--concurrency\n4\n",
            smoke="true",
        )
    assert result.code == 0, result.output
    assert runner.read("output") == "result=conformant\n"
    assert "conformant to tiny" in runner.read("summary")
    report = pack_on_disk.read_report(runner.cwd / "conformance")
    assert report["cases"][0]["repeats"] == {"pass": 2}


def test_action_fails_with_failed_cases_and_publishes_the_result(
    runner: Runner, tiny_pack: Path
) -> None:
    with pack_on_disk.gateway(pack_on_disk.refuse_seed) as url:
        result = runner.action(
            target=url, model="builtin-1", api_key_env="TINY_KEY", packs=str(tiny_pack)
        )
    assert result.code == 1
    assert (
        "::error file=tiny/cases.yaml,line=" in result.output or "::error title=" in result.output
    )
    assert runner.read("output") == "result=non-conformant\n"


def test_action_reports_an_unreachable_target_without_a_result(runner: Runner) -> None:
    result = runner.action(target="http://127.0.0.1:9/v1", model="m")
    assert result.code == 4
    assert "cannot reach" in result.output
    assert (runner.read("output"), runner.read("summary")) == ("", "")


def test_workflow_merges_shards_and_compares_with_the_last_release(
    runner: Runner, tiny_pack: Path
) -> None:
    jobs = parse(".github/workflows/pre-release.yml")["jobs"]
    shards = jobs["fire"]["strategy"]["matrix"]["shard"]
    inputs = {"model": "builtin-1", "api_key_env": "TINY_KEY", "packs": str(tiny_pack)}
    assert shards == [1, 2, 3]
    with pack_on_disk.gateway() as url:
        for number in shards:
            out, shard = f"shards/conformance-{number}", f"{number}/{len(shards)}"
            assert runner.action(target=url, shard=shard, out=out, **inputs).code == 0
        assert runner.action(target=url, out="before", **inputs).code == 0
    for step in jobs["judge"]["steps"]:
        if "run" in step and "pip" not in step["run"]:
            result = runner.shell(step["run"], BEFORE="before")
            assert result.code == 0, result.output
    assert pack_on_disk.read_report(runner.cwd / "merged")["result"] == "conformant"
    assert "conformant to tiny" in runner.read("summary")
    assert (runner.cwd / "merged" / "diff.html").exists()


@pytest.mark.parametrize(("numbers", "command"), [("", "issue create"), ("7", "issue edit 7")])
def test_workflow_opens_one_issue_about_a_changed_document(
    runner: Runner, tmp_path: Path, numbers: str, command: str
) -> None:
    steps = {
        s.get("name"): s for s in parse(".github/workflows/watch.yml")["jobs"]["documents"]["steps"]
    }
    compare = steps["Compare the rows with the document"]["run"].replace(
        '"$PACK"', f'"$PACK" --page {ROOT}/tests/watch/page.md'
    )
    result = runner.shell(compare, PACK="openai-compat")
    assert (result.code, runner.read("output")) == (0, "differs=1\n"), result.output
    calls = fake_command(tmp_path, "gh", numbers)
    publish = steps["Open an issue, or replace the text of the open one"]["run"]
    path = f"{tmp_path}:{os.environ['PATH']}"
    result = runner.shell(publish, TITLE="The document has changed", PATH=path)
    assert result.code == 0, result.output
    assert command in calls.read_text("utf-8").splitlines()[-1]
    assert "    @@ text: Thinking support\n" in (runner.cwd / "body.md").read_text("utf-8")


def fake_command(folder: Path, name: str, output: str) -> Path:
    """A command that notes its arguments in the file it returns, and prints a text."""
    calls = folder / f"{name}.calls"
    command = folder / name
    command.write_text(f'#!/bin/sh\necho "$@" >> "{calls}"\nprintf "%s" "{output}"\n', "utf-8")
    command.chmod(0o755)
    return calls


def test_gitlab_jobs_run_shards_and_merge_them(runner: Runner, tiny_pack: Path) -> None:
    jobs = parse("docs/ci/gitlab.yml")
    job = jobs["llm-conformance"]
    script = "\n".join(job["script"])
    with pack_on_disk.gateway() as url:
        env = {"LLM_TARGET": url, "LLM_MODEL": "builtin-1", "LLM_API_KEY_ENV": "TINY_KEY"}
        env |= {"CI_NODE_TOTAL": str(job["parallel"]), "LLM_ARGUMENTS": f"--pack\n{tiny_pack}"}
        for number in range(1, job["parallel"] + 1):
            result = runner.shell(script, CI_NODE_INDEX=str(number), **env)
            assert result.code == 0, result.output
        assert [*runner.cwd.glob(job["artifacts"]["reports"]["junit"])]
        result = runner.shell("\n".join(jobs["llm-conformance-merge"]["script"]))
        assert result.code == 0, result.output
        assert "conformant to tiny" in result.output
        shutil.rmtree(runner.cwd / "conformance")
        assert runner.shell(script, **{**env, "CI_NODE_TOTAL": "1"}).code == 0
    assert pack_on_disk.read_report(runner.cwd / "conformance" / "1")["selection"] is None
