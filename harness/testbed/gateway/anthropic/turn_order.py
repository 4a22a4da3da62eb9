"""Checks that tool calls and their results follow each other. A check raises RequestError."""

from __future__ import annotations

from harness.testbed.gateway.errors import RequestError, bad_value
from harness.testbed.gateway.model_types import Json


def check_order(param: str, messages: list[dict[str, Json]]) -> None:
    """Checks that each call has its result in the next user turn, and each result has its call.

    Consecutive messages of one role are one turn.
    """
    turns: list[tuple[str, int, list[Json]]] = []
    for number, message in enumerate(messages):
        content = message["content"] if isinstance(message["content"], list) else []
        if message["role"] == "system":
            continue
        if turns and turns[-1][0] == message["role"]:
            turns[-1][2].extend(content)
        else:
            turns.append((message["role"], number, list(content)))
    call_ids: list[str] = []
    for role, number, content in [*turns, ("user", len(messages), [])]:
        result_ids = _ids(content, "tool_result", "tool_use_id")
        if role == "user":
            _check_results(f"{param}[{number}]", call_ids, result_ids)
        call_ids = _ids(content, "tool_use", "id")
        if len(set(call_ids)) < len(call_ids):
            raise bad_value(f"{param}[{number}].content", "`tool_use` ids must be unique.")


def _ids(content: list[Json], kind: str, key: str) -> list[str]:
    return [block[key] for block in content if block["type"] == kind]


def _check_results(param: str, call_ids: list[str], result_ids: list[str]) -> None:
    unanswered = [call_id for call_id in call_ids if call_id not in result_ids]
    if unanswered:
        ids = ", ".join(unanswered)
        message = (
            f"{param}: `tool_use` ids were found without `tool_result` blocks immediately after:"
            f" {ids}. Each `tool_use` block must have a corresponding `tool_result` block in the"
            " next message."
        )
        raise RequestError(400, message, param=param)
    unknown = [result_id for result_id in result_ids if result_id not in call_ids]
    if unknown or len(set(result_ids)) < len(result_ids):
        ids = ", ".join(unknown or result_ids)
        message = f"{param}: each `tool_result` must answer one `tool_use` just before it: {ids}."
        raise RequestError(400, message, param=param)
