"""The message about a target that stopped answering names the requests in flight."""

from __future__ import annotations

from harness.fire.health import Health


def test_requests_that_several_cases_need_are_named_once_and_in_words() -> None:
    health = Health()
    for name in ("shared/939d0b3158/plain/1", "panel/tool/1", "openai-chat/stream/plain"):
        health.begin(name, 1.0)
    assert health.message().endswith(
        "in flight: requests that several cases need, openai-chat/stream/plain"
    )
