"""The mock provider records requests by correlation id."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness.testbed.keys import PROVIDER_KEY as KEY
from harness.testbed.mock_provider import correlation
from harness.testbed.mock_provider.server import Upstream
from tests.support.gateway_behind_provider import (
    CHAT,
    MARK,
    MARKED,
    MESSAGE,
    PAGES,
    ScriptedUpstream,
    data,
    request,
)


def test_request_is_recorded_unchanged() -> None:
    provider = ScriptedUpstream()
    http_request = request("anthropic", MESSAGE, KEY)
    http_request["headers"] += [("X-Twice", "1"), ("x-twice", "2")]
    provider.upstream.respond(http_request)
    (arrival,) = provider.upstream.take(MARK)
    assert arrival == {
        "method": "POST",
        "path": "/v1/messages",
        "headers": http_request["headers"],
        "body": http_request["body"].decode(),
        "status": 200,
        "refusal": "",
        "protocol": "anthropic",
    }


def test_retries_are_recorded() -> None:
    provider = ScriptedUpstream({"status": 500})
    for _ in range(3):
        provider.ask("openai")
    assert [one["status"] for one in provider.upstream.take(MARK)] == [500, 500, 500]


def test_correlation_ids_are_separate() -> None:
    upstream = Upstream({"aaaaaaaa": None, "bbbbbbbb": None})
    for mark in ("bbbbbbbb", "aaaaaaaa", "bbbbbbbb"):
        body = json.dumps(CHAT).replace(MARK, mark).encode()
        upstream.respond(request("openai", body, KEY))
    assert len(upstream.take("aaaaaaaa")) == 1
    assert len(upstream.take("bbbbbbbb")) == 2
    assert upstream.strays() == []


def test_correlation_id_may_be_given_in_full() -> None:
    upstream = Upstream()
    upstream.expect(f"\n[ref:{MARK}]", {"text": "scripted"})
    reply = upstream.respond(request("openai", CHAT, KEY))
    assert data(reply)["choices"][0]["message"]["content"] == "scripted"
    assert len(upstream.take(f"[ref:{MARK}]")) == 1


def test_unexpected_request_is_a_stray() -> None:
    upstream = Upstream()
    upstream.respond(request("openai", CHAT, KEY))
    upstream.respond({"method": "GET", "path": "/v1/models", "headers": [], "body": b""})
    assert [one["path"] for one in upstream.strays()] == ["/v1/chat/completions", "/v1/models"]
    assert upstream.strays() == []


def test_last_correlation_id_counts_where_a_gateway_stores_the_conversation() -> None:
    assert correlation.find(b"before [ref:00000001] now [ref:00000002]") == "00000002"


def test_request_after_take_is_a_stray() -> None:
    provider = ScriptedUpstream({"text": "scripted"})
    provider.ask("openai")
    assert len(provider.upstream.take(MARK)) == 1
    reply = provider.ask("openai")
    assert data(reply)["choices"][0]["message"]["content"] == "ready"
    assert provider.upstream.take(MARK) == []
    assert len(provider.upstream.strays()) == 1


def test_requests_without_id_can_have_a_script() -> None:
    upstream = Upstream({"": {"text": "scripted"}})
    body = {**CHAT, "messages": [{"role": "user", "content": "Hello"}]}
    reply = upstream.respond(request("openai", body, KEY))
    assert data(reply)["choices"][0]["message"]["content"] == "scripted"
    assert len(upstream.strays()) == 1


@pytest.mark.parametrize("protocol", PAGES)
def test_model_does_not_see_the_correlation_id(protocol: str) -> None:
    reply = json.dumps(data(ScriptedUpstream().ask(protocol)))
    assert "ref:" not in reply
    assert "ready" in reply


@pytest.mark.parametrize("escape", ["\\n", "\\u000a", "\\u000A", ""])
def test_correlation_ids_are_found_in_escaped_json(escape: str) -> None:
    body = b'{"text":"Hi%s[ref:%s]"}' % (escape.encode(), MARK.encode())
    assert correlation.find(body) == MARK
    assert json.loads(correlation.remove(body)) == {"text": "Hi"}


@pytest.mark.parametrize("key", ["sk-callers-own", "", KEY.upper()])
@pytest.mark.parametrize("protocol", PAGES)
def test_wrong_key_is_rejected_and_recorded(protocol: str, key: str) -> None:
    provider = ScriptedUpstream()
    reply = provider.ask(protocol, key=key)
    assert reply["status"] == 401
    assert data(reply)["error"]["type"] == "authentication_error"
    assert [one["status"] for one in provider.upstream.take(MARK)] == [401]


@pytest.mark.parametrize(
    ("path", "protocol", "status"),
    [
        ("/v1/messages", "anthropic", 200),
        ("/messages", "anthropic", 200),
        ("/v1/messages?beta=true", "anthropic", 200),
        ("/v1/chat/completions", "openai", 200),
        ("/chat/completions", "openai", 200),
        ("/v1/responses", "responses", 200),
        ("/responses", "responses", 200),
        ("/v1/v1/messages", "", 404),
        ("/v1/completions", "", 404),
    ],
)
def test_paths_with_and_without_v1(path: str, protocol: str, status: int) -> None:
    provider = ScriptedUpstream()
    reply = provider.ask(protocol or "anthropic", path=path)
    (arrival,) = provider.upstream.take(MARK)
    assert (arrival["protocol"], arrival["status"], arrival["path"]) == (protocol, status, path)
    assert reply["status"] == status
    if status == 404:
        assert data(reply)["type"] == "error"


def get(path: str, protocol: str) -> Any:
    http_request = request(protocol, b"", KEY, path)
    reply = Upstream().respond({**http_request, "method": "GET"})
    return reply["status"], data(reply)


@pytest.mark.parametrize("path", ["/v1/models", "/models"])
def test_models_are_listed_in_the_callers_protocol(path: str) -> None:
    assert get(path, "openai")[1]["object"] == "list"
    assert "has_more" in get(path, "anthropic")[1]


@pytest.mark.parametrize("protocol", ["openai", "anthropic"])
def test_only_the_model_no_such_model_is_unknown(protocol: str) -> None:
    assert get("/v1/models/claude-x", protocol)[0] == 200
    assert get("/v1/models/no-such-model", protocol)[0] == 404
    assert ScriptedUpstream().ask(protocol, {"model": "gpt-x"})["status"] == 200
    assert ScriptedUpstream().ask(protocol, {"model": "no-such-model"})["status"] == 404


def test_correlation_id_is_not_counted() -> None:
    body = {"model": "claude-x", "messages": MESSAGE["messages"]}
    plain = json.loads(json.dumps(body).replace(f"\\n[ref:{MARK}]", ""))
    upstream = Upstream({MARK: {"status": 500}})
    path = "/v1/messages/count_tokens"
    counted = [data(upstream.respond(request("anthropic", b, KEY, path))) for b in (body, plain)]
    assert counted[0] == counted[1]
    assert [one["path"] for one in upstream.take(MARK)] == [path]


def test_on_arrival_is_called_for_each_request() -> None:
    arrivals: list[Any] = []
    upstream = Upstream(on_arrival=arrivals.append)
    upstream.respond(request("openai", CHAT, KEY))
    assert [(one["status"], MARKED.split("\n")[0] in one["body"]) for one in arrivals] == [
        (200, True)
    ]
