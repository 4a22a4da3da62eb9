"""Runs `harness run` in a process against a gateway, and reads what it wrote."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.real.environments import Server
from tests.real.litellm_gateway import KEY

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(__file__).parent
FAILED, UNREACHABLE = 1, 4  # exit codes: the run ended early, or could not begin
HARNESS = [sys.executable, "-m", "harness"]
OUTPUTS = (
    *("report.html", "report.json", "junit.xml"),
    *("summary.md", "badge.svg", "transcript.jsonl"),
)
RANDOM_ID = re.compile(r"\b(chatcmpl|call|msg|toolu|resp)[-_][\w-]+")
VERDICT = ("outcome", "evidence", "cause", "findings")  # the keys of a case's verdict
# Causes of inconclusive cases that are not the gateway's or the model's.
HARNESS_CAUSES = {"harness", "timeout", "rate-limit", "budget", "environment", "transport"}


@dataclass(frozen=True, slots=True)
class Run:
    """One run: its exit code, its terminal output, and the folder with its files."""

    code: int
    output: str
    folder: Path

    @property
    def report(self) -> dict[str, Any]:
        report: dict[str, Any] = json.loads((self.folder / "report.json").read_text("utf-8"))
        return report

    @property
    def outcomes(self) -> dict[str, str]:
        return {f"{case['pack']}/{case['id']}": case["outcome"] for case in self.report["cases"]}

    @property
    def findings(self) -> list[tuple[str, ...]]:
        """The findings without values that differ between runs: times and random ids."""
        parts = ("rule", "level", "shot", "demanded", "at", "expected")
        return sorted(
            (
                case["id"],
                case["outcome"],
                str(case.get("cause")),
                *(RANDOM_ID.sub("ID", str(finding[part])) for part in parts),
            )
            for case in self.report["cases"]
            for finding in case["findings"]
        )

    @property
    def missing_outputs(self) -> list[str]:
        return [name for name in OUTPUTS if not (self.folder / name).is_file()]

    @property
    def undecided_by_harness(self) -> list[str]:
        """The cases that are inconclusive for a cause that is not the gateway's or the model's."""
        cases = self.report["cases"]
        return [case["id"] for case in cases if case.get("cause") in HARNESS_CAUSES]

    def changed_when_judged_again(self) -> list[str]:
        """Judge the transcript again and return the cases with another verdict or finding."""
        out = self.folder / "again"
        command = [*HARNESS, "judge", str(self.folder), "--out", str(out)]
        subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
        before, after = verdicts(self.report), verdicts(Run(0, "", out).report)
        return sorted(name for name in before | after if before.get(name) != after.get(name))

    def files_with(self, *keys: str) -> list[str]:
        """The names of written files that contain one of the keys."""
        contents = {p.name: p.read_bytes() for p in self.folder.rglob("*") if p.is_file()}
        secrets = [key.encode() for key in keys]
        return [name for name, data in contents.items() if any(key in data for key in secrets)]


def verdicts(report: dict[str, Any]) -> dict[str, list[Any]]:
    """The verdict of each case in a report."""
    return {
        f"{case['pack']}/{case['id']}": [case.get(k) for k in VERDICT] for case in report["cases"]
    }


def run(
    url: str, model: str, packs: Sequence[str], folder: Path, *more: str, key: str = KEY
) -> Run:
    """Run the packs against `url`. The key is passed in a variable, not on the command line."""
    chosen = [part for pack in packs for part in ("--pack", pack)]
    options = ["--model", model, *chosen, "--api-key-env", "REAL_KEY", "--out", str(folder)]
    completed = subprocess.run(
        [*HARNESS, "run", url, *options, *more],
        cwd=ROOT,
        env={**os.environ, "REAL_KEY": key},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return Run(completed.returncode, completed.stdout + completed.stderr, folder)


def run_on(server: Server, start: Callable[[Path], Run], folder: Path) -> Run:
    """Run against a server. If its process has ended by itself meanwhile, run once more.

    The harness must have ended the first run and stated it, unless the run was over before.

    Args:
        start: Runs the harness with the folder of its reports.
    """
    first = start(folder)
    if not server.has_ended():
        return first
    server.start()
    has_report = "report.json" not in first.missing_outputs  # without a judged case there is none
    if has_report and not first.report["reasons"]:
        return first  # a case without an answer in it is found by the tests
    assert first.code in (FAILED, UNREACHABLE), first.output
    return start(folder.with_name(f"{folder.name}-once-more"))


def reviewed_failures(name: str, *, in_every_run: bool = False) -> set[str]:
    """The cases that fail in the configuration `name`, or only those that do so in every run.

    Each was reviewed by hand.
    """
    groups = yaml.safe_load((FOLDER / "reviewed_failures.yaml").read_text("utf-8"))
    kept = [group for group in groups if not (in_every_run and group.get("sometimes"))]
    return {case for group in kept for case in group.get(name, ())}
