"""The signals without which an assertion shows nothing about a target."""

from __future__ import annotations

import pytest

from harness.model import Call
from harness.plan.needs import signals_needed

OFFERED = {"tools": [{"type": "custom", "name": "write_down"}], "tool_choice": "required"}


@pytest.mark.parametrize("kind", ["function_call", "custom_tool_call", "web_search_call"])
def test_a_call_of_each_kind_needs_a_model_that_calls_tools(kind: str) -> None:
    call = Call("responses", "POST", "/responses", body=OFFERED)
    path = f"$.output[?@.type=='{kind}'].id"
    assert signals_needed("body", {path: {"minLength": 1}}, call) == ("tools",)
