"""The Anthropic schemas accept answers of real servers and reject answers that break an SDK."""

from __future__ import annotations

from typing import Any

import pytest

from harness.util import json_schema
from tests.support.json_edit import GONE, changed

USAGE: dict[str, Any] = {"input_tokens": 10, "output_tokens": 25}
# The sample answer of the document, without further keys.
SAMPLE: dict[str, Any] = {
    "id": "msg_123",
    "type": "message",
    "role": "assistant",
    "content": [{"type": "text", "text": "Hello! How can I help you today?"}],
    "model": "claude-3.5-sonnet",
    "usage": USAGE,
}
CALL: dict[str, Any] = {
    "type": "tool_use",
    "id": "toolu_01",
    "name": "get_weather",
    "input": {"city": "Paris"},
}
# The sample error of the document.
ERROR: dict[str, Any] = {
    "type": "error",
    "error": {"type": "invalid_request_error", "message": "max_tokens is required"},
}
MODEL: dict[str, Any] = {
    "type": "model",
    "id": "claude-sonnet-4-20250514",
    "display_name": "Claude Sonnet 4",
    "created_at": "2025-05-14T00:00:00Z",
}
MODELS: dict[str, Any] = {"data": [MODEL], "has_more": False, "first_id": "a", "last_id": "a"}
COUNT: dict[str, Any] = {"input_tokens": 14}
BLOCK = "content.0"


def event(kind: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, **more}


START = event(
    "message_start", message={**SAMPLE, "content": [], "stop_reason": None, "stop_sequence": None}
)
TEXT = event("content_block_start", index=0, content_block={"type": "text", "text": ""})
THINKING = event("content_block_start", index=0, content_block={"type": "thinking", "thinking": ""})
TOOL = event("content_block_start", index=1, content_block={**CALL, "input": {}})
TEXT_DELTA = event("content_block_delta", index=0, delta={"type": "text_delta", "text": "a"})
INPUT_DELTA = event(
    "content_block_delta", index=0, delta={"type": "input_json_delta", "partial_json": ""}
)
SIGNATURE_DELTA = event(
    "content_block_delta", index=0, delta={"type": "signature_delta", "signature": "E"}
)
CITATION_DELTA = event(
    "content_block_delta", index=0, delta={"type": "citations_delta", "citation": {}}
)
CLOSE = event("content_block_stop", index=0)
MESSAGE_DELTA = event(
    "message_delta", delta={"stop_reason": "end_turn"}, usage={"output_tokens": 5}
)
DELTA, BLOCK_START, MESSAGE = "delta", "content_block", "message"

VALID: list[tuple[str, dict[str, Any], str, Any]] = [
    ("message", SAMPLE, "extra", {"deep": [1]}),
    ("message", SAMPLE, "content", []),
    ("message", SAMPLE, "content", [CALL, CALL]),
    ("message", SAMPLE, "content", [{**CALL, "input": {}, "caller": {"type": "direct"}}]),
    ("message", SAMPLE, "content", [{**CALL, "type": "server_tool_use", "name": "web_search"}]),
    ("message", SAMPLE, "content", [{"type": "thinking", "thinking": "", "signature": "E"}]),
    ("message", SAMPLE, "content", [{"type": "thinking", "thinking": "a"}]),
    ("message", SAMPLE, "content", [{"type": "redacted_thinking", "data": "E"}]),
    ("message", SAMPLE, "content", [{"type": "compaction", "content": None}]),
    (
        "message",
        SAMPLE,
        "content",
        [{"type": "web_search_tool_result", "tool_use_id": "s", "content": {"type": "e"}}],
    ),
    ("message", SAMPLE, f"{BLOCK}.text", ""),
    ("message", SAMPLE, f"{BLOCK}.citations", None),
    ("message", SAMPLE, f"{BLOCK}.citations", [{"type": "char_location"}]),
    ("message", SAMPLE, "stop_reason", "end_turn"),
    ("message", SAMPLE, "stop_reason", None),
    ("message", SAMPLE, "stop_reason", "model_context_window_exceeded"),
    ("message", SAMPLE, "stop_reason", "a_reason_of_tomorrow"),
    ("message", SAMPLE, "stop_sequence", "END"),
    ("message", SAMPLE, "stop_sequence", None),
    ("message", SAMPLE, "stop_details", {"type": "refusal", "category": None}),
    ("message", SAMPLE, "container", None),
    ("message", SAMPLE, "usage.cache_read_input_tokens", None),
    ("message", SAMPLE, "usage.cache_creation", {"ephemeral_5m_input_tokens": 0}),
    ("message", SAMPLE, "usage.server_tool_use", {"web_search_requests": 1}),
    ("message", SAMPLE, "usage.service_tier", "standard"),
    ("message", SAMPLE, "usage.prompt_tokens", 10),  # harmless beside the correct counters
    ("message", SAMPLE, "id", "msg_bdrk_01Ek5"),
    ("message", SAMPLE, "id", "chatcmpl-7f0"),
    ("error", ERROR, "request_id", "req_011CSHoEeqs5C35K2UUqR7Fy"),
    ("error", ERROR, "request_id", None),
    ("error", ERROR, "error.code", "invalid_parameters"),
    ("error", ERROR, "error.type", "an_error_of_tomorrow"),
    ("model", MODEL, "lifecycle", "active"),
    ("model", MODEL, "type", "chat"),
    ("model", MODEL, "created_at", "1970-01-01T00:00:00.000+00:00"),
    ("models", MODELS, "data", []),
    ("models", MODELS, "has_more", GONE),
    ("models", MODELS, "first_id", None),
    ("models", MODELS, "object", "list"),
    ("count_tokens", COUNT, "input_tokens", 0),
    ("count_tokens", COUNT, "context_management", None),
    ("event", START, f"{MESSAGE}.usage", {}),
    ("event", START, f"{MESSAGE}.usage.input_tokens", None),
    ("event", START, f"{MESSAGE}.stop_reason", GONE),
    ("event", TEXT, f"{BLOCK_START}.citations", []),
    ("event", TEXT, BLOCK_START, {"type": "compaction"}),
    ("event", THINKING, f"{BLOCK_START}.signature", ""),
    ("event", TOOL, f"{BLOCK_START}.input", GONE),
    ("event", TOOL, f"{BLOCK_START}.input", {"city": "Paris"}),
    ("event", TEXT_DELTA, f"{DELTA}.text", ""),
    ("event", TEXT_DELTA, DELTA, {"type": "novel_delta"}),
    ("event", INPUT_DELTA, f"{DELTA}.partial_json", '{"a'),
    ("event", SIGNATURE_DELTA, "extra", 1),
    (
        "event",
        CITATION_DELTA,
        f"{DELTA}.citation",
        {"type": "char_location", "document_title": None},
    ),
    ("event", CLOSE, "content_block", {"type": "text", "text": "a"}),
    ("event", MESSAGE_DELTA, f"{DELTA}.stop_reason", GONE),
    ("event", MESSAGE_DELTA, f"{DELTA}.stop_reason", None),
    ("event", MESSAGE_DELTA, f"{DELTA}.stop_sequence", "END"),
    ("event", MESSAGE_DELTA, "usage.input_tokens", None),
    ("event", MESSAGE_DELTA, "usage.server_tool_use", {"web_search_requests": 1}),
    ("event", event("message_stop"), "amazon-bedrock-invocationMetrics", {"inputTokenCount": 1}),
    ("event", event("ping"), "extra", 1),
    ("event", event("news"), "message", 5),
    ("event", ERROR, "request_id", "req_1"),
]
INVALID: list[tuple[str, dict[str, Any], str, Any, str]] = [
    ("message", SAMPLE, "id", "", "/id"),
    ("message", SAMPLE, "id", GONE, ""),
    ("message", SAMPLE, "type", "chat.completion", "/type"),
    ("message", SAMPLE, "role", "model", "/role"),
    ("message", SAMPLE, "model", None, "/model"),
    ("message", SAMPLE, "content", "Hello", "/content"),
    ("message", SAMPLE, "content", None, "/content"),
    ("message", SAMPLE, "content", ["Hello"], "/content/0"),
    ("message", SAMPLE, f"{BLOCK}.type", GONE, "/content/0"),
    ("message", SAMPLE, f"{BLOCK}.type", "", "/content/0/type"),
    ("message", SAMPLE, f"{BLOCK}.text", GONE, "/content/0"),
    ("message", SAMPLE, f"{BLOCK}.text", None, "/content/0/text"),
    ("message", SAMPLE, f"{BLOCK}.citations", "a", "/content/0/citations"),
    ("message", SAMPLE, BLOCK, {"type": "thinking"}, "/content/0"),
    (
        "message",
        SAMPLE,
        BLOCK,
        {"type": "thinking", "thinking": "", "signature": None},
        "/content/0/signature",
    ),
    ("message", SAMPLE, BLOCK, {"type": "redacted_thinking"}, "/content/0"),
    ("message", SAMPLE, BLOCK, {"type": "web_search_tool_result", "content": []}, "/content/0"),
    ("message", SAMPLE, "stop_reason", "", "/stop_reason"),
    ("message", SAMPLE, "stop_reason", 1, "/stop_reason"),
    ("message", SAMPLE, "stop_sequence", ["END"], "/stop_sequence"),
    ("message", SAMPLE, "usage", GONE, ""),
    ("message", SAMPLE, "usage", None, "/usage"),
    ("message", SAMPLE, "usage", {"prompt_tokens": 1, "completion_tokens": 2}, "/usage"),
    ("message", SAMPLE, "usage.output_tokens", GONE, "/usage"),
    ("message", SAMPLE, "usage.input_tokens", None, "/usage/input_tokens"),
    ("message", SAMPLE, "usage.input_tokens", "10", "/usage/input_tokens"),
    ("message", SAMPLE, "usage.output_tokens", -1, "/usage/output_tokens"),
    ("message", SAMPLE, "usage.output_tokens", 1.5, "/usage/output_tokens"),
    ("error", ERROR, "type", GONE, ""),
    ("error", ERROR, "type", "invalid_request_error", "/type"),
    ("error", ERROR, "error", "no", "/error"),
    ("error", ERROR, "error.type", GONE, "/error"),
    ("error", ERROR, "error.message", "", "/error/message"),
    ("error", ERROR, "error.message", ["no"], "/error/message"),
    ("error", ERROR, "request_id", 5, "/request_id"),
    ("model", MODEL, "id", GONE, ""),
    ("model", MODEL, "display_name", GONE, ""),
    ("model", MODEL, "type", GONE, ""),
    ("model", MODEL, "created_at", 1747180800, "/created_at"),
    ("model", MODEL, "created_at", "2025-05-14", "/created_at"),
    ("models", MODELS, "data", GONE, ""),
    ("models", MODELS, "data.0.id", GONE, "/data/0"),
    ("models", MODELS, "has_more", "no", "/has_more"),
    ("count_tokens", COUNT, "input_tokens", GONE, ""),
    ("count_tokens", COUNT, "input_tokens", "14", "/input_tokens"),
    ("event", event("ping"), "type", GONE, ""),
    ("event", START, MESSAGE, GONE, ""),
    ("event", START, f"{MESSAGE}.id", GONE, "/message"),
    ("event", START, f"{MESSAGE}.usage", GONE, "/message"),
    ("event", START, f"{MESSAGE}.usage", None, "/message/usage"),
    ("event", START, f"{MESSAGE}.usage.output_tokens", "1", "/message/usage/output_tokens"),
    ("event", START, f"{MESSAGE}.content", GONE, "/message"),
    ("event", START, f"{MESSAGE}.content", [{"type": "text", "text": ""}], "/message/content"),
    ("event", START, f"{MESSAGE}.role", "", "/message/role"),
    ("event", TEXT, "index", GONE, ""),
    ("event", TEXT, "index", "0", "/index"),
    ("event", TEXT, BLOCK_START, GONE, ""),
    ("event", TEXT, f"{BLOCK_START}.text", GONE, "/content_block"),
    ("event", THINKING, f"{BLOCK_START}.thinking", GONE, "/content_block"),
    ("event", TOOL, f"{BLOCK_START}.id", GONE, "/content_block"),
    ("event", TOOL, f"{BLOCK_START}.name", "", "/content_block/name"),
    ("event", TOOL, f"{BLOCK_START}.input", "", "/content_block/input"),
    ("event", TEXT_DELTA, "index", GONE, ""),
    ("event", TEXT_DELTA, DELTA, GONE, ""),
    ("event", TEXT_DELTA, f"{DELTA}.type", GONE, "/delta"),
    ("event", TEXT_DELTA, f"{DELTA}.text", GONE, "/delta"),
    ("event", INPUT_DELTA, f"{DELTA}.partial_json", {}, "/delta/partial_json"),
    ("event", SIGNATURE_DELTA, f"{DELTA}.signature", None, "/delta/signature"),
    ("event", CITATION_DELTA, f"{DELTA}.citation", GONE, "/delta"),
    ("event", CLOSE, "index", GONE, ""),
    ("event", MESSAGE_DELTA, DELTA, GONE, ""),
    ("event", MESSAGE_DELTA, f"{DELTA}.stop_reason", "", "/delta/stop_reason"),
    ("event", MESSAGE_DELTA, "usage", GONE, ""),
    ("event", MESSAGE_DELTA, "usage", {}, "/usage"),
    ("event", MESSAGE_DELTA, "usage.output_tokens", None, "/usage/output_tokens"),
    ("event", ERROR, "error", GONE, ""),
]
INVALID_CALLS: list[tuple[str, Any, str]] = [
    ("id", "", "/id"),
    ("id", GONE, ""),
    ("name", "", "/name"),
    ("input", GONE, ""),
    ("input", '{"city": "Paris"}', "/input"),
    ("input", None, "/input"),
]


@pytest.mark.parametrize(("name", "document", "path", "value"), VALID)
def test_answers_of_conforming_servers_are_valid(
    name: str, document: dict[str, Any], path: str, value: Any
) -> None:
    assert json_schema.errors(f"anthropic/{name}", document) == []
    assert json_schema.errors(f"anthropic/{name}", changed(document, path, value)) == []


@pytest.mark.parametrize(("name", "document", "path", "value", "at"), INVALID)
def test_wrong_types_and_missing_keys_are_reported_at_their_place(
    name: str, document: dict[str, Any], path: str, value: Any, at: str
) -> None:
    errors = json_schema.errors(f"anthropic/{name}", changed(document, path, value))
    assert {where for where, _ in errors} == {at}


@pytest.mark.parametrize(("path", "value", "at"), INVALID_CALLS)
def test_an_invalid_tool_call_is_reported(path: str, value: Any, at: str) -> None:
    answer = changed(SAMPLE, "content", [changed(CALL, path, value)])
    assert [where for where, _ in json_schema.errors("anthropic/message", answer)] == [
        f"/content/0{at}"
    ]


def test_an_answer_of_the_other_protocol_is_invalid() -> None:
    other = {"error": {"message": "no", "type": "invalid_request_error", "code": None}}
    assert json_schema.errors("anthropic/error", other) != []
    assert json_schema.errors("anthropic/models", {"object": "list"}) != []
    both = {"type": "error", "error": {**other["error"], "param": None}}
    assert json_schema.errors("anthropic/error", both) == []
    assert json_schema.errors("openai/error", both) == []


@pytest.mark.parametrize("kind", [True, None, 5, [], "x"])
def test_a_value_that_is_not_an_object_has_one_error(kind: Any) -> None:
    for name in ("message", "error", "event", "models", "model", "count_tokens"):
        assert [at for at, _ in json_schema.errors(f"anthropic/{name}", kind)] == [""]
