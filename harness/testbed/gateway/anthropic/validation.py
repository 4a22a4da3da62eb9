"""Checks request bodies of Messages. A check raises RequestError."""

from __future__ import annotations

import re

from harness.testbed.gateway.anthropic import feature_validation as features
from harness.testbed.gateway.anthropic.message_validation import (
    cache_control,
    check_messages,
    check_system,
)
from harness.testbed.gateway.anthropic.tool_validation import tool_choice, tools
from harness.testbed.gateway.errors import RequestError, bad_value, extra, wrong_type
from harness.testbed.gateway.model_types import Json
from harness.testbed.gateway.validators import (
    Check,
    a_boolean,
    a_number,
    a_positive_integer,
    a_string,
    an_object,
    is_integer,
    nullable,
    one_of,
)

_PERSONAL = re.compile(r"[^@\s]+@[^@\s]+\.\w+|\+\d[\d ()-]{6,}")
_THINKING = ("enabled", "disabled", "adaptive", "between_tools")
_DISPLAYS = ("summarized", "omitted")
MIN_BUDGET = 1024


def top_k(param: str, value: Json) -> None:
    if not is_integer(value):
        raise wrong_type(param, "an integer", value)
    if value < 0:
        raise bad_value(param, "expected at least 0.")


def stop_sequences(param: str, value: Json) -> None:
    if not isinstance(value, list):
        raise wrong_type(param, "an array of strings", value)
    for number, entry in enumerate(value):
        a_string(f"{param}[{number}]", entry)
        if not entry.strip():
            raise bad_value(f"{param}[{number}]", "each stop sequence must contain non-whitespace.")


def metadata(param: str, value: Json) -> None:
    an_object(param, value)
    for key in value:
        if key != "user_id":
            raise extra(f"{param}.{key}")
    nullable(user_id)(f"{param}.user_id", value.get("user_id"))


def user_id(param: str, value: Json) -> None:
    a_string(param, value)
    if len(value) > 256:
        raise bad_value(param, "expected at most 256 characters.")
    if _PERSONAL.fullmatch(value):
        raise bad_value(param, "must not be an e-mail address or a phone number.")


def thinking(param: str, value: Json) -> None:
    an_object(param, value)
    one_of(*_THINKING)(f"{param}.type", value.get("type"))
    nullable(one_of(*_DISPLAYS))(f"{param}.display", value.get("display"))
    if value["type"] == "enabled":
        a_positive_integer(f"{param}.budget_tokens", value.get("budget_tokens"))
        if value["budget_tokens"] < MIN_BUDGET:
            raise bad_value(f"{param}.budget_tokens", f"expected at least {MIN_BUDGET}.")


def thread(param: str, value: Json) -> None:
    """Rejects server-side conversations. The SDK's tool runner then sends all messages."""
    details = {"error_code": "thread_unsupported_request", "unsupported": []}
    raise RequestError(400, f"{param}: not supported here", param=param, details=details)


# The fields of count_tokens; Messages accepts more.
COUNT_FIELDS: dict[str, Check] = {
    "model": a_string,
    "messages": check_messages,
    "system": nullable(check_system),
    "tools": nullable(tools),
    "tool_choice": nullable(tool_choice),
    "thinking": nullable(thinking),
    "cache_control": cache_control,
    "context_management": nullable(features.context_management),
    "mcp_servers": features.mcp_servers,
    "output_config": features.output_config,
    "speed": nullable(one_of("standard", "fast")),
}
FIELDS: dict[str, Check] = {
    **COUNT_FIELDS,
    "max_tokens": a_positive_integer,
    "stream": nullable(a_boolean),
    "temperature": nullable(a_number(0, 1)),
    "top_p": nullable(a_number(0, 1)),
    "top_k": nullable(top_k),
    "stop_sequences": nullable(stop_sequences),
    "metadata": nullable(metadata),
    "service_tier": nullable(one_of("auto", "standard_only")),
    "thread": nullable(thread),
    "container": nullable(features.container),
    "diagnostics": nullable(features.diagnostics),
    "fallbacks": nullable(features.fallbacks),
    "inference_geo": nullable(a_string),
    "user_profile_id": nullable(a_string),
}
REQUIRED = ("model", "max_tokens", "messages")


def check_together(body: dict[str, Json]) -> None:
    """Checks combinations of fields."""
    choice, thinking_config = body.get("tool_choice") or {}, body.get("thinking") or {}
    names = {tool.get("name") for tool in body.get("tools") or ()}
    if choice and not names:
        raise bad_value("tool_choice", "may only be specified while providing tools.")
    if choice.get("type") == "tool" and choice["name"] not in names:
        raise bad_value("tool_choice.name", f"no tool is named '{choice['name']}'.")
    if thinking_config.get("budget_tokens") and thinking_config["budget_tokens"] >= body.get(
        "max_tokens", 1 << 60
    ):
        raise bad_value("thinking.budget_tokens", "must be less than max_tokens.")
