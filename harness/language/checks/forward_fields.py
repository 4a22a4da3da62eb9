"""Checks that a field of the caller arrives at a provider that knows it."""

from __future__ import annotations

from collections.abc import Mapping

from harness.language.checks.base import Controls, Findings, NotApplicable, check
from harness.language.checks.forward_rules import sent_and_forwarded
from harness.language.checks.forward_table import (
    NEUTRAL,
    OF_MODEL,
    SHOWN_BY_ANSWERS,
    UNCHANGED,
    is_sent,
)
from harness.language.checks.forward_values import has_form
from harness.language.checks.status import OK
from harness.model import Answer, Finding, Json, Level
from harness.util import json_pointer
from harness.util.format_value import format_value


@check("forwarded_field", "upstream", in_cases=False)
def forwarded_field(args: Json, answer: Answer, controls: Controls) -> Findings:
    """A parameter that only a model can honour arrives there if the request was answered.

    Its default says nothing. A provider of the other protocol can lack the parameter; a gateway
    that answers without it hides that it has no effect, which is not more than a should.

    Args:
        args: The name of the parameter, and whether only providers without it are judged.
    """
    name = args["name"]
    sent, body, request = sent_and_forwarded(answer)
    value = sent.get(name)
    has_it = request.protocol in OF_MODEL[name]
    neutral = value is None or (name in NEUTRAL and value == NEUTRAL[name])
    unjudged = args.get("unknown_only") if has_it else name in SHOWN_BY_ANSWERS
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

    For a provider of the other protocol, a text of it can be a part of another text.
    """
    sent, body, request = sent_and_forwarded(answer)
    value, name = json_pointer.resolve(sent, args["at"]), args["at"].rpartition("/")[2]
    has_it = request.protocol == "openai"
    if value is None or answer.status not in OK:
        raise NotApplicable
    arrived = value in members(body, name)
    if not (arrived or (not has_it and isinstance(value, str) and has_text(body, value))):
        expected = f"{format_value(value)}, as it was sent and answered"
        yield not_forwarded(f"member {name}", expected, has_it)


def not_forwarded(place: str, expected: str, has_it: bool) -> Finding:
    """Return the finding about what is missing; `has_it`: the provider's protocol has it."""
    got = "nothing there" if has_it else "nothing there; the provider's protocol has no such field"
    level: Level = "must" if has_it else "should"
    return Finding(f"forwarded {place}", expected, got, level=level)


def has_text(value: Json, text: str) -> bool:
    """Whether any text contains another one."""
    if isinstance(value, str):
        return text in value
    inner = value.values() if isinstance(value, Mapping) else value
    return isinstance(value, Mapping | list) and any(has_text(item, text) for item in inner)


def members(value: Json, name: str) -> list[Json]:
    """Return the values of all members with a name, at any depth."""
    inner = value.values() if isinstance(value, Mapping) else value
    values = [value[name]] if isinstance(value, Mapping) and name in value else []
    if isinstance(value, Mapping | list):
        values += [each for item in inner for each in members(item, name)]
    return values
