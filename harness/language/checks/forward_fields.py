"""Checks that a field of the caller arrives at a provider that knows it."""

from __future__ import annotations

from collections.abc import Mapping

from harness.language.checks.base import Controls, Findings, NotApplicable, check
from harness.language.checks.forward_rules import sent_and_forwarded
from harness.language.checks.forward_table import NEUTRAL, OF_MODEL, UNCHANGED, is_sent
from harness.language.checks.forward_values import has_form
from harness.language.checks.status import OK
from harness.model import Answer, Finding, Json
from harness.util import json_pointer
from harness.util.format_value import format_value


@check("forwarded_field", "upstream", in_cases=False)
def forwarded_field(args: Json, answer: Answer, controls: Controls) -> Findings:
    """A parameter that only a model can honour arrives there if the request was answered.

    A provider of the other protocol may not have it, and its default says nothing.
    """
    name = args["name"]
    sent, body, request = sent_and_forwarded(answer)
    value = sent.get(name)
    neutral = value is None or (name in NEUTRAL and value == NEUTRAL[name])
    if neutral or request.protocol not in OF_MODEL[name] or answer.status not in OK:
        raise NotApplicable
    expected = f"{format_value(value)}, as it was sent and answered"
    if not is_sent(name, body):
        yield Finding(f"forwarded $.{name}", expected, "nothing there")
    elif name in UNCHANGED and name in body and not has_form(body[name], value):
        yield Finding(f"forwarded $.{name}", expected, format_value(body[name]))


@check("forwarded_member", "upstream", in_cases=False)
def forwarded_member(args: Json, answer: Answer, controls: Controls) -> Findings:
    """A member that only OpenAI's protocol has arrives at an OpenAI provider, at any place."""
    sent, body, request = sent_and_forwarded(answer)
    value = json_pointer.resolve(sent, args["at"])
    if value is None or request.protocol != "openai" or answer.status not in OK:
        raise NotApplicable
    name = args["at"].rpartition("/")[2]
    if value not in members(body, name):
        expected = f"{format_value(value)}, as it was sent and answered"
        yield Finding(f"forwarded member {name}", expected, "nothing there")


def members(value: Json, name: str) -> list[Json]:
    """Return the values of all members with a name, at any depth."""
    inner = value.values() if isinstance(value, Mapping) else value
    values = [value[name]] if isinstance(value, Mapping) and name in value else []
    if isinstance(value, Mapping | list):
        values += [each for item in inner for each in members(item, name)]
    return values
