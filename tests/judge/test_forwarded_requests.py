"""A request that reached the provider is judged whatever its answer was."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from harness.judge import judge
from harness.model import Exchange, Forwarded, Json, Plan
from tests.support.inline_pack import (
    PACK,
    TARGET,
    Reply,
    conforming,
    error_reply,
    failed_rules,
    make_plan,
    send,
)

WITH_UPSTREAM = replace(TARGET, upstream=True)
TOOLS = [{"type": "function", "function": {"name": "get", "parameters": {"type": "object"}}}]
NAMED = {"type": "function", "function": {"name": "get"}}  # not in a sample request of the pack
FORCED = {"tools": TOOLS, "tool_choice": NAMED}
MESSAGE = {"role": "user", "content": "Say: ready"}


def plan_with(body: Json, **spec: Any) -> Plan:
    return make_plan(
        "supported", PACK, WITH_UPSTREAM, request={"body": body}, modes=["plain"], **spec
    )


def optional_choice() -> Plan:
    """Return the plan of a case whose field is honoured or refused by name."""
    return make_plan(
        "honoured_or_refused",
        PACK,
        WITH_UPSTREAM,
        field="$.tool_choice",
        request={"body": FORCED},
        modes=["plain"],
    )


def through(
    plan: Plan, forward: Callable[[Json], Json], reply: Reply | None = None, status: int = 200
) -> dict[str, Exchange]:
    """Return the exchanges of a gateway that forwards `forward(body)` and answers `reply`."""
    exchanges = send(plan, (lambda call: reply) if reply else conforming)
    return {
        shot.id: replace(
            exchanges[shot.id],
            forwarded=(
                Forwarded(
                    "POST",
                    "/v1/chat/completions",
                    (),
                    json.dumps(forward(shot.call.body)),
                    status,
                    "openai",
                    refusal="tool_choice is wrong" if status >= 400 else "",
                ),
            ),
        )
        for shot in plan.shots
    }


def choice_any(body: Json) -> Json:
    return {**body, "tool_choice": "any"} if "tool_choice" in body else body


def test_a_wrong_request_is_the_fault_and_its_refusal_the_consequence() -> None:
    plan = plan_with(FORCED)
    verdict = judge(plan, through(plan, choice_any, error_reply(), 400))
    assert failed_rules(verdict) == {("forward.values", "must")}
    [finding] = [f for f in verdict.findings if not f.holds]
    assert finding.expected == f"should be {json.dumps(NAMED)}"
    assert "tool_choice is wrong" in finding.got


def test_a_refusal_of_a_right_request_is_the_fault_of_its_status() -> None:
    plan = plan_with(FORCED)
    own = {shot.id for shot in plan.shots if "tool_choice" in shot.call.body}
    refused = through(plan, lambda body: body, error_reply(), 400)
    answered = through(plan, lambda body: body)
    verdict = judge(plan, {name: (refused if name in own else answered)[name] for name in refused})
    assert failed_rules(verdict) == {("status", "must")}


def test_a_forwarded_field_is_judged_although_the_request_was_refused() -> None:
    expected = {"openai": {"body": {"$.seed": {"const": 7}}}}
    plan = plan_with({"seed": 7}, expect={"forwarded": expected})
    verdict = judge(plan, through(plan, lambda body: {**body, "seed": 8}, error_reply(), 400))
    assert ("forwarded $.seed", "must") in failed_rules(verdict)
    assert ("status", "must") not in failed_rules(verdict)


def test_a_violation_of_the_sample_requests_does_not_fail_other_cases() -> None:
    plan = plan_with({"seed": 7})
    verdict = judge(plan, through(plan, lambda body: {**body, "temperature": 0.5}))
    assert verdict.outcome == "pass"
    assert verdict.evidence == "accepted"


def test_such_a_violation_blocks_a_case_that_the_provider_refuses_because_of_it() -> None:
    plan = plan_with({"seed": 7})
    exchanges = through(plan, lambda body: {**body, "temperature": 0.5}, error_reply(), 400)
    verdict = judge(plan, exchanges)
    assert (verdict.outcome, verdict.cause) == ("inconclusive", "blocked")
    assert "forward.additions: forwarded $.temperature" in verdict.reason


def test_the_case_about_the_row_of_a_rule_reports_the_violation() -> None:
    plan = make_plan(
        "supported",
        PACK,
        WITH_UPSTREAM,
        row="forward.additions",
        modes=["plain"],
        may={"status": "ok"},
    )
    verdict = judge(plan, through(plan, lambda body: {**body, "temperature": 0.5}))
    assert failed_rules(verdict) == {("forward.additions", "must")}
    assert verdict.evidence == "upstream"


def test_a_legal_value_that_may_be_refused_is_forwarded_as_it_is() -> None:
    plan = optional_choice()
    verdict = judge(plan, through(plan, choice_any))
    assert ("forward.values", "must") in failed_rules(verdict)


def test_a_form_of_a_client_can_be_passed_on_for_the_provider_to_refuse() -> None:
    made = optional_choice()
    plan = replace(made, case=replace(made.case, feature="client.some"))
    refused = judge(plan, through(plan, choice_any, error_reply(), 400))
    assert not any(rule.startswith("forward") for rule, _ in failed_rules(refused))
    answered = judge(plan, through(plan, choice_any))
    assert ("forward.values", "must") in failed_rules(answered)
