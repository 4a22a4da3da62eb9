"""Mutants as data: the points between the reference gateway and a provider."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from harness.testbed.forward import Forwarding
from harness.testbed.gateway.gateway import Gateway
from harness.testbed.keys import GATEWAY_KEY
from harness.testbed.mutation.points import overrides_of

ASK: dict[str, Any] = {"model": "builtin-1", "messages": [{"role": "user", "content": "Hi"}]}
TEXT = {"content": [{"type": "text", "text": "Yes "}], "stop_reason": "end_turn"}
LIMIT = {"error": {"type": "rate_limit_error", "message": "org-1 is at its limit"}}
Send = Callable[[Any], Any]


def reply(status: int, body: Any, kind: str = "application/json", end: str = "keep") -> Any:
    headers = [("Content-Type", kind), ("Retry-After", "7"), ("Via", "host-1")]
    chunks = [body if isinstance(body, bytes) else json.dumps(body).encode()]
    return {"status": status, "headers": headers, "chunks": chunks, "end": end}


def stream(*events: Any) -> Any:
    data = b"".join(b"data: %s\n\n" % json.dumps(event).encode() for event in events)
    return reply(200, data, "text/event-stream")


START = {"type": "content_block_start", "index": 0, "content_block": TEXT["content"][0]}
FAILED = {"type": "error", "error": {"type": "api_error", "message": "broken"}}


def ask(do: Any, answer: Any, at: str = "provider-error", **more: Any) -> tuple[Any, list[Any]]:
    """The reply to the caller, and the bodies that the provider got."""
    sent: list[Any] = []

    def send(request: Any) -> Any:
        sent.append(json.loads(request["body"]))
        return answer

    body = {**ASK, **more.pop("body", {})}
    overrides = overrides_of({"at": at, "protocol": "anthropic", "do": do, **more})
    gateway = Gateway(overrides, pace=0.0, provider=Forwarding({"anthropic": send}))
    request = {
        "method": "POST",
        "path": "/v1/chat/completions",
        "headers": [("authorization", f"Bearer {GATEWAY_KEY}")],
        "body": json.dumps(body).encode(),
    }
    return gateway.respond(request), sent


def data(reply: Any) -> Any:
    return json.loads(b"".join(reply["chunks"]))


def test_request_is_sent_twice_only_if_the_condition_holds() -> None:
    assert len(ask({"twice": True}, reply(200, TEXT), "forwarded")[1]) == 2
    when = {"$.seed": "present"}
    assert len(ask({"twice": True}, reply(200, TEXT), "forwarded", when=when)[1]) == 1


def test_what_the_provider_lacks_is_dropped_instead_of_refused() -> None:
    body = {"response_format": {"type": "json_object"}, "prediction": {"a": 1}}
    assert ask({"forgive": "$.prediction"}, reply(200, TEXT), "forwarded", body=body)[1] == []
    body = {"prediction": {"type": "content", "content": "x"}}
    answer, sent = ask({"forgive": "$.prediction"}, reply(200, TEXT), "forwarded", body=body)
    assert (answer["status"], "prediction" in sent[0]) == (200, False)


def test_status_of_the_provider_is_taken_for_another() -> None:
    when = {"status": {"equals": 429}}
    assert ask({"status": 404}, reply(429, LIMIT), when=when)[0]["status"] == 404
    assert ask({"status": 404}, reply(400, LIMIT), when=when)[0]["status"] == 400


def test_error_has_parts_of_what_the_provider_sent() -> None:
    do = {"echo": {"$.message": "$.body.error.message", "$.headers.via": "$.headers.via"}}
    answer, _ = ask(do, reply(429, LIMIT))
    assert data(answer)["error"]["message"] == "org-1 is at its limit"
    assert {"via": "host-1", "retry-after": "7"}.items() <= dict(answer["headers"]).items()
    answer, _ = ask({"drop": "$.headers['retry-after']"}, reply(429, LIMIT))
    assert "retry-after" not in dict(answer["headers"])


@pytest.mark.parametrize("value", [None, 7, 700, "x", True, [{}], {"a": 1}])
@pytest.mark.parametrize("part", ["status", "message", "kind", "code", "param", "headers"])
def test_error_with_a_strange_part_is_still_an_error(part: str, value: Any) -> None:
    answer, _ = ask({"set": {f"$.{part}": value}}, reply(429, LIMIT))
    assert 400 <= answer["status"] < 600
    assert data(answer)["error"]


@pytest.mark.parametrize(
    ("hidden", "answer"),
    [
        ("event", stream(START, FAILED)),
        ("end", stream(START)),
        ({"text": "Yes"}, reply(500, {})),
        ({"answer": TEXT}, reply(200, b"<html>")),
        ({"answer": TEXT}, reply(200, {"id": "msg_1"})),
    ],
    ids=str,
)
def test_failure_is_hidden(hidden: Any, answer: Any) -> None:
    right, _ = ask({"hide": {"text": ""}}, answer, when={"status": {"equals": 418}})
    assert b"error" in b"".join(right["chunks"])
    hiding, _ = ask({"hide": hidden}, answer)
    assert data(hiding)["choices"][0]["message"]["content"].strip() == "Yes"


def test_failure_is_hidden_only_if_the_condition_holds() -> None:
    do, when = {"hide": {"text": "Yes"}}, {"status": {"equals": 429}}
    assert ask(do, reply(429, LIMIT), when=when)[0]["status"] == 200
    assert ask(do, reply(500, LIMIT), when=when)[0]["status"] == 500


def test_request_to_a_provider_of_embeddings_is_changed() -> None:
    sent: list[Any] = []

    def send(request: Any) -> Any:
        sent.append(json.loads(request["body"]))
        return reply(200, {"object": "list", "data": [], "model": "m", "usage": {}})

    do = {"drop": "$.user", "set": {"$.input": "Other."}}
    when = {"$.user": "present", "data $.input": {"equals": "Hi"}}
    overrides = overrides_of({"at": "forwarded", "protocol": "embeddings", "do": do, "when": when})
    gateway = Gateway(overrides, pace=0.0, provider=Forwarding({"embeddings": send}))
    for body in ({"input": "Hi", "user": "u"}, {"input": "Hi"}):
        body_sent = {"model": "builtin-embedding-1", **body}
        answer = gateway.respond(
            {
                "method": "POST",
                "path": "/v1/embeddings",
                "headers": [("authorization", f"Bearer {GATEWAY_KEY}")],
                "body": json.dumps(body_sent).encode(),
            }
        )
        assert answer["status"] == 200
    assert [body["input"] for body in sent] == ["Other.", "Hi"]
    assert "user" not in sent[0]
