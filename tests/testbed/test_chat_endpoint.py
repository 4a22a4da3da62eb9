"""The endpoint below /v1 follows OpenAI's reference where the compatibility layer does not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness.testbed.gateway.gateway import Gateway
from harness.testbed.keys import GATEWAY_KEY

SCHEMA = {"type": "object", "properties": {"town": {"type": "string"}}, "required": ["town"]}
HEADERS = [("authorization", f"Bearer {GATEWAY_KEY}")]


def post(root: str = "", **fields: Any) -> tuple[int, Any]:
    user = {"role": "user", "content": "What is the capital of France?"}
    body = json.dumps({"model": "builtin-1", "messages": [user], **fields}).encode()
    path = f"{root}/v1/chat/completions"
    request = {"method": "POST", "path": path, "headers": HEADERS, "body": body}
    reply = Gateway().respond(request)
    return reply["status"], b"".join(reply["chunks"]).decode()


def choice(root: str = "", **fields: Any) -> Any:
    status, text = post(root, **fields)
    assert status == 200, text
    return json.loads(text)["choices"][0]


def schema_format(schema: Any) -> Any:
    return {"type": "json_schema", "json_schema": {"name": "reply", "schema": schema}}


@pytest.mark.parametrize("form", [{"type": "json_object"}, schema_format(SCHEMA)])
def test_answer_has_the_requested_format(form: Any) -> None:
    answer = json.loads(choice(response_format=form)["message"]["content"])
    assert set(answer) == {"town" if form["type"] == "json_schema" else "answer"}


def test_log_probabilities_join_to_the_text() -> None:
    answer = choice(logprobs=True, top_logprobs=2)
    tokens = answer["logprobs"]["content"]
    assert "".join(each["token"] for each in tokens) == answer["message"]["content"]
    assert {len(each["top_logprobs"]) for each in tokens} == {2}


def test_streamed_log_probabilities_join_to_the_text() -> None:
    _, text = post(logprobs=True, stream=True)
    chunks = [json.loads(line[6:]) for line in text.split("\n\n") if line.startswith("data: {")]
    choices = [chunk["choices"][0] for chunk in chunks]
    tokens = [t["token"] for c in choices if c["logprobs"] for t in c["logprobs"]["content"]]
    assert "".join(tokens) == "The capital of France is Paris."


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("temperature", 2.1),
        ("stop", ["1", "2", "3", "4", "5"]),
        ("top_logprobs", 5),
        ("response_format", {"type": "poem"}),
        ("modalities", ["text", "audio"]),
        ("logprobs", "yes"),
    ],
)
def test_field_is_refused_by_name_and_ignored_by_the_compatibility_layer(
    name: str, value: Any
) -> None:
    status, text = post(**{name: value})
    assert (status, json.loads(text)["error"]["param"].partition(".")[0]) == (400, name)
    assert choice("/compat", **{name: value})["message"]["content"].startswith("The capital")
    assert not choice("/compat", logprobs=True)["logprobs"]
