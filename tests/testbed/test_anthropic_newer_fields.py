"""The Messages endpoint of the reference gateway does what the documents of 2026 describe."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from harness.testbed.gateway.gateway import Gateway
from harness.testbed.keys import GATEWAY_KEY, PROVIDER_KEY
from harness.testbed.mock_provider.server import Upstream

Body = dict[str, Any]
USER = {"role": "user", "content": "Reply with the single word: ready"}
NEWEST = {"anthropic-version": "2026-10-21"}
PDF = base64.b64encode(b"%PDF-1.1 BT (My dog is called Rex.) Tj ET").decode()


def send(headers: dict[str, str] | None = None, **body: Any) -> tuple[int, Body]:
    """Returns the status and the body of the answer to a request."""
    pairs = {"x-api-key": GATEWAY_KEY, "anthropic-version": "2023-06-01", **(headers or {})}
    whole = {"model": "builtin-1", "max_tokens": 100, "messages": [USER], **body}
    request = {"method": "POST", "path": "/v1/messages", "headers": [*pairs.items()]}
    reply = Gateway(pace=0.0).respond({**request, "body": json.dumps(whole).encode()})
    return reply["status"], json.loads(b"".join(reply["chunks"]))


def text(**body: Any) -> str:
    status, answer = send(**body)
    assert status == 200, answer
    return "".join(block.get("text", "") for block in answer["content"])


def user(*content: Any) -> Body:
    return {"role": "user", "content": [*content]}


def test_instruction_within_the_conversation_is_followed() -> None:
    late = {"role": "system", "content": "Reply with the single word: pineapple"}
    assert text(messages=[USER, late]) == "pineapple"


def test_answer_fits_the_schema_of_its_format() -> None:
    schema = {"type": "object", "properties": {"city": {"type": "string"}}}
    form = {"type": "json_schema", "schema": schema}
    capital = {"role": "user", "content": "What is the capital of France?"}
    answer = json.loads(text(messages=[capital], output_config={"format": form}))
    assert set(answer) == {"city"}


@pytest.mark.parametrize(("display", "is_shown"), [("summarized", True), ("omitted", False)])
def test_omitted_thinking_keeps_only_its_signature(display: str, is_shown: bool) -> None:
    _, answer = send(thinking={"type": "adaptive", "display": display})
    thought = answer["content"][0]
    assert (bool(thought["thinking"]), bool(thought["signature"])) == (is_shown, True)


def test_thinking_between_tools_needs_the_result_of_a_tool() -> None:
    call = {"type": "tool_use", "id": "c1", "name": "f", "input": {}}
    result = {"type": "tool_result", "tool_use_id": "c1", "content": "17 degrees"}
    turns = [USER, {"role": "assistant", "content": [call]}, user(result)]
    tools = [{"name": "f", "input_schema": {"type": "object"}}]
    between: Body = {"thinking": {"type": "between_tools"}, "tools": tools}
    kinds = [send(messages=m, **between)[1]["content"][0]["type"] for m in ([USER], turns)]
    assert kinds == ["text", "thinking"]


@pytest.mark.parametrize(
    "source",
    [
        {"type": "text", "media_type": "text/plain", "data": "My dog is called Rex."},
        {"type": "base64", "media_type": "application/pdf", "data": PDF},
        {"type": "content", "content": [{"type": "text", "text": "My dog is called Rex."}]},
    ],
)
def test_documents_are_read_and_cited(source: Body) -> None:
    document = {"type": "document", "source": source, "citations": {"enabled": True}}
    question = {"type": "text", "text": "What is my dog called?"}
    _, answer = send(messages=[user(document, question)])
    assert answer["content"][0]["text"] == "Rex"
    assert "Rex" in answer["content"][0]["citations"][0]["cited_text"]


def test_web_search_of_the_provider_has_blocks_and_a_count() -> None:
    tools = [{"type": "web_search_20250305", "name": "web_search"}]
    question = {"role": "user", "content": "Search the web for lighthouses."}
    _, answer = send(messages=[question], tools=tools)
    kinds = [block["type"] for block in answer["content"]]
    assert kinds == ["server_tool_use", "web_search_tool_result", "text"]
    assert answer["usage"]["server_tool_use"]["web_search_requests"] == 1


@pytest.mark.parametrize("version", ["2023-06-01", "2026-10-21"])
@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"temperature": 1.0}, "temperature"),
        ({"top_k": 5}, "top_k"),
        (
            {"messages": [user({"type": "text", "text": "Hi", "citations": [{"type": "x"}]})]},
            "citations",
        ),
    ],
)
def test_newest_version_refuses_what_it_has_lost(version: str, body: Body, name: str) -> None:
    status, answer = send({"anthropic-version": version}, **body)
    assert status == (400 if version == NEWEST["anthropic-version"] else 200)
    assert status == 200 or name in answer["error"]["message"]


OPUS, HAIKU = "claude-opus-5-5", "claude-haiku-5-5"
TOOLS = [{"name": "f", "input_schema": {"type": "object"}}]


@pytest.mark.parametrize(
    ("field", "body"),
    [
        ("tool_choice", {"tools": TOOLS, "tool_choice": {"type": "any"}}),
        ("temperature", {"temperature": 0.5}),
        ("thinking", {"thinking": {"type": "disabled"}}),
        ("thinking", {"thinking": {"type": "enabled", "budget_tokens": 1024}, "max_tokens": 2000}),
        ("messages", {"messages": [USER, {"role": "assistant", "content": "Well,"}]}),
    ],
)
def test_newest_models_refuse_by_name_what_older_ones_take(field: str, body: Body) -> None:
    assert send(**body)[0] == 200
    status, answer = send(model="builtin-2", **body)
    assert (status, field in answer["error"]["message"]) == (400, True)


@pytest.mark.parametrize(("model", "status"), [(OPUS, 400), (HAIKU, 200), ("claude-3", 200)])
def test_played_provider_knows_the_generation_of_a_model_by_its_name(
    model: str, status: int
) -> None:
    whole = {"model": model, "max_tokens": 100, "messages": [USER], "tools": TOOLS}
    headers = [("x-api-key", PROVIDER_KEY), ("anthropic-version", "2023-06-01")]
    request = {"method": "POST", "path": "/v1/messages", "headers": headers}
    body = json.dumps({**whole, "tool_choice": {"type": "any"}}).encode()
    assert Upstream().respond({**request, "body": body})["status"] == status
