"""Faults are causes: measured on recordings of gateways whose causes were reviewed by hand."""

from __future__ import annotations

import lzma
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from harness.judge.verdict import worst_outcome
from harness.report.causes.faults import failed_members
from harness.report.causes.group import Group
from harness.report.causes.groups import calls_of, group_by_cause
from harness.report.data import ReportData
from harness.run import replay
from harness.run.judged_case import entry_again
from harness.run.repeated_case import CaseResult
from harness.run.session import run_cases

FOLDER = Path(__file__).parent / "recordings"
CAUSES: dict[str, dict[str, list[str]]] = yaml.safe_load((FOLDER / "causes.yaml").read_text())
MOST = 2  # faults for one cause: one that must and one that should not be
# Recordings of a dead signal or a rate limit, with the cases that it leaves undecided.
UNDECIDED: dict[str, dict[str, str]] = {
    "constant-usage": {
        "openai-chat/tools.description": "signal",
        "openai-chat/tools.parameters": "signal",
    },
    "limited-tools": {
        "openai-chat/tools.required": "blocked",
        "openai-chat/tools.arguments": "blocked",
    },
}
each_recording = pytest.mark.parametrize("name", CAUSES)


@cache
def recorded(name: str, folder: Path) -> replay.RecordedRun:
    path = folder / f"{name}.jsonl"
    path.write_bytes(lzma.decompress((FOLDER / f"{name}.jsonl.xz").read_bytes()))
    return replay.load_recorded(str(path))


@cache
def report_of(name: str, folder: Path) -> ReportData:
    return recorded(name, folder).report()


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("recordings")


def causes_of(fault: Any, causes: dict[str, list[str]]) -> list[str]:
    """Return the causes that have all cases of a fault."""
    return [cause for cause, cases in causes.items() if {*fault["cases"]} <= {*cases}]


@each_recording
def test_no_fault_has_two_causes(name: str, folder: Path) -> None:
    faults = report_of(name, folder)["faults"]
    assert faults
    assert [f["title"] for f in faults if not causes_of(f, CAUSES[name])] == []


@each_recording
def test_each_cause_is_one_fault_or_two(name: str, folder: Path) -> None:
    musts = [f for f in report_of(name, folder)["faults"] if f["level"] == "must"]
    for cause, cases in CAUSES[name].items():
        of_cause = [f for f in report_of(name, folder)["faults"] if {*f["cases"]} <= {*cases}]
        assert len(of_cause) >= 1, cause
        assert sum(f["level"] == "must" for f in of_cause) <= MOST, cause
    assert len(musts) <= len(CAUSES[name]) + 1


@each_recording
def test_every_fault_is_a_sentence_with_its_promise(name: str, folder: Path) -> None:
    for fault in report_of(name, folder)["faults"]:
        assert re.match(r"[`A-Z]", fault["title"]), fault["title"]
        assert fault["title"].count("`") % 2 == 0
        parts = {key: fault[key] for key in ("promised", "got", "why", "hint")}
        assert [key for key, text in parts.items() if not text] == []
        assert "{" not in re.sub(r"`[^`]*`", "", fault["title"])


def groups_of(name: str, folder: Path) -> list[Group]:
    failed = [m for case in report_of(name, folder)["cases"] for m in failed_members(case)]
    calls = calls_of(recorded(name, folder).plans)
    return group_by_cause(failed, report_of(name, folder)["cases"], calls)


def results_without(name: str, folder: Path) -> Iterator[tuple[int, int]]:
    """Yield, for each fault, the number it states and that of cases that do not fail without it."""
    run = recorded(name, folder)
    results: list[CaseResult] = list(run_cases(run))
    entries = [entry_again(result, run.packs, ()) for result in results]
    stated = {fault["id"]: fault["clears"] for fault in report_of(name, folder)["faults"]}
    failed = [member for entry in entries for member in failed_members(entry)]
    groups = group_by_cause(failed, entries, calls_of(run.plans))
    assert sum(map(len, (group.members for group in groups))) <= len(failed)
    for group, clears in zip(groups, [stated[group.id] for group in groups], strict=True):
        removed = {id(f) for member in group.members for f in (member.finding, *member.also)}
        cleared = 0
        for result, entry in zip(results, entries, strict=True):
            pairs = zip(result.verdict.findings, entry["findings"], strict=True)
            left = [finding for finding, data in pairs if id(data) not in removed]
            before = result.verdict.outcome == "fail"
            cleared += before and worst_outcome(left, undecided=False) != "fail"
        yield clears, cleared


@each_recording
def test_a_fault_clears_as_many_cases_as_it_states(name: str, folder: Path) -> None:
    pairs = [*results_without(name, folder)]
    assert pairs
    assert [clears for clears, _ in pairs] == [cleared for _, cleared in pairs]


@pytest.mark.parametrize("name", UNDECIDED)
def test_what_cannot_be_decided_is_no_fault(name: str, folder: Path) -> None:
    report = report_of(name, folder)
    cases = {f"{case['pack']}/{case['id']}": case for case in report["cases"]}
    undecided = {n: c.get("cause", "") for n, c in cases.items() if c["outcome"] == "inconclusive"}
    assert undecided == UNDECIDED[name]
    prevented = {case for fault in report["faults"] for case in fault["blocks"]}
    assert prevented == {case for case, cause in undecided.items() if cause == "blocked"}


def test_a_rate_limit_is_no_fault(folder: Path) -> None:
    report = report_of("limited-rate", folder)
    statuses = {shot["status"] for case in report["cases"] for shot in case["shots"]}
    assert 429 in statuses
    assert [f["title"] for f in report["faults"] if "429" in str(f["got"])] == []
    assert {c.get("cause") for c in report["cases"]} >= {"rate-limit", "budget"}


def test_unlike_statuses_are_kept_apart(folder: Path) -> None:
    for name in ("litellm-to-anthropic", "portkey-messages", "refused-values"):
        cases = report_of(name, folder)["cases"]
        assert len({shot["status"] for case in cases for shot in case["shots"]}) > 2
        for group in groups_of(name, folder):
            errors = {member.status for member in group.members if member.is_error}
            assert group.topic.kind != "status" or len(errors) <= 1


@each_recording
def test_titles_have_no_schemas_paths_and_rules(name: str, folder: Path) -> None:
    words = re.compile(r"\$\.|minContains|\"pattern\"|\"enum\"|should match|nothing there")
    titles = [fault["title"] for fault in report_of(name, folder)["faults"]]
    assert [title for title in titles if words.search(title)] == []
