"""Checks the request fields of Messages that came after the first version of the protocol.

A check raises RequestError.
"""

from __future__ import annotations

import re

from harness.testbed.gateway.errors import RequestError, bad_value, extra, missing
from harness.testbed.gateway.model_types import Json
from harness.testbed.gateway.validators import a_string, an_array, an_object, nullable, one_of

EFFORTS = ("low", "medium", "high", "xhigh", "max")
_EDIT = re.compile(r"(?:clear_tool_uses|clear_thinking|compact)_20\d{6}")


def output_config(param: str, value: Json) -> None:
    an_object(param, value)
    for name in value:
        if name not in ("effort", "format"):
            raise extra(f"{param}.{name}")
    nullable(one_of(*EFFORTS))(f"{param}.effort", value.get("effort"))
    nullable(output_format)(f"{param}.format", value.get("format"))


def output_format(param: str, value: Json) -> None:
    an_object(param, value)
    one_of("json_schema")(f"{param}.type", value.get("type"))
    an_object(f"{param}.schema", value.get("schema"))


def context_management(param: str, value: Json) -> None:
    an_object(param, value)
    an_array(an_edit)(f"{param}.edits", value.get("edits", []))


def an_edit(param: str, value: Json) -> None:
    an_object(param, value)
    kind = value.get("type")
    if not isinstance(kind, str) or not _EDIT.fullmatch(kind):
        raise bad_value(f"{param}.type", "there is no such edit.")


def mcp_servers(param: str, value: Json) -> None:
    an_array(an_mcp_server)(param, value)


def an_mcp_server(param: str, value: Json) -> None:
    """Refuses every server, since this gateway connects to none."""
    an_object(param, value)
    for name in ("name", "url"):
        if name not in value:
            raise missing(f"{param}.{name}")
    message = f"{param}: Connection error while communicating with MCP server."
    raise RequestError(400, message, param=param)


def container(param: str, value: Json) -> None:
    """Refuses every container of the caller, since none exists; skills need one."""
    if isinstance(value, str):
        raise RequestError(404, f"{param}: no container has the id '{value[:80]}'.", param=param)
    an_object(param, value)
    if value.get("id") or value.get("skills"):
        raise bad_value(param, "containers and skills are not supported here.")


def diagnostics(param: str, value: Json) -> None:
    an_object(param, value)
    nullable(a_string)(f"{param}.previous_message_id", value.get("previous_message_id"))


def fallbacks(param: str, value: Json) -> None:
    if value != "default":
        an_array(a_fallback)(param, value)


def a_fallback(param: str, value: Json) -> None:
    an_object(param, value)
    a_string(f"{param}.model", value.get("model"))
