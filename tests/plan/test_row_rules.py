"""A case whose row has the id of a rule is about that rule, on all of its own requests."""

from __future__ import annotations

import pytest

from harness.model import PlannedAssertion
from harness.model.options import Options
from harness.run import load_session


def rule_of(case_name: str, upstream: str = "") -> PlannedAssertion:
    session = load_session(Options(packs=("openai-chat",), upstream=upstream))
    [case] = [each for each in session.packs["openai-chat"].cases if each.id == case_name]
    plan = session.plan(case)
    assertion, *_ = [each for each in plan.assertions if each.check == case.row]
    assert assertion.shots
    assert all(shot.startswith(f"{case.name}/") for shot in assertion.shots)
    return assertion


def test_arrival_compares_all_requests_and_needs_streams_in_pieces() -> None:
    assertion = rule_of("stream.text.arrival")
    assert [shot.rpartition("/")[2] for shot in assertion.shots] == [
        "long", "short", "long-again", "short-again", "long-last",
    ]  # fmt: skip
    assert (assertion.level, assertion.needs) == ("should", ("streaming",))


@pytest.mark.parametrize(
    ("case", "level"), [("shape.limits", "should"), ("upstream.error.headers", "must")]
)
def test_a_rule_has_its_level(case: str, level: str) -> None:
    assertion = rule_of(case, "127.0.0.1:9" if case.startswith("upstream") else "")
    assert (assertion.level, assertion.needs) == (level, ())
