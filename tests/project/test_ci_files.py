"""The files for CI parse, have what their services ask for, and their shell steps run here."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from harness.load.smoke import Smoke, text_of
from tests.support import pack_on_disk

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
EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")


def parsed(name: str) -> dict[str, Any]:
    """YAML 1.1 reads the key `on` as true."""
    data = yaml.safe_load((ROOT / name).read_text("utf-8"))
    return {("on" if key is True else key): value for key, value in data.items()}


FILES = [
    ("action.yml", ACTION),
    (".github/workflows/pre-release.yml", WORKFLOW),
    (".github/workflows/ci.yml", WORKFLOW),
    ("docs/ci/gitlab.yml", GITLAB),
]


@pytest.mark.parametrize(("name", "schema"), FILES, ids=[name for name, _ in FILES])
def test_a_file_parses_and_has_what_its_service_asks_for(name: str, schema: Any) -> None:
    assert [error.message for error in Draft202012Validator(schema).iter_errors(parsed(name))] == []


def scripts() -> list[tuple[str, str]]:
    action, flow = parsed("action.yml"), parsed(".github/workflows/pre-release.yml")
    steps = [*action["runs"]["steps"], *(s for job in flow["jobs"].values() for s in job["steps"])]
    lab = [
        "\n".join(job[part])
        for job in parsed("docs/ci/gitlab.yml").values()
        for part in ("before_script", "script")
        if part in job
    ]
    return [
        (f"{n}", text) for n, text in enumerate([*(s["run"] for s in steps if "run" in s), *lab])
    ]


@pytest.mark.parametrize(("number", "text"), scripts())
def test_a_shell_step_is_shell_and_takes_its_values_from_the_environment(
    number: str, text: str
) -> None:
    """What stands in `${{ }}` would be pasted into the script: whoever sets it could write code."""
    assert "${{" not in text
    done = subprocess.run(["bash", "-n", "-c", text], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_every_input_is_used_and_every_one_used_is_there() -> None:
    action = parsed("action.yml")
    used = set(re.findall(r"inputs\.([a-z-]+)", (ROOT / "action.yml").read_text("utf-8")))
    assert used == set(action["inputs"])
    flow = parsed(".github/workflows/pre-release.yml")
    ours = [s for job in flow["jobs"].values() for s in job["steps"] if s.get("uses") == "./"]
    assert ours
    assert all(set(step["with"]) <= set(action["inputs"]) for step in ours)


class Runner:
    """A machine of GitHub's or GitLab's, as far as the steps see it; `harness` is this one."""

    def __init__(self, folder: Path, cwd: Path) -> None:
        self.folder, self.cwd = folder, cwd
        bin_ = folder / "bin"
        bin_.mkdir(parents=True)
        for name, module in (("harness", " -m harness"), ("python", "")):
            script = f'#!/bin/sh\nexec "{sys.executable}"{module} "$@"\n'
            (bin_ / name).write_text(script, "utf-8")
            (bin_ / name).chmod(0o755)
        self.env = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("GITHUB_", "CI_"))},
            "PATH": f"{bin_}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "GITHUB_STEP_SUMMARY": str(folder / "summary"),
            "GITHUB_OUTPUT": str(folder / "output"),
            "GITHUB_ACTIONS": "true",
        }

    def shell(self, text: str, **env: str) -> tuple[int, str]:
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", text],
            cwd=self.cwd,
            env={**self.env, **env},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    def action(self, **given: str) -> tuple[int, str]:
        """The action's own steps, but for the installation and what other actions do."""
        action = parsed("action.yml")
        values = {name: one.get("default", "") for name, one in action["inputs"].items()}
        values |= {name.replace("_", "-"): value for name, value in given.items()}
        code, said = 0, ""
        for step in action["runs"]["steps"]:
            if "run" not in step or "pip install" in step["run"]:
                continue
            if code and step.get("if") != "always()":
                continue
            env = {
                key: EXPRESSION.sub(lambda m: values[m[1].removeprefix("inputs.")], value)
                for key, value in step["env"].items()
            }
            status, text = self.shell(step["run"], **env)
            code, said = code or status, said + text
        return code, said

    def told(self, name: str) -> str:
        path = self.folder / name
        return path.read_text("utf-8") if path.exists() else ""


@pytest.fixture
def runner(tiny_pack: Path) -> Runner:
    return Runner(tiny_pack.parent / "runner", tiny_pack.parent)


def test_the_action_fires_and_tells(runner: Runner, tiny_pack: Path) -> None:
    (tiny_pack / "smoke.json").write_text(text_of(Smoke(("answer", "seed", "n"), 1, 1)), "utf-8")
    with pack_on_disk.gateway() as url:
        code, said = runner.action(
            target=url,
            model="builtin-1",
            api_key_env="TINY_KEY",
            packs=str(tiny_pack),
            arguments="--repeat 2 --concurrency 4",
            smoke="true",
        )
    assert code == 0, said
    assert runner.told("output") == "result=conformant\n"
    assert "conformant to tiny" in runner.told("summary")
    assert pack_on_disk.report_in(runner.cwd / "conformance")["cases"][0]["repeats"] == {"pass": 2}


def test_the_action_fails_with_the_cases_and_still_tells(runner: Runner, tiny_pack: Path) -> None:
    good = pack_on_disk.good()

    def wrong(request: Any) -> pack_on_disk.Reply:
        return pack_on_disk.error(400, "no") if b'"seed": 7' in request["body"] else good(request)

    with pack_on_disk.gateway(wrong) as url:
        code, said = runner.action(
            target=url, model="builtin-1", api_key_env="TINY_KEY", packs=str(tiny_pack)
        )
    assert code == 1
    assert "::error file=tiny/cases.yaml,line=" in said or "::error title=" in said
    assert runner.told("output") == "result=non-conformant\n"


def test_the_action_with_nobody_there_says_so_and_tells_nothing(runner: Runner) -> None:
    code, said = runner.action(target="http://127.0.0.1:9/v1", model="m")
    assert code == 4
    assert "cannot reach" in said
    assert (runner.told("output"), runner.told("summary")) == ("", "")


def test_the_workflow_joins_its_shards_and_holds_them_against_the_last_release(
    runner: Runner, tiny_pack: Path
) -> None:
    flow = parsed(".github/workflows/pre-release.yml")
    numbers = flow["jobs"]["fire"]["strategy"]["matrix"]["shard"]
    given = {"model": "builtin-1", "api_key_env": "TINY_KEY", "packs": str(tiny_pack)}
    with pack_on_disk.gateway() as url:
        for number in numbers:
            out = f"shards/conformance-{number}"
            shard = f"{number}/{len(numbers)}"
            assert runner.action(target=url, shard=shard, out=out, **given)[0] == 0
        assert runner.action(target=url, out="before", **given)[0] == 0
    steps = [s for s in flow["jobs"]["judge"]["steps"] if "run" in s and "pip" not in s["run"]]
    for step in steps:
        code, said = runner.shell(step["run"], BEFORE="before")
        assert code == 0, said
    assert {len(numbers), 3} == {3}
    assert pack_on_disk.report_in(runner.cwd / "merged")["result"] == "conformant"
    assert "conformant to tiny" in runner.told("summary")
    assert (runner.cwd / "merged" / "diff.html").exists()


def test_the_gitlab_jobs_fire_and_join(runner: Runner, tiny_pack: Path) -> None:
    jobs = parsed("docs/ci/gitlab.yml")
    job = jobs["llm-conformance"]
    with pack_on_disk.gateway() as url:
        env = {"LLM_TARGET": url, "LLM_MODEL": "builtin-1", "LLM_API_KEY_ENV": "TINY_KEY"}
        env |= {"CI_NODE_TOTAL": str(job["parallel"]), "LLM_ARGUMENTS": f"--pack {tiny_pack}"}
        for number in range(1, job["parallel"] + 1):
            code, said = runner.shell("\n".join(job["script"]), CI_NODE_INDEX=str(number), **env)
            assert code == 0, said
        assert [*runner.cwd.glob(job["artifacts"]["reports"]["junit"])]
        code, said = runner.shell("\n".join(jobs["llm-conformance-merge"]["script"]))
        assert code == 0, said
        assert "conformant to tiny" in said
        shutil.rmtree(runner.cwd / "conformance")
        alone = {**env, "CI_NODE_TOTAL": "1"}
        assert runner.shell("\n".join(job["script"]), **alone)[0] == 0
    assert pack_on_disk.report_in(runner.cwd / "conformance" / "1")["selection"] is None
