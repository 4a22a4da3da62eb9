"""Rows, cases, findings and verdicts for tests of the reports."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jsonschema

from harness.model import (
    Attempt,
    Call,
    Case,
    Cause,
    Exchange,
    Finding,
    Grade,
    Level,
    Mode,
    Outcome,
    Pack,
    Place,
    Plan,
    PlannedAssertion,
    Row,
    Script,
    Shot,
    ShotResult,
    Verdict,
)
from harness.report.build import build_report
from harness.report.case_data import case_data
from harness.report.data import RunFacts

SCHEMA = Path(__file__).parents[2] / "schemas" / "report.schema.json"
VALID = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
HERE = Place("cases/compat/fields.yaml", 12, 5)
RUN: RunFacts = {
    "harness": "0.1.0",
    "target": {"name": "acme", "base_url": "https://gw.acme.example/v1", "model": "acme-2"},
    "command": "harness run https://gw.acme.example/v1",
    "started": "2026-10-05T10:00:00Z",
    "finished": "2026-10-05T10:01:12Z",
    "requests": 812,
}


def row(name: str, declared: str = "ignored", location: str = "request", why_not: str = "") -> Row:
    return Row(name, name, location, declared, "Ignored", ("page",), "", why_not)


def pack(*rows: Row, name: str = "compat", extends: tuple[str, ...] = ()) -> Pack:
    features = {"core": "core", "vision": "extended", "limits": "opt-in"}
    page = {"title": "The page", "url": "https://docs.example/page"}
    return Pack(
        name, "1.0.0", "The table", "openai", name, "sha256:1234", extends, {"page": page},
        {}, {}, {}, {}, features, rows, (),
    )  # fmt: skip


def case(name: str, *, of: str = "compat", row: str = "", **more: Any) -> Case:
    fields: dict[str, Any] = {"behaviour": "ignored", "feature": "core", "spec": {}, "place": HERE}
    fields |= more
    return Case(id=name, pack=of, row=row or name, **fields)


def finding(
    rule: str, at: str = "", got: str = "", *, shot: str = "s/plain", level: Level = "must",
    holds: bool = False, expected: str = "something else", grade: Grade = "effect",
) -> Finding:  # fmt: skip
    return Finding(
        at, expected, got, shot, rule, level, "holds" if holds else "fails", grade, place=HERE
    )


def exchange(shot: str, **more: Any) -> Exchange:
    headers = (("Authorization", "Bearer [key:caller]"), ("Content-Type", "application/json"))
    fields: dict[str, Any] = {
        "end": "complete", "status": 200, "http_version": "HTTP/1.1",
        "headers": (("content-type", "application/json"),), "chunks": ((0.01, b'{"id": "x"}'),),
        "attempts": (Attempt(0, 0.02, "complete", 200),), "seconds": 0.02,
    }  # fmt: skip
    fields |= more
    return Exchange(shot, "POST", "https://gw.acme.example/v1/chat", headers, "{}", **fields)


def judged(
    about: Case, outcome: Outcome, findings: Sequence[Finding] = (), *,
    evidence: Grade = "effect", cause: Cause | None = None, reason: str = "",
    shots: Sequence[tuple[str, Mode, Outcome, Any]] = (("s/plain", "plain", "pass", None),),
) -> tuple[Verdict, Plan]:  # fmt: skip
    """A verdict with its plan; shots are (id, mode, outcome, value)."""
    results = tuple(ShotResult(i, "", m, "probe", v, o, evidence, 0.02) for i, m, o, v in shots)
    call = Call("openai", "POST", "/chat/completions")
    scripts = tuple(Script(i, (Shot(i, "probe", "", m, "", call, v),)) for i, m, _, v in shots)
    assertions = tuple(
        PlannedAssertion(f.rule, "status", "ok", f.level, f.grade, (f.shot,), (), HERE)
        for f in findings
    )
    verdict = Verdict(about, outcome, evidence, cause, reason, 0.02, results, tuple(findings))
    return verdict, Plan(about, scripts, assertions)


def entry(about: Case, outcome: Outcome = "pass", *findings: Finding, **more: Any) -> Any:
    return case_data(*judged(about, outcome, findings, **more), (pack(row(about.row)),))


def report(cases: Sequence[Any], *rows: Row, left_out: Sequence[Any] = (), **run: Any) -> Any:
    made = build_report({**RUN, **run}, [pack(*rows)], cases, left_out)  # type: ignore[typeddict-item]
    assert [f"{e.json_path}: {e.message}" for e in VALID.iter_errors(made)] == []
    return made


def only(rows: Sequence[Any]) -> Any:
    assert len(rows) == 1
    return rows[0]
