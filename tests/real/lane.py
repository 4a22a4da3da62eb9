"""`harness run` as a person would, against a base URL -> what it left. May not judge it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.real.proxy import KEY

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
HARNESS = [sys.executable, "-m", "harness"]
ARTEFACTS = (
    *("report.html", "report.json", "junit.xml"),
    *("summary.md", "badge.svg", "transcript.jsonl"),
)
RANDOM_ID = re.compile(r"\b(chatcmpl|call|msg|toolu)[-_][\w-]+")


@dataclass(frozen=True, slots=True)
class Run:
    """One run: its exit code, what it printed, and the folder it wrote."""

    code: int
    said: str
    folder: Path

    @property
    def report(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "report.json").read_text("utf-8"))
        return found

    @property
    def outcomes(self) -> dict[str, str]:
        return {f"{case['pack']}/{case['id']}": case["outcome"] for case in self.report["cases"]}

    @property
    def findings(self) -> list[tuple[str, ...]]:
        """What was found, without what no two runs share: times, and the values of random ids."""
        parts = ("rule", "level", "shot", "demanded", "at", "expected")
        return sorted(
            (
                case["id"],
                case["outcome"],
                str(case.get("cause")),
                *(RANDOM_ID.sub("ID", str(one[part])) for part in parts),
            )
            for case in self.report["cases"]
            for one in case["findings"]
        )


def run(url: str, model: str, pack: str, folder: Path, *more: str, key: str = KEY) -> Run:
    """Fires `pack` at `url`; the key is named, never written into the command line."""
    options = ["--model", model, "--pack", pack, "--api-key-env", "LANE_KEY", "--out", str(folder)]
    done = subprocess.run(
        [*HARNESS, "run", url, *options, *more],
        cwd=ROOT,
        env={**os.environ, "LANE_KEY": key},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return Run(done.returncode, done.stdout + done.stderr, folder)


def walked(name: str) -> set[str]:
    """The cases that a gateway is known to fail, each walked through by hand."""
    groups = yaml.safe_load((HERE / "walked.yaml").read_text("utf-8"))
    return {case for group in groups for case in group.get(name, ())}
