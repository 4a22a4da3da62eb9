"""An upstream failure can be signalled in several ways, but must not look like a success."""

from __future__ import annotations

from typing import Any

import pytest

from harness.judge import judge
from harness.model import Shot
from tests.support.inline_pack import Reply, as_stream, failed_rules, make_plan, send, text_reply

ERROR = b'data: {"error": {"message": "overloaded", "type": "server_error"}}\n\n'
COMPLETE = as_stream(text_reply("abcd").body)
PARTIAL = b"".join(event + b"\n\n" for event in COMPLETE.split(b"\n\n")[:2])
CONTENT_TYPE = (("content-type", "text/event-stream"),)
SERVER_ERROR = {
    "error": {"message": "overloaded", "type": "server_error", "param": None, "code": None}
}
REPLIES: dict[str, Reply] = {
    "status": Reply(status=503, body=SERVER_ERROR),
    "event": Reply(raw=PARTIAL + ERROR, headers=CONTENT_TYPE),
    "cut": Reply(raw=PARTIAL, headers=CONTENT_TYPE, end="dropped", note="the connection was lost"),
    "complete": Reply(raw=COMPLETE, headers=CONTENT_TYPE),
    "incomplete": Reply(raw=PARTIAL, headers=CONTENT_TYPE),
    "no-answer": Reply(status=None, end="dropped", note="no bytes arrived", confirmed=True),
    "no-error-object": Reply(status=503, body={"oops": 1}),
}

SIGNALS = ["status", "event", "cut", "incomplete"]


def outcome(failure: str, permitted: Any) -> tuple[str, set[tuple[str, str]]]:
    expect = {"status": [200, 503], "error_signalled_by": permitted}
    plan = make_plan("supported", modes=["stream"], expect=expect)

    def gateway(shot: Shot) -> Reply:
        return (
            REPLIES[failure] if shot.tag == "probe" else Reply(raw=COMPLETE, headers=CONTENT_TYPE)
        )

    verdict = judge(plan, send(plan, gateway))
    return verdict.outcome, failed_rules(verdict)


@pytest.mark.parametrize("failure", SIGNALS)
def test_a_permitted_signal_passes(failure: str) -> None:
    assert outcome(failure, SIGNALS) == ("pass", set())
    assert outcome(failure, [failure]) == ("pass", set())


@pytest.mark.parametrize("failure", SIGNALS)
def test_a_signal_that_is_not_permitted_fails(failure: str) -> None:
    others = [other for other in SIGNALS if other != failure]
    assert ("error_signalled_by", "must") in outcome(failure, others)[1]


@pytest.mark.parametrize(
    ("failure", "rule"),
    [
        ("complete", "error_signalled_by"),
        ("incomplete", "error_signalled_by"),
        ("no-answer", "transport"),
        ("no-error-object", "schema"),
    ],
)
def test_a_complete_answer_and_a_missing_one_fail(failure: str, rule: str) -> None:
    result = outcome(failure, ["status", "event", "cut"])
    assert result[0] == "fail"
    assert (rule, "must") in result[1]


def test_the_finding_describes_what_was_observed() -> None:
    plan = make_plan("supported", modes=["stream"], expect={"error_signalled_by": ["event"]})
    verdict = judge(plan, send(plan, lambda shot: REPLIES["complete"]))
    [finding] = [f for f in verdict.findings if f.rule == "error_signalled_by"]
    assert finding.got == "a complete answer"
