"""A proxy that changes nothing, before a provider of its own protocol, fails almost no case."""

from __future__ import annotations

import pytest

from tests.support.transparent_gateway import accusations

# It hands failures and secrets of the provider on, and temperatures that a version refuses. The
# provider of Responses does not think, and deletes nothing.
FAILURES = {
    "openai-chat": ("upstream.failed.", "upstream.error.", "upstream.answer.headers"),
    "anthropic-messages": (
        *("upstream.error.", "upstream.broken.", "upstream.answer.headers"),
        "upstream.version.newer",
    ),
    "openai-responses": (
        *("upstream.failed.", "upstream.error.", "upstream.broken."),
        *("input.reasoning", "reasoning.encrypted", "stored.deleted", "client.codex.thoughts"),
    ),
    "openai-embeddings": ("upstream.failed.", "upstream.error."),
}


@pytest.mark.parametrize("pack", FAILURES)
def test_what_is_passed_on_as_it_came_is_no_fault(pack: str) -> None:
    kills = accusations(pack)
    wrong = [k for k in kills if not k.case.partition("/")[2].startswith(FAILURES[pack])]
    assert wrong == []
    assert {kill.level for kill in kills} >= {"must", "should"}
