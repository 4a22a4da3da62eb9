"""Answers to shared scripts are kept until the last case that can use them is judged."""

from __future__ import annotations

from harness.model import Call, Case, Place, Plan, Prerequisite, Script, Shot
from harness.run.shared_scripts import SharedScripts


def script(name: str) -> Script:
    return Script(name, (Shot(name, "control", "control", "plain", "", Call("openai", "GET", "")),))


def plan(name: str, *scripts: str, simpler: tuple[str, ...] = ()) -> Plan:
    case = Case(name, "pack", "row", "supported", "core", {}, Place("file", 1))
    needed = tuple(Prerequisite(script(each), (), "simpler") for each in simpler)
    return Plan(case, tuple(map(script, scripts)), (), prerequisites=needed)


def unused(shared: SharedScripts, one: Plan, turn: int = 1) -> list[str]:
    return [each.id for each in shared.unused_after(one, turn)]


def test_a_script_is_unused_after_the_last_case_that_sends_it() -> None:
    first, last = plan("a", "own/a", "shared/x"), plan("b", "shared/x", "own/b")
    shared = SharedScripts([first, last])
    assert unused(shared, first) == ["own/a"]
    assert unused(shared, last) == ["shared/x", "own/b"]


def test_a_script_that_a_later_case_sends_only_after_a_failure_is_kept() -> None:
    first, last = plan("a", "shared/x"), plan("b", "own/b", simpler=("shared/x",))
    shared = SharedScripts([first, last])
    assert unused(shared, first) == []
    assert unused(shared, last) == ["own/b", "shared/x"]


def test_each_repetition_is_counted_for_itself_and_a_script_once_for_a_case() -> None:
    both = plan("a", "shared/x", simpler=("shared/x",))
    shared = SharedScripts([both, plan("b", "shared/x")])
    assert unused(shared, both, 1) == unused(shared, both, 2) == []
    assert unused(shared, plan("b", "shared/x"), 2) == ["shared/x/r2"]
