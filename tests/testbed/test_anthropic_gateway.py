"""The Anthropic endpoint of the reference gateway follows the reference."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness.testbed.gateway.gateway import Gateway
from harness.testbed.keys import GATEWAY_KEY as KEY
from harness.testbed.keys import LIMITED_GATEWAY_KEY as LIMITED_KEY

VERSION = ("anthropic-version", "2023-06-01")
GOOD = (("X-Api-Key", KEY), VERSION)
USER = {"role": "user", "content": "Reply with the single word: ready"}
COUNT = {"role": "user", "content": "Count from 1 to 20, separated by spaces."}
BOTH = {"role": "user", "content": "What is the weather in Paris and in Rome?"}
CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
WEATHER = {"name": "get_weather", "description": "The weather in a city.", "input_schema": CITY}
CALL = {"type": "tool_use", "id": "a", "name": "get_weather", "input": {"city": "Paris"}}
CALLS = {"role": "assistant", "content": [CALL]}
RED = (  # one red pixel
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC"
)


def fire(
    body: Any = None,
    path: str = "/v1/messages",
    method: str = "POST",
    headers: tuple[tuple[str, str], ...] = GOOD,
    gateway: Gateway | None = None,
    **fields: Any,
) -> dict[str, Any]:
    """The reply to a body, or to the base request with these fields."""
    if body is None:
        body = {"model": "builtin-1", "max_tokens": 2000, "messages": [USER], **fields}
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = {"method": method, "path": path, "headers": list(headers), "body": raw}
    return (gateway or Gateway()).respond(request)


def data(reply: dict[str, Any]) -> Any:
    return json.loads(b"".join(reply["chunks"]))


def ask(**fields: Any) -> Any:
    """The answer to a valid request."""
    reply = fire(**fields)
    assert reply["status"] == 200, data(reply)
    return data(reply)


def text(**fields: Any) -> Any:
    (block,) = ask(**fields)["content"]
    return block["text"]


def error(status: int, kind: str = "invalid_request_error", **fields: Any) -> str:
    """The message of an error in the format of the reference."""
    reply = fire(**fields)
    body, headers = data(reply), dict(reply["headers"])
    assert (reply["status"], body["error"]["type"]) == (status, kind), body
    assert sorted(body) == ["error", "request_id", "type"]
    assert body["type"] == "error"
    assert body["request_id"] == headers["request-id"]
    assert headers["content-type"] == "application/json"
    return str(body["error"]["message"])


def events(**fields: Any) -> list[Any]:
    """The data of a stream's events, whose event lines have the same names."""
    reply = fire(stream=True, **fields)
    assert reply["status"] == 200
    parsed = []
    for chunk in reply["chunks"]:
        name, line, *rest = chunk.decode().split("\n")
        parsed.append(json.loads(line.removeprefix("data: ")))
        assert name == f"event: {parsed[-1]['type']}"
        assert rest == ["", ""]
    return parsed


def user(*blocks: Any) -> dict[str, Any]:
    return {"role": "user", "content": list(blocks)}


def words(text: Any) -> dict[str, Any]:
    return {"type": "text", "text": text}


def result(**fields: Any) -> dict[str, Any]:
    return {"type": "tool_result", "tool_use_id": "a", **fields}


def image(**source: Any) -> dict[str, Any]:
    return {"type": "image", "source": source}


def test_a_plain_answer_has_the_shape_of_the_reference() -> None:
    answer = ask()
    assert answer.pop("id").startswith("msg_")
    assert answer.pop("usage") == {
        "input_tokens": 14,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "output_tokens": 1,
        "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
        "output_tokens_details": {"thinking_tokens": 0},
        "server_tool_use": None,
        "service_tier": "standard",
        "inference_geo": None,
    }
    assert answer == {
        "type": "message",
        "role": "assistant",
        "model": "builtin-1",
        "content": [words("ready")],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "stop_details": None,
    }


def test_stream_events_come_in_the_order_of_the_reference() -> None:
    start, ping, block_start, *deltas, closed, ended, stopped = events(messages=[COUNT])
    message = start["message"]
    assert (message["content"], message["stop_reason"]) == ([], None)
    assert message["usage"]["input_tokens"] > 0
    assert ping == {"type": "ping"}
    assert block_start["content_block"] == words("")
    assert "".join(d["delta"]["text"] for d in deltas) == text(messages=[COUNT])
    assert {d["index"] for d in deltas} == {block_start["index"], closed["index"]} == {0}
    reasons = {"stop_sequence": None, "stop_details": None}
    assert ended["delta"] == {"stop_reason": "end_turn", **reasons}
    details = {"output_tokens_details": {"thinking_tokens": 0}, "server_tool_use": None}
    assert ended["usage"] == {"output_tokens": 20, **details}
    assert stopped == {"type": "message_stop"}


def test_stream_blocks_do_not_overlap() -> None:
    parsed = events(messages=[BOTH], tools=[WEATHER])
    positions = [(e["type"][14:], e["index"]) for e in parsed if "index" in e]
    assert positions == sorted(positions, key=lambda one: one[1])
    pieces = [e["delta"]["partial_json"] for e in parsed if e.get("index") == 1 and "delta" in e]
    assert pieces[0] == ""
    assert json.loads("".join(pieces)) == {"city": "Rome"}
    assert parsed[-2]["delta"]["stop_reason"] == "tool_use"


def test_call_without_arguments_streams_an_empty_text() -> None:
    tool = {"name": "get_time", "input_schema": {"type": "object"}}
    options: Any = {"tools": [tool], "tool_choice": {"type": "any"}}
    assert ask(**options)["content"][0]["input"] == {}
    parsed = [e["delta"] for e in events(**options) if e["type"] == "content_block_delta"]
    assert parsed == [{"type": "input_json_delta", "partial_json": ""}]


def test_thinking_is_signed_and_comes_first() -> None:
    thinking = {"type": "enabled", "budget_tokens": 1024}
    thought, text_block = ask(messages=[COUNT], thinking=thinking)["content"]
    assert (thought["type"], text_block["type"]) == ("thinking", "text")
    parsed = events(messages=[COUNT], thinking=thinking)
    kinds = [e["delta"]["type"] for e in parsed if e["type"] == "content_block_delta"]
    assert kinds.index("signature_delta") == kinds.index("text_delta") - 1
    assert text(messages=[COUNT], thinking={"type": "disabled"})
    assert len(ask(thinking={"type": "adaptive"})["content"]) == 2


INVALID: list[tuple[str, Any]] = [
    ("model", 7),
    ("max_tokens", 0),
    ("max_tokens", "many"),
    ("max_tokens", None),
    ("max_tokens", True),
    ("messages", "hello"),
    ("messages", []),
    ("messages", ["hello"]),
    ("messages", [{"role": "tool", "content": "x"}]),
    ("messages", [{"role": "system", "content": "x"}]),
    ("messages", [{"content": "x"}]),
    ("messages", [{"role": "assistant", "content": "x"}]),
    ("messages", [{"role": "user"}]),
    ("messages", [{"role": "user", "content": ""}]),
    ("messages", [user()]),
    ("messages", [user("x")]),
    ("messages", [user(words(""))]),
    ("messages", [user(words(7))]),
    ("messages", [user({"type": "poem"})]),
    ("messages", [user({**words("x"), "cache_control": "yes"})]),
    ("messages", [USER, {"role": "assistant", "content": [image()]}]),
    ("messages", [user({"type": "image"})]),
    ("messages", [user(image(type="file"))]),
    ("messages", [user(image(type="url", url="ftp://x"))]),
    ("messages", [user(image(type="base64", media_type="image/bmp", data=RED))]),
    ("messages", [user(image(type="base64", media_type="image/png", data="!!"))]),
    ("messages", [user({"type": "document", "source": {"type": "poem"}})]),
    ("messages", [user({"type": "document", "source": {"type": "text"}})]),
    ("messages", [user({"type": "search_result", "content": 7})]),
    ("messages", [USER, CALLS]),
    ("messages", [USER, CALLS, USER]),
    ("messages", [USER, CALLS, user(result(tool_use_id="b"))]),
    ("messages", [USER, CALLS, user(result(), result())]),
    ("messages", [user(result())]),
    ("messages", [USER, CALLS, user(result(content=7))]),
    ("messages", [USER, CALLS, user(result(content=[CALL]))]),
    ("messages", [USER, CALLS, user(result(is_error="no"))]),
    ("messages", [USER, CALLS, user({"type": "tool_result"})]),
    ("messages", [USER, {**CALLS, "content": [CALL, CALL]}, user(result())]),
    ("messages", [USER, {**CALLS, "content": [{**CALL, "input": "{}"}]}, user(result())]),
    ("messages", [USER, {**CALLS, "content": [{**CALL, "id": ""}]}, user(result())]),
    ("system", 7),
    ("system", [words("")]),
    ("system", [image()]),
    ("temperature", 1.01),
    ("temperature", -0.1),
    ("temperature", "hot"),
    ("top_p", 1.1),
    ("top_k", -1),
    ("top_k", 0.5),
    ("stop_sequences", "7"),
    ("stop_sequences", [7]),
    ("stop_sequences", ["7", " \n"]),
    ("stream", "yes"),
    ("metadata", "me"),
    ("metadata", {"user_id": 7}),
    ("metadata", {"user_id": "x" * 257}),
    ("metadata", {"user_id": "ada@example.org"}),
    ("metadata", {"user_id": "+49 30 1234567"}),
    ("metadata", {"name": "Ada"}),
    ("service_tier", "flex"),
    ("thinking", "much"),
    ("thinking", {"type": "hard"}),
    ("thinking", {"type": "enabled"}),
    ("thinking", {"type": "enabled", "budget_tokens": 1023}),
    ("thinking", {"type": "enabled", "budget_tokens": 2000}),
    ("tools", {}),
    ("tools", ["x"]),
    ("tools", [{**WEATHER, "name": "a b"}]),
    ("tools", [{**WEATHER, "name": "x" * 65}]),
    ("tools", [{**WEATHER, "description": 7}]),
    ("tools", [{**WEATHER, "input_schema": "x"}]),
    ("tools", [{**WEATHER, "input_schema": {"type": "array"}}]),
    ("tools", [{"name": "f", "parameters": CITY}]),
    ("tools", [{"input_schema": CITY}]),
    ("tools", [{"type": "web_surf_20250305", "name": "web_surf"}]),
    ("tools", [{**WEATHER, "strict": "yes"}]),
    ("tools", [{**WEATHER, "allowed_callers": ["anyone"]}]),
    ("tools", [{**WEATHER, "input_examples": [7]}]),
    ("output_config", {"effort": "huge"}),
    ("output_config", {"format": {"type": "json_schema"}}),
    ("output_config", {"colour": "red"}),
    ("context_management", {"edits": [{"type": "forget_all"}]}),
    ("mcp_servers", [{"type": "url", "name": "x", "url": "https://example.org"}]),
    ("cache_control", {"type": "ephemeral", "ttl": "2h"}),
    ("thinking", {"type": "adaptive", "display": "loud"}),
    ("speed", "slow"),
    ("tools", [WEATHER, WEATHER]),
    ("tool_choice", "auto"),
    ("tool_choice", {"type": "auto"}),
    ("tool_choice", {"type": "required"}),
    ("tool_choice", {"type": "tool"}),
    ("cache_control", 7),
    ("no_such_field", 1),
    ("n", 1),
]


@pytest.mark.parametrize(("field", "value"), INVALID, ids=str)
def test_invalid_field_is_named_in_the_error(field: str, value: Any) -> None:
    for stream in (False, True):
        assert field in error(400, **{"stream": stream, field: value})


@pytest.mark.parametrize("field", ["model", "max_tokens", "messages"])
def test_missing_field_error_matches_the_documentation(field: str) -> None:
    body = {"model": "builtin-1", "max_tokens": 100, "messages": [USER]}
    del body[field]
    assert error(400, body=body) == f"{field} is required"


def test_tool_choice_must_name_a_given_tool() -> None:
    assert "tool_choice" in error(400, tools=[WEATHER], tool_choice={"type": "tool", "name": "f"})
    none = {"type": "none", "disable_parallel_tool_use": True}
    assert "Extra inputs" in error(400, tools=[WEATHER], tool_choice=none)


def test_calls_without_results_are_listed_in_the_error() -> None:
    other = {**CALL, "id": "toolu_b"}
    turns = [USER, {**CALLS, "content": [CALL, other]}, user(result(), words("well?"))]
    assert "toolu_b" in error(400, messages=turns)


ACCEPTED: list[dict[str, Any]] = [
    {"temperature": 0, "top_p": 1, "top_k": 0},
    {"temperature": 1.0, "top_p": 0.95},
    {"temperature": None, "top_p": None, "top_k": None, "stop_sequences": None, "system": None},
    {"tools": None, "tool_choice": None, "thinking": None, "metadata": None, "stream": None},
    {"metadata": {"user_id": "user-1234"}},
    {"metadata": {"user_id": None}},
    {"service_tier": "standard_only"},
    {"stop_sequences": []},
    {"tools": []},
    {"system": ""},
    {"system": [{**words("Be kind."), "cache_control": {"type": "ephemeral"}}]},
    {"cache_control": {"type": "ephemeral"}},
    {"context_management": {}, "container": {}},
    {"context_management": {"edits": [{"type": "clear_tool_uses_20250919"}]}},
    {"cache_control": {"type": "ephemeral", "ttl": "1h"}},
    {"output_config": {"effort": "xhigh"}, "inference_geo": "eu", "speed": "standard"},
    {"fallbacks": [{"model": "builtin-2"}], "diagnostics": {"previous_message_id": None}},
    {"tools": [{"type": "web_search_20250305", "name": "web_search"}]},
    {"tools": [{**WEATHER, "strict": True, "input_examples": [{"city": "Rome"}]}]},
    {"messages": [USER, {"role": "assistant", "content": ""}]},
    {"tools": [{**WEATHER, "type": "custom", "cache_control": {"type": "ephemeral"}}]},
]


@pytest.mark.parametrize("fields", ACCEPTED, ids=str)
def test_valid_requests_are_answered(fields: dict[str, Any]) -> None:
    assert text(**fields) == "ready"


def test_turns_of_one_role_are_merged() -> None:
    statement = {"role": "user", "content": "My dog is called Rex."}
    question = {"role": "user", "content": "What is my dog called?"}
    apart, one = (
        ask(messages=[statement, question]),
        user(words(statement["content"]), words(question["content"])),
    )
    assert apart["content"] == [words("Rex")]
    assert apart["usage"] == ask(messages=[one])["usage"]


def test_merged_messages_are_separate_sentences() -> None:
    last = {"role": "user", "content": "Do it."}
    assert text(messages=[USER, last]) == "ready"


def test_server_side_conversations_are_rejected() -> None:
    reply = fire(thread={"type": "create"})
    assert reply["status"] == 400
    assert data(reply)["error"]["details"]["error_code"] == "thread_unsupported_request"
    assert text(thread=None) == "ready"


def test_prefilled_answer_is_continued() -> None:
    begun = {"role": "assistant", "content": "1 2 3"}
    assert text(messages=[COUNT, begun]).startswith(" 4 5")


def test_empty_answer_has_no_block_and_one_token() -> None:
    empty = ask(messages=[COUNT], stop_sequences=["1"])
    assert (empty["content"], empty["usage"]["output_tokens"]) == ([], 1)
    assert [e["type"] for e in events(messages=[COUNT], stop_sequences=["1"])] == [
        "message_start",
        "ping",
        "message_delta",
        "message_stop",
    ]


def test_replayed_thinking_and_documents_are_accepted() -> None:
    thought = {"type": "thinking", "thinking": "hm", "signature": "x"}
    paper = {"type": "document", "source": {"type": "text", "data": "My dog is called Rex. "}}
    scan = {"type": "document", "source": {"type": "url", "url": "https://x"}}
    head = {"type": "search_result", "source": "https://x", "title": "Cats"}
    search_result = {**head, "content": [words("My cat is called Tom. ")]}
    turns = [
        user(paper, scan, search_result),
        {"role": "assistant", "content": [thought, words("Yes?")]},
    ]
    question = user(words("What is my dog called?"))
    assert text(messages=[*turns, question]) == "Rex"


def test_prompt_that_is_too_long_is_rejected() -> None:
    message = error(400, messages=[{"role": "user", "content": "a " * 200_001}])
    assert message.startswith("prompt is too long: ")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"model": "builtin-1"}, "messages"),
        ({"messages": [USER]}, "model"),
        ({"model": "builtin-1", "messages": "x"}, "messages"),
        ({"model": "builtin-1", "messages": [USER], "max_tokens": 9}, "max_tokens"),
    ],
)
def test_count_tokens_errors_name_the_field(body: Any, field: str) -> None:
    assert field in error(400, body=body, path="/v1/messages/count_tokens")


def pages(query: str) -> Any:
    return data(fire(path=f"/v1/models{query}", method="GET"))


def test_models_are_listed_in_pages() -> None:
    one, two = pages("")["data"]
    assert (one["id"], two["id"]) == ("builtin-1", "builtin-2")
    newer = {"capabilities", "lifecycle", "max_input_tokens", "max_tokens"}
    assert set(one) == {"created_at", "display_name", "id", "type", *newer}
    ends = {"first_id": "builtin-1", "last_id": "builtin-1"}
    assert pages("?limit=1") == {"data": [one], "has_more": True, **ends}
    assert pages("?before_id=builtin-2") == {"data": [one], "has_more": False, **ends}
    assert pages("?after_id=builtin-1&limit=1")["data"] == [two]
    none = {"data": [], "has_more": False, "first_id": None, "last_id": None}
    assert pages("?after_id=builtin-2") == none
    assert data(fire(path="/v1/models/builtin-2", method="GET")) == two


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=x", "limit=-1", "after_id=x"])
def test_invalid_page_parameters_are_rejected(query: str) -> None:
    assert query.partition("=")[0] in error(400, path=f"/v1/models?{query}", method="GET")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/messages", 405),
        ("GET", "/v1/messages/count_tokens", 405),
        ("POST", "/v1/models", 405),
        ("POST", "/v1/messages/poems", 404),
        ("POST", "/v1/v1/messages", 404),
        ("POST", "/", 404),
        ("GET", "/v1/models/claude", 404),
    ],
)
def test_wrong_path_or_method_is_rejected_in_json(method: str, path: str, status: int) -> None:
    kind = "not_found_error" if status == 404 else "invalid_request_error"
    error(status, kind, method=method, path=path)


def test_an_unknown_model_is_not_found() -> None:
    assert "claude" in error(404, "not_found_error", model="claude")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b'{"max_tokens": NaN}', b"null"])
def test_body_that_is_not_a_json_object_is_rejected(body: bytes) -> None:
    error(400, body=body)


def test_other_content_types_and_sizes_are_rejected() -> None:
    error(415, headers=(*GOOD, ("content-type", "text/plain")))
    error(413, "request_too_large", gateway=Gateway(max_body=9))


BEARER = ("Authorization", f"Bearer {KEY}")


@pytest.mark.parametrize(
    ("headers", "good"),
    [
        ((("x-api-key", KEY),), True),
        ((BEARER,), True),
        ((("authorization", f"bearer {KEY}"),), True),
        ((("x-api-key", KEY), ("authorization", "Bearer wrong")), True),
        ((("x-api-key", "wrong"), BEARER), False),
        ((("x-api-key", ""),), False),
        ((("authorization", f"Basic {KEY}"),), False),
        ((), False),
    ],
)
def test_x_api_key_takes_precedence_over_bearer(headers: Any, good: bool) -> None:
    if good:
        assert fire(headers=(*headers, VERSION))["status"] == 200
    else:
        assert KEY not in error(401, "authentication_error", headers=(*headers, VERSION))


@pytest.mark.parametrize(
    ("versions", "good"),
    [
        (["2023-06-01"], True),
        (["2026-10-21"], True),
        ([], False),
        ([""], False),
        (["1999-01-01"], False),
        (["2023-06-01", "2023-06-01"], False),
        (["2023-06-01, 2023-06-01"], False),
    ],
)
def test_version_must_be_sent_once(versions: list[str], good: bool) -> None:
    headers = (("x-api-key", KEY), *(("anthropic-version", one) for one in versions))
    if good:
        assert fire(headers=headers)["status"] == 200
    else:
        assert "anthropic-version" in error(400, headers=headers)


def test_rate_limit_headers_match_the_reference() -> None:
    headers = dict(fire()["headers"])
    assert headers["request-id"].startswith("req_")
    assert len(headers["anthropic-organization-id"]) == 36
    for kind in ("requests", "tokens", "input-tokens", "output-tokens"):
        limit, left, reset = (
            headers[f"anthropic-ratelimit-{kind}-{name}"]
            for name in ("limit", "remaining", "reset")
        )
        assert 0 < int(left) <= int(limit)
        assert len(reset) == len("2025-11-01T00:00:01Z")
        assert reset.endswith("Z")


def test_both_endpoints_share_one_limit() -> None:
    gateway = Gateway(clock=lambda: 0.0)
    other = (("authorization", f"Bearer {LIMITED_KEY}"),)
    for _ in range(20):
        reply = fire(path="/v1/models", method="GET", headers=other, gateway=gateway)
        assert data(reply)["object"] == "list"
    keys = (("x-api-key", LIMITED_KEY), VERSION)
    error(429, "rate_limit_error", gateway=gateway, headers=keys)
    headers = dict(fire(gateway=gateway, headers=keys)["headers"])
    assert headers["retry-after"] == "2"
    assert headers["anthropic-ratelimit-requests-remaining"] == "0"


def test_cors_headers_require_opt_in() -> None:
    direct = "anthropic-dangerous-direct-browser-access"
    origin = ("origin", "https://app.example")
    headers = (*GOOD, origin, (direct, "true"))
    assert dict(fire(headers=headers)["headers"])["access-control-allow-origin"] == "*"
    assert "access-control-allow-origin" not in dict(fire(headers=(*GOOD, origin))["headers"])
    preflight_headers = (
        origin,
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", f"x-api-key,{direct}"),
    )
    reply = fire(method="OPTIONS", headers=preflight_headers)
    assert reply["status"] == 200
    assert direct in dict(reply["headers"])["access-control-allow-headers"]


def test_override_applies_to_the_named_endpoint() -> None:
    def add_header(original: Any, *args: Any) -> Any:
        return [*original(*args), ("x-loud", "yes")]

    def with_header(name: str) -> list[bool]:
        gateway = Gateway({name: add_header})
        bearer = (("authorization", f"Bearer {KEY}"),)
        replies = [fire(path="/v1/models", method="GET", headers=h, gateway=gateway)
                   for h in (bearer, GOOD)]  # fmt: skip
        return ["x-loud" in dict(reply["headers"]) for reply in replies]

    assert with_header("headers") == [True, False]
    assert with_header("anthropic.headers") == [False, True]
    assert with_header("both.headers") == [True, True]
