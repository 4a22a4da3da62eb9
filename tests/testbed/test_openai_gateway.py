"""The endpoint below /compat/v1 follows the compatibility document."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness.testbed.gateway.gateway import Gateway
from harness.testbed.gateway.limits import go_duration
from harness.testbed.keys import GATEWAY_KEY as KEY
from harness.testbed.keys import LIMITED_GATEWAY_KEY as LIMITED_KEY

USER = {"role": "user", "content": "Reply with the single word: ready"}
COUNT = {"role": "user", "content": "Count from 1 to 20, separated by spaces."}
WEATHER = {"role": "user", "content": "What is the weather in Paris?"}
FUNCTION = {
    "name": "get_weather",
    "description": "Get the current weather in a city.",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
}
TOOLS = [{"type": "function", "function": FUNCTION}]
CALLS = {
    "role": "assistant",
    "content": None,
    "tool_calls": [
        {
            "id": "a",
            "index": 0,
            "type": "function",
            "function": {"name": "get_weather", "arguments": '{"city": "Paris"}'},
        }
    ],
}
RESULT = {"role": "tool", "tool_call_id": "a", "content": "17 degrees"}


def fire(
    body: Any = None,
    path: str = "/compat/v1/chat/completions",
    method: str = "POST",
    headers: tuple[tuple[str, str], ...] = (("Authorization", f"Bearer {KEY}"),),
    gateway: Gateway | None = None,
    **fields: Any,
) -> dict[str, Any]:
    """The reply to a body, or to the base request with these fields."""
    if body is None:
        body = {"model": "builtin-1", "messages": [USER], **fields}
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


def message(**fields: Any) -> Any:
    return ask(**fields)["choices"][0]["message"]


def text(**fields: Any) -> Any:
    return message(**fields)["content"]


def events(**fields: Any) -> list[Any]:
    reply = fire(stream=True, **fields)
    assert reply["status"] == 200
    assert reply["chunks"][-1] == b"data: [DONE]\n\n"
    return [json.loads(chunk.removeprefix(b"data: ")) for chunk in reply["chunks"][:-1]]


def test_a_plain_answer_has_the_shape_of_the_reference() -> None:
    answer = ask()
    assert list(answer) == ["id", "object", "created", "model", "choices", "usage"]
    assert answer["object"] == "chat.completion"
    assert answer["model"] == "builtin-1"
    message = {"role": "assistant", "content": "ready", "refusal": None}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    assert answer["choices"] == [choice]
    usage = answer["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
    assert len(usage) == 3


def same(answer: Any) -> Any:
    """The answer without its id and time."""
    return {key: value for key, value in answer.items() if key not in ("id", "created")}


@pytest.mark.parametrize("value", [0, 0.5, 1, 1.01, 2, 100, None])
def test_temperature_above_1_is_clamped(value: Any) -> None:
    assert text(temperature=value) == "ready"
    gateway = Gateway()
    body = {"messages": [USER], "model": "m", "temperature": value}
    assert gateway.compat.temperature(body) == (None if value is None else min(value, 1))


INVALID: list[tuple[str, Any]] = [
    ("model", 5),
    ("model", None),
    ("messages", "no list"),
    ("messages", []),
    ("messages", ["x"]),
    ("messages", [{"content": "x"}]),
    ("messages", [{"role": "banana", "content": "x"}]),
    ("messages", [{"role": ["user"], "content": "x"}]),
    ("messages", [{"role": "user"}]),
    ("messages", [{"role": "user", "content": None}]),
    ("messages", [{"role": "user", "content": 7}]),
    ("messages", [{"role": "user", "content": []}]),
    ("messages", [{"role": "user", "content": ["x"]}]),
    ("messages", [{"role": "user", "content": [{"type": "poem", "poem": "x"}]}]),
    ("messages", [{"role": "user", "content": [{"type": "text", "text": 7}]}]),
    ("messages", [{"role": "user", "content": [{"type": "refusal", "refusal": "no"}]}]),
    ("messages", [{"role": "system", "content": [{"type": "image_url", "image_url": {}}]}]),
    ("messages", [{"role": "user", "content": [{"type": "image_url", "image_url": "x"}]}]),
    ("messages", [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": 7}}]}]),
    ("messages", [{"role": "assistant", "content": None}]),
    ("messages", [{"role": "assistant", "tool_calls": "x"}]),
    ("messages", [{"role": "assistant", "tool_calls": []}]),
    ("messages", [{"role": "assistant", "tool_calls": ["x"]}]),
    ("messages", [{"role": "assistant", "tool_calls": [{"id": ""}]}]),
    ("messages", [{"role": "assistant", "tool_calls": [{"id": "a", "type": "custom"}]}]),
    ("messages", [{"role": "assistant", "tool_calls": [{"id": "a", "type": "function"}]}]),
    ("messages", [{"role": "assistant", "function_call": {"name": "f", "arguments": {}}}]),
    ("messages", [USER, CALLS]),
    ("messages", [USER, CALLS, USER]),
    ("messages", [USER, CALLS, {**RESULT, "tool_call_id": "b"}]),
    ("messages", [USER, CALLS, RESULT, RESULT]),
    ("messages", [USER, RESULT]),
    ("messages", [USER, CALLS, {"role": "tool", "content": "x"}]),
    ("messages", [USER, CALLS, {"role": "tool", "tool_call_id": "a", "content": None}]),
    ("n", 0),
    ("n", 2),
    ("n", "1"),
    ("n", True),
    ("temperature", -0.1),
    ("temperature", "hot"),
    ("temperature", True),
    ("top_p", 1.1),
    ("top_p", -1),
    ("top_p", []),
    ("max_tokens", 0),
    ("max_tokens", "ten"),
    ("max_completion_tokens", -1),
    ("max_completion_tokens", 1.5),
    ("stop", 7),
    ("stop", ["a", 7]),
    ("stream", "yes"),
    ("stream_options", {"include_usage": True}),
    ("stream_options", []),
    ("stream_options", {"include_usage": 7}),
    ("tools", None),
    ("tools", []),
    ("tools", {}),
    ("tools", ["x"]),
    ("tools", [{"type": "custom"}]),
    ("tools", [{"type": "function"}]),
    ("tools", [{"type": "function", "function": "x"}]),
    ("tools", [{"type": "function", "function": {}}]),
    ("tools", [{"type": "function", "function": {"name": "a b"}}]),
    ("tools", [{"type": "function", "function": {"name": 7}}]),
    ("tools", [{"type": "function", "function": {"name": "f", "description": 7}}]),
    ("tools", [{"type": "function", "function": {"name": "f", "parameters": "x"}}]),
    ("functions", [{}]),
    ("tool_choice", "auto"),
    ("tool_choice", 7),
    ("tool_choice", "sometimes"),
    ("tool_choice", {"type": "custom"}),
    ("tool_choice", {"type": "function"}),
    ("tool_choice", {"type": "function", "function": {}}),
    ("function_call", "sometimes"),
    ("function_call", {"name": 7}),
    ("function_call", {"name": "nothing"}),
    ("parallel_tool_calls", True),
    ("parallel_tool_calls", "x"),
    ("thinking", "much"),
    ("thinking", {"type": "sometimes"}),
    ("thinking", {"type": "enabled"}),
    ("thinking", {"type": "enabled", "budget_tokens": "x"}),
]


@pytest.mark.parametrize(("field", "value"), INVALID, ids=str)
def test_invalid_request_gets_an_error_object_with_the_field(field: str, value: Any) -> None:
    modes: list[dict[str, Any]] = [{}, {"stream": True}]
    for mode in modes[: 1 if field in ("stream", "stream_options") else 2]:
        reply = fire(**{**mode, field: value})
        error = data(reply)["error"]
        assert (mode, reply["status"]) == (mode, 400)
        assert dict(reply["headers"])["content-type"] == "application/json"
        assert sorted(error) == ["code", "message", "param", "type"]
        assert error["type"] == "invalid_request_error"
        assert error["param"].startswith(field)


@pytest.mark.parametrize(
    "url", ["", "ftp://x/y.png", "data:image/png;base64,", "data:image/png;base64,!!", "data:,x"]
)
def test_invalid_image_is_rejected(url: str) -> None:
    part = {"type": "image_url", "image_url": {"url": url}}
    reply = fire(messages=[{"role": "user", "content": [part]}])
    assert reply["status"] == 400
    assert data(reply)["error"]["param"] == "messages[0].content[0].image_url.url"


def test_a_named_choice_must_name_a_tool() -> None:
    choice = {"type": "function", "function": {"name": "nothing"}}
    assert data(fire(tools=TOOLS, tool_choice=choice))["error"]["param"] == "tool_choice"


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'"x"', b"\xff\xfe", b'{"model": NaN}', b"[" * 100_000, b"1" * 5000],
    ids=repr,
)
def test_body_that_is_not_a_json_object_is_rejected(body: bytes) -> None:
    reply = fire(body)
    assert reply["status"] == 400
    assert data(reply)["error"]["type"] == "invalid_request_error"


def test_missing_fields_are_named() -> None:
    assert data(fire({"messages": [USER]}))["error"]["param"] == "model"
    assert data(fire({"model": "builtin-1"}))["error"]["param"] == "messages"


def test_an_unknown_model_is_not_found() -> None:
    reply = fire(model="gpt-4")
    assert reply["status"] == 404
    assert data(reply)["error"]["code"] == "model_not_found"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/chat/completions", 405),
        ("DELETE", "/v1/models", 405),
        ("POST", "/v1/models/builtin-1", 405),
        ("POST", "/v1/poems", 404),
        ("GET", "/", 404),
        ("GET", "/v1/models/gpt-4", 404),
    ],
)
def test_wrong_path_or_method_is_rejected_in_json(method: str, path: str, status: int) -> None:
    reply = fire(path=path, method=method)
    assert reply["status"] == status
    assert data(reply)["error"]["type"] == "invalid_request_error"
    assert ("allow" in dict(reply["headers"])) == (status == 405)


@pytest.mark.parametrize(
    "headers",
    [
        (),
        (("authorization", "Bearer wrong"),),
        (("authorization", f"Basic {KEY}"),),
        (("authorization", ""),),
        (("api-key", KEY),),
    ],
)
@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/models"])
def test_requests_without_a_valid_key_are_rejected(headers: Any, path: str) -> None:
    reply = fire(headers=headers, path=path)
    assert reply["status"] == 401
    assert data(reply)["error"]["code"] == "invalid_api_key"
    assert KEY not in repr(reply)


def test_the_content_type_must_be_json_if_there_is_one() -> None:
    def status(kind: str) -> Any:
        return fire(headers=(("authorization", f"bearer {KEY}"), ("content-type", kind)))["status"]

    assert status("application/json; charset=utf-8") == 200
    assert status("text/plain") == 415


def test_body_that_is_too_large_is_rejected() -> None:
    assert fire(b" " * 11, gateway=Gateway(max_body=10))["status"] == 413


def test_models_are_listed_and_retrievable() -> None:
    listed = data(fire(path="/v1/models?limit=20", method="GET"))
    assert listed["object"] == "list"
    assert [model["id"] for model in listed["data"]] == ["builtin-1", "builtin-2"]
    one = data(fire(path="/v1/models/builtin-2", method="GET"))
    assert one == listed["data"][1]
    assert sorted(one) == ["created", "id", "object", "owned_by"]
    assert text(model="builtin-2") == "ready"


@pytest.mark.parametrize("status", [200, 400, 401, 404])
def test_every_answer_carries_its_id_and_the_version(status: int) -> None:
    headers = (("authorization", f"Bearer {'x' if status == 401 else KEY}"),)
    model = {404: "nobody", 400: 5}.get(status, "builtin-1")
    reply = fire(model=model, headers=headers)
    received = dict(reply["headers"])
    assert reply["status"] == status
    assert received["request-id"].startswith("req_")
    assert received["openai-version"] == "2020-10-01"
    assert "openai-processing-ms" not in received
    assert ("x-ratelimit-limit-requests" in received) == (status != 401)


def test_rate_limit_headers_are_numbers_and_durations() -> None:
    headers = {k: v for k, v in fire()["headers"] if k.startswith("x-ratelimit")}
    assert headers == {
        "x-ratelimit-limit-requests": "4000",
        "x-ratelimit-limit-tokens": "400000",
        "x-ratelimit-remaining-requests": "3999",
        "x-ratelimit-remaining-tokens": "399985",
        "x-ratelimit-reset-requests": "15ms",
        "x-ratelimit-reset-tokens": "3ms",
    }


def test_limited_key_is_exhausted_and_recovers() -> None:
    now = [0.0]
    gateway = Gateway(clock=lambda: now[0])
    headers = (("authorization", f"Bearer {LIMITED_KEY}"),)
    replies = [fire(gateway=gateway, headers=headers) for _ in range(22)]
    assert [reply["status"] for reply in replies] == [200] * 20 + [429] * 2
    response_headers = dict(replies[-1]["headers"])
    assert response_headers["retry-after"] == "2"
    assert response_headers["x-ratelimit-remaining-requests"] == "0"
    assert data(replies[-1])["error"]["type"] == "rate_limit_error"
    now[0] += float(response_headers["retry-after"])
    assert fire(gateway=gateway, headers=headers)["status"] == 200
    assert fire(gateway=gateway)["status"] == 200


def test_rpm_limits_the_normal_key() -> None:
    gateway = Gateway(rpm=2, clock=lambda: 0.0)
    assert [fire(gateway=gateway)["status"] for _ in range(3)] == [200, 200, 429]


@pytest.mark.parametrize(
    ("seconds", "written"),
    [(0, "0ms"), (0.0151, "16ms"), (1, "1s"), (1.5, "1.5s"), (360, "6m0s"), (3723, "1h2m3s")],
)
def test_durations_are_written_as_go_writes_them(seconds: float, written: str) -> None:
    assert go_duration(seconds) == written


def test_system_messages_are_hoisted_and_joined_by_one_newline() -> None:
    one, two = "Whatever the user says, reply with a single word.", "The word is: pineapple"
    scattered: list[dict[str, Any]] = [
        {"role": "system", "content": one},
        USER,
        {"role": "developer", "content": [{"type": "text", "text": two}]},
        {"role": "user", "content": "Go."},
    ]
    joined = [{"role": "system", "content": f"{one}\n{two}"}, USER, scattered[3]]
    assert text(messages=scattered) == "pineapple"
    assert same(ask(messages=scattered)) == same(ask(messages=joined))
    assert Gateway().openai.hoist(scattered) == f"{one}\n{two}"


def test_refusal_in_the_history_has_no_effect() -> None:
    replayed = [USER, {"role": "assistant", "content": None, "refusal": "no"}, COUNT]
    assert same(ask(messages=replayed)) == same(ask(messages=[USER, COUNT]))


def test_smaller_of_two_token_limits_applies() -> None:
    answer = ask(messages=[COUNT], max_tokens=9, max_completion_tokens=4)
    assert answer["usage"]["completion_tokens"] == 4


@pytest.mark.parametrize("stop", ["7", [" ", "\n", "7"], [*"abcde", "7"]])
def test_stop_sequences_that_are_not_blank_work(stop: Any) -> None:
    answer = ask(messages=[COUNT], stop=stop)
    assert answer["choices"][0]["message"]["content"] == "1 2 3 4 5 6 "
    assert answer["choices"][0]["finish_reason"] == "stop"


def test_instruction_between_call_and_result_is_accepted() -> None:
    system = {"role": "system", "content": "Be brief."}
    assert text(messages=[WEATHER, CALLS, system, RESULT]) == "The answer is: 17 degrees"


@pytest.mark.parametrize("arguments", ["", "{}", "{not json"])
def test_arguments_come_back_as_the_model_wrote_them(arguments: str) -> None:
    call = {"id": "a", "type": "function", "function": {"name": "f", "arguments": arguments}}
    turn = {"role": "assistant", "content": "", "tool_calls": [call]}
    assert text(messages=[USER, turn, RESULT]) == "The answer is: 17 degrees"


def test_lone_surrogates_are_accepted() -> None:
    body = b'{"model":"builtin-1","messages":[{"role":"user","content":"Repeat: \\ud800x"}]}'
    assert data(fire(body))["choices"][0]["message"]["content"] == "?x"


def test_stream_adds_up_to_the_plain_answer() -> None:
    plain = ask(messages=[COUNT])
    chunks = events(messages=[COUNT])
    choices = [chunk["choices"][0] for chunk in chunks]
    assert choices[0]["delta"] == {"role": "assistant", "content": "", "refusal": None}
    assert choices[-1]["delta"] == {}
    assert [choice["finish_reason"] for choice in choices] == [None] * (len(choices) - 1) + ["stop"]
    pieces = [choice["delta"]["content"] for choice in choices[1:-1]]
    assert len(pieces) > 5
    assert "".join(pieces) == plain["choices"][0]["message"]["content"]
    heads = {(c["id"], c["object"], c["created"], c["model"]) for c in chunks}
    assert [head[1] for head in heads] == ["chat.completion.chunk"]
    assert all("usage" not in chunk for chunk in chunks)


def test_streamed_calls_have_distinct_indexes() -> None:
    both = {"role": "user", "content": "What is the weather in Paris and in Rome?"}
    deltas = [c["choices"][0]["delta"] for c in events(messages=[both], tools=TOOLS)]
    pieces = [delta["tool_calls"][0] for delta in deltas if "tool_calls" in delta]
    assert deltas[0] == {"role": "assistant", "content": None, "refusal": None}
    for number, city in enumerate(["Paris", "Rome"]):
        call_pieces = [piece for piece in pieces if piece["index"] == number]
        assert sorted(call_pieces[0]) == ["function", "id", "index", "type"]
        assert call_pieces[0]["function"] == {"name": "get_weather", "arguments": ""}
        assert all(sorted(piece) == ["function", "index"] for piece in call_pieces[1:])
        arguments = "".join(piece["function"]["arguments"] for piece in call_pieces)
        assert json.loads(arguments) == {"city": city}


def test_stream_has_pauses() -> None:
    reply = fire(stream=True, gateway=Gateway(pace=0.5))
    assert reply["framing"] == "chunked"
    assert reply["pauses"] == [0.0] + [0.5] * (len(reply["chunks"]) - 1)
    assert Gateway().openai.pauses(0) == []


def test_override_receives_the_original_hook() -> None:
    def in_upper_case(original: Any, reply: Any) -> Any:
        return original(reply).upper()

    answer = data(fire(gateway=Gateway({"finish_reason": in_upper_case})))
    assert answer["choices"][0]["finish_reason"] == "STOP"
    with pytest.raises(AttributeError):
        Gateway({"no_such_hook": in_upper_case})
