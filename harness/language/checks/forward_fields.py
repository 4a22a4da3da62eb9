"""Checks that a field of the caller arrives at the provider, also at one that lacks it."""

from __future__ import annotations

from harness.language.checks.base import Controls, Findings, NotApplicable, check
from harness.language.checks.forward_rules import sent_and_forwarded
from harness.language.checks.forward_table import (
    NEUTRAL,
    OF_MODEL,
    OF_STORED,
    SHOWN_BY_ANSWERS,
    UNCHANGED,
    is_sent,
)
from harness.language.checks.forward_values import has_form
from harness.language.checks.forwarded_leaves import every_value, members
from harness.language.checks.status import OK
from harness.model import Answer, Finding, Json
from harness.util import json_pointer
from harness.util.format_value import format_value


@check("forwarded_field", "upstream", in_cases=False)
def forwarded_field(args: Json, answer: Answer, controls: Controls) -> Findings:
    """A parameter that only a model can honour arrives there if the request was answered.

    Its default need not arrive. A provider of the other protocol can lack the parameter; a gateway
    that answers without it hides that it has no effect, which is not more than a should.

    Args:
        args: The `name` of the parameter; `unknown_only`: nothing is concluded from a provider that
            has it.
    """
    name = args["name"]
    sent, body, request = sent_and_forwarded(answer)
    value = sent.get(name)
    has_it = request.protocol in OF_MODEL[name]
    neutral = value is None or (name in NEUTRAL and value == NEUTRAL[name])
    unjudged = args.get("unknown_only") if has_it else name in SHOWN_BY_ANSWERS
    if "input" in sent and name in OF_STORED and request.protocol != "responses":
        unjudged = True
    if neutral or unjudged or answer.status not in OK:
        raise NotApplicable
    expected = f"{format_value(value)}, as it was sent and answered"
    if not is_sent(name, body):
        yield not_forwarded(f"$.{name}", expected, has_it)
    elif has_it and name in UNCHANGED and name in body and not has_form(body[name], value):
        yield Finding(f"forwarded $.{name}", expected, format_value(body[name]))


@check("forwarded_member", "upstream", in_cases=False)
def forwarded_member(args: Json, answer: Answer, controls: Controls) -> Findings:
    """A member that only OpenAI's protocol has arrives at the provider, at any place.

    At a provider of the other protocol, its text can arrive as a part of another text.
    """
    sent, body, request = sent_and_forwarded(answer)
    value, name = json_pointer.resolve(sent, args["at"]), args["at"].rpartition("/")[2]
    has_it = request.protocol == "openai"
    if value is None or answer.status not in OK:
        raise NotApplicable
    arrived = value in members(body, name)
    if not has_it and isinstance(value, str):
        arrived |= any(isinstance(text, str) and value in text for text in every_value(body))
    if not arrived:
        expected = f"{format_value(value)}, as it was sent and answered"
        yield not_forwarded(f"member {name}", expected, has_it)


def not_forwarded(place: str, expected: str, has_it: bool) -> Finding:
    """Return the finding about what is missing; `has_it`: the provider's protocol has it."""
    if has_it:
        return Finding(f"forwarded {place}", expected, "nothing there")
    got = "nothing there; the provider's protocol has no field for this value"
    return Finding(f"forwarded {place}", expected, got, level="should")
