"""The `upstream` key of a case is translated for the mock provider, with all its keys."""

from __future__ import annotations

from typing import Any

import pytest

from harness.language.behaviours.upstream_reply import to_script
from harness.testbed.mock_provider import reply_script
from harness.util import json_schema

REPLIES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"stop_reason": "tool_use"}, {"stop": "tool_use"}),
    ({"stop_reason": "blocked"}, {"native": "blocked"}),
    ({"usage": {"cache_read_input_tokens": 3}}, {"usage": {"cache_read": 3}}),
    (
        {"parts": [{"text": "a"}, {"tool": {"f": {"x": 1}}}]},
        {"parts": [{"text": "a"}, {"tool": {"name": "f", "input": {"x": 1}}}]},
    ),
    ({"stream": {"split": 4, "pause": 1.5}}, {"fragments": 4, "gap": 1.5}),
    ({"stream": {"split": [1, 3], "pings": 2}}, {"cut": [1, 3], "pings": 2}),
    ({"stream": {"split": "bytes"}}, {"fragments": 1, "bytes": True}),
    ({"stream": {"fail": {"drop": 2}}}, {"fail": {"after": 2, "with": "drop"}}),
    (
        {"headers": {"Content-Type": "text/plain", "a": "b"}},
        {"content_type": "text/plain", "headers": [["a", "b"]]},
    ),
]


@pytest.mark.parametrize(("reply", "script"), REPLIES, ids=[str(reply) for reply, _ in REPLIES])
def test_reply_is_translated(reply: dict[str, Any], script: dict[str, Any]) -> None:
    assert json_schema.errors("case#/$defs/upstream", reply) == []
    assert to_script(reply) == script
    reply_script.parse(script)
