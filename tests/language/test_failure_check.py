"""An answer that has to fail may do so in several ways, but never as if it were whole."""

from __future__ import annotations

from typing import Any

import pytest

from harness.judge import judge
from harness.model import Shot
from tests.support.inline_pack import Reply, as_stream, failed_rules, make_plan, send, text_reply

ERROR = b'data: {"error": {"message": "overloaded", "type": "server_error"}}\n\n'
WHOLE = as_stream(text_reply("abcd").body)
BEGUN = b"".join(event + b"\n\n" for event in WHOLE.split(b"\n\n")[:2])
KIND = (("content-type", "text/event-stream"),)
SERVER_ERROR = {
    "error": {"message": "overloaded", "type": "server_error", "param": None, "code": None}
}
WAYS: dict[str, Reply] = {
    "status": Reply(status=503, body=SERVER_ERROR),
    "event": Reply(raw=BEGUN + ERROR, headers=KIND),
    "cut": Reply(raw=BEGUN, headers=KIND, end="dropped", note="it broke off"),
    "whole": Reply(raw=WHOLE, headers=KIND),
    "unended": Reply(raw=BEGUN, headers=KIND),
    "silent": Reply(status=None, end="dropped", note="nothing came"),
    "no-object": Reply(status=503, body={"oops": 1}),
}


def outcome(way: str, wanted: Any) -> tuple[str, set[tuple[str, str]]]:
    expect = {"status": [200, 503], "fails": wanted}
    made = make_plan("supported", modes=["stream"], expect=expect)

    def world(shot: Shot) -> Reply:
        return WAYS[way] if shot.tag == "probe" else Reply(raw=WHOLE, headers=KIND)

    verdict = judge(made, send(made, world))
    return verdict.outcome, failed_rules(verdict)


@pytest.mark.parametrize("way", ["status", "event", "cut"])
def test_any_way_that_is_named_will_do(way: str) -> None:
    assert outcome(way, ["status", "event", "cut"]) == ("pass", set())
    assert outcome(way, [way]) == ("pass", set())


@pytest.mark.parametrize("way", ["status", "event", "cut"])
def test_another_way_will_not(way: str) -> None:
    others = [each for each in ("status", "event", "cut") if each != way]
    assert ("fails", "must") in outcome(way, others)[1]


@pytest.mark.parametrize(
    ("way", "rule"),
    [("whole", "fails"), ("unended", "fails"), ("silent", "transport"), ("no-object", "schema")],
)
def test_neither_will_a_clean_end_nor_nothing_at_all(way: str, rule: str) -> None:
    found = outcome(way, ["status", "event", "cut"])
    assert found[0] == "fail"
    assert (rule, "must") in found[1]


def test_what_came_instead_is_told() -> None:
    made = make_plan("supported", modes=["stream"], expect={"fails": ["event"]})
    verdict = judge(made, send(made, lambda shot: WAYS["whole"]))
    [finding] = [f for f in verdict.findings if f.rule == "fails"]
    assert finding.got == "a complete answer"
