"""The page about Responses names only cases of the pack, and each test of the public suite."""

from __future__ import annotations

import re

from harness.language.behaviours import BY_ID
from harness.load.packs import load_packs
from tests.support.pack_on_disk import ROOT

SUITE = (
    *("basic-response", "streaming-response", "system-prompt", "tool-calling"),
    *("tool-calling-streaming", "function-call-roundtrip", "image-input", "file-input"),
    *("multi-turn", "previous-response-id", "file-search", "offline-web-search"),
)
LINE = re.compile(r"^\| `([\w-]+)`[^|]*\| ([^|]+)\|", re.MULTILINE)


def test_each_test_of_the_suite_has_cases_of_the_pack() -> None:
    lines = dict(LINE.findall((ROOT / "docs/responses.md").read_text("utf-8")))
    (pack,) = load_packs(["openai-responses"], tuple(BY_ID))
    known = {case.id for case in pack.cases}
    assert sorted(lines) == sorted(SUITE)
    named = {name: set(re.findall(r"`([\w.-]+)`", cells)) for name, cells in lines.items()}
    assert [name for name, cases in named.items() if not cases] == []
    assert {case for cases in named.values() for case in cases} - known == set()


def test_all_members_that_open_responses_requires_are_compared() -> None:
    (pack,) = load_packs(["openai-responses"], tuple(BY_ID))
    case = next(case for case in pack.cases if case.id == "settings.present")
    required = case.spec["should"]["body"]["$"]["required"]
    assert len(required) == len(set(required)) == 25
