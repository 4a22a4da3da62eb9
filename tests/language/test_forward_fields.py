"""Fields that a provider of the other protocol lacks, and what a gateway can do about them."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from harness.language import checks
from harness.language.checks import NotApplicable
from harness.model import Forwarded, Json
from tests.support.inline_pack import answer

USER = {"role": "user", "content": "Hello."}
PATHS = {"anthropic": "/v1/messages", "openai": "/v1/chat/completions"}


def levels(check: str, args: Json, sent: Json, body: Json, protocol: str, status: int = 200) -> str:
    """Return the level of the only finding; "" if there is none."""
    request = Forwarded("POST", PATHS[protocol], (), json.dumps(body), 200, protocol)
    observed = replace(answer(request=sent), forwarded=(request,), status=status)
    findings = list(checks.BY_ID[check].run(args, [observed], []))
    return "".join(finding.level for finding in findings if not finding.holds)


def field(name: str, value: Json, protocol: str, status: int = 200, **body: Json) -> str:
    sent, args = {"messages": [USER], name: value}, {"name": name, "unknown_only": False}
    body = {"messages": [USER], **body}
    return levels("forwarded_field", args, sent, body, protocol, status)


@pytest.mark.parametrize(
    ("name", "value", "protocol"),
    [
        *(("seed", 7, "anthropic"), ("metadata", {"team": "blue"}, "anthropic")),
        *(("logit_bias", {"1": -1}, "anthropic"), ("inference_geo", "us", "openai")),
    ],
)
def test_a_field_that_the_provider_lacks_and_that_is_answered_warns(
    name: str, value: Json, protocol: str
) -> None:
    assert field(name, value, protocol) == "should"
    other = "openai" if protocol == "anthropic" else "anthropic"
    assert field(name, value, other) == "must"
    assert field(name, value, other, **{name: value}) == ""


def test_another_form_of_the_field_counts_as_the_field() -> None:
    assert field("user", "u-1", "anthropic", metadata={"user_id": "u-1"}) == ""
    assert field("reasoning_effort", "low", "anthropic", thinking={"type": "adaptive"}) == ""


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        *(("seed", 7, 400), ("seed", 7, 500), ("seed", None, 200)),
        *(("store", False, 200), ("response_format", {"type": "json_object"}, 200)),
    ],
)
def test_refusals_defaults_and_what_answers_show_are_not_judged(
    name: str, value: Json, status: int
) -> None:
    with pytest.raises(NotApplicable):
        field(name, value, "anthropic", status)


def member(at: str, sent: Json, message: Json, protocol: str = "anthropic") -> str:
    body = {"messages": [message]}
    return levels("forwarded_member", {"at": at}, {"messages": [sent]}, body, protocol)


def test_a_member_that_the_provider_lacks_can_become_a_part_of_a_text() -> None:
    named = {**USER, "name": "ann"}
    assert member("/messages/0/name", named, USER) == "should"
    assert member("/messages/0/name", named, {**USER, "content": "ann: Hello."}) == ""
    assert member("/messages/0/name", named, {**USER, "content": "ann: Hello."}, "openai") == "must"
    assert member("/messages/0/name", named, named, "openai") == ""
