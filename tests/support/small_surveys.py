"""Surveys of a small pack that is the only document of its protocol."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from harness.survey import session
from tests.support import pack_on_disk
from tests.support.pack_on_disk import KEY, CommandResult, Respond

ROWS = """
rows:
  - {id: seed, path: seed, location: request, behaviour: ignored}
  - {id: n, path: n, location: request, behaviour: exactly}
  - {id: answer, path: content, location: response, behaviour: supported}
  - {id: burst, path: retry-after, location: header, behaviour: limited}
"""


def only_document(pack: Path, rows: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a pack its rows, and make it all that a survey of its protocol sends."""
    monkeypatch.setattr(session, "DOCUMENTS", {})
    monkeypatch.setenv("TINY_KEY", KEY)
    (pack / "rows.yaml").write_text(rows, "utf-8")
    return pack


def tiny_survey(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the small pack as the only document."""
    return only_document(pack_on_disk.pack(tmp_path / "tiny"), ROWS, monkeypatch)


def survey_url(url: str, pack: Path, *words: str | Path) -> CommandResult:
    """Survey a URL; the files go to the folder `out` beside the pack."""
    options: list[str | Path] = ["--model", "builtin-1", "--api-key-env", "TINY_KEY"]
    options += ["--pack", pack, "--out", pack.parent / "out"]
    return pack_on_disk.harness("survey", url, *options, *words)


def survey(pack: Path, respond: Respond, *words: str | Path) -> CommandResult:
    with pack_on_disk.gateway(respond) as url:
        return survey_url(url, pack, *words)


def run_again(pack: Path) -> CommandResult:
    """Run the checks that a survey has written, on the same URL."""
    out = pack.parent / "out"
    files = {name: out / f"{name}.yaml" for name in ("claims", "baseline")}
    words = [word for name, file in files.items() if file.exists() for word in (f"--{name}", file)]
    return pack_on_disk.harness("run", out / "target.yaml", *words, "--out", pack / "run")


def rows_of(pack: Path) -> dict[str, dict[str, Any]]:
    """Return the rows of survey.json by their ids."""
    data = json.loads((pack.parent / "out" / "survey.json").read_text("utf-8"))
    return {row["row"]: row for row in data["rows"]}


def body_of(request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the JSON object of a request, empty if its body is something else."""
    body = json.loads(request["body"] or b"{}")
    return body if isinstance(body, dict) else {}
