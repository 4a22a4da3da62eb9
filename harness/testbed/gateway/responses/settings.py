"""The settings that a response repeats: those of the request, or their defaults."""

from __future__ import annotations

from typing import Final

from harness.testbed.gateway.endpoint import Body
from harness.testbed.gateway.model_types import Json

# The value in force if the request has none.
DEFAULTS: Final[dict[str, Json]] = {
    "background": False,
    "frequency_penalty": 0.0,
    "instructions": None,
    "max_output_tokens": None,
    "max_tool_calls": None,
    "metadata": {},
    "parallel_tool_calls": True,
    "presence_penalty": 0.0,
    "previous_response_id": None,
    "prompt_cache_key": None,
    "prompt_cache_retention": None,
    "safety_identifier": None,
    "store": True,
    "temperature": 1.0,
    "tool_choice": "auto",
    "tools": [],
    "top_logprobs": 0,
    "top_p": 1.0,
    "truncation": "disabled",
    "user": None,
}
# Objects of which each member has a default of its own.
NESTED: Final[dict[str, Body]] = {
    "reasoning": {"effort": None, "summary": None},
    "text": {"format": {"type": "text"}, "verbosity": "medium"},
}
TIER: Final = "default"  # the only service tier of this server


def in_force(body: Body) -> Body:
    """Returns each setting that an answer has, in the order of the reference's names."""
    plain = {
        name: value if body.get(name) is None else body[name] for name, value in DEFAULTS.items()
    }
    nested = {name: with_defaults(body.get(name) or {}, value) for name, value in NESTED.items()}
    return {**plain, **nested, "service_tier": TIER}


def with_defaults(given: Body, defaults: Body) -> Body:
    return {**defaults, **{key: value for key, value in given.items() if value is not None}}
