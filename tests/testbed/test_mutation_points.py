"""Mutants as data: each point of the reference gateway, on its answers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness.testbed.gateway.gateway import Gateway, Overrides
from harness.testbed.keys import GATEWAY_KEY
from harness.testbed.mutation.points import POINTS, overrides_of
from harness.testbed.mutation.rows import changes_of, merged, mutants_of

ASK = {"role": "user", "content": "Reply with the single word: ready"}
PATHS = {
    "anthropic": "/v1/messages",
    "responses": "/v1/responses",
    "embeddings": "/v1/embeddings",
}
BODIES: dict[str, dict[str, Any]] = {
    "chat": {"model": "builtin-1", "messages": [ASK]},
    "anthropic": {"model": "builtin-1", "max_tokens": 50, "messages": [ASK]},
    "responses": {"model": "builtin-1", "input": "Reply with the single word: ready"},
    "embeddings": {"model": "builtin-embedding-1", "input": "ready"},
}


def ask(overrides: Overrides, protocol: str = "chat", key: str = GATEWAY_KEY, **body: Any) -> Any:
    """The reply of a changed gateway to a request."""
    return Gateway(overrides, pace=0.0, clock=lambda: 0.0).respond(
        {
            "method": "POST",
            "path": PATHS.get(protocol, "/v1/chat/completions"),
            "headers": [("authorization", f"Bearer {key}"), ("anthropic-version", "2023-06-01")],
            "body": json.dumps({**BODIES[protocol], **body}).encode(),
        }
    )


def data(reply: Any) -> Any:
    return json.loads(b"".join(reply["chunks"]))


def change(at: str, do: Any, protocol: str = "chat", **when: Any) -> Overrides:
    conditions = {"when": when["when"]} if when else {}
    return overrides_of({"at": at, "protocol": protocol, "do": do, **conditions})


@pytest.mark.parametrize("protocol", BODIES)
def test_refusal_comes_after_the_own_checks_and_names_the_field(protocol: str) -> None:
    overrides = change("request", {"refuse": "user"}, protocol, when={"$.model": "present"})
    assert ask(overrides, protocol)["status"] == 400
    assert "user" in json.dumps(data(ask(overrides, protocol)))
    assert "user" not in json.dumps(data(ask(overrides, protocol, model=7)))


@pytest.mark.parametrize("protocol", BODIES)
def test_crash_comes_only_if_the_condition_holds(protocol: str) -> None:
    overrides = change("request", {"crash": True}, protocol, when={"$.x": "present"})
    assert ask(overrides, protocol)["status"] == 200
    assert ask(overrides, protocol, x=1)["status"] == 500


def test_change_is_not_made_where_the_exception_holds() -> None:
    row = {"at": "answer", "protocol": "chat", "do": {"set": {"$.id": "x"}}}
    overrides = overrides_of({**row, "unless": {"$.stream": {"equals": True}}})
    assert data(ask(overrides))["id"] == "x"
    assert data(ask(overrides, stream=False))["id"] == "x"
    assert b'"x"' not in b"".join(ask(overrides, stream=True)["chunks"])
    errors = {"at": "error", "protocol": "chat", "do": {"status": 418}}
    overrides = overrides_of({**errors, "unless": {"param": {"equals": "top_p"}}})
    assert ask(overrides, temperature="hot")["status"] == 418
    assert ask(overrides, top_p="hot")["status"] == 400


def test_change_is_made_where_one_of_several_conditions_holds() -> None:
    row = {"at": "answer", "protocol": "chat", "do": {"set": {"$.id": "x"}}}
    either = [{"$.seed": "present"}, {"$.user": {"equals": "u"}}]
    overrides = overrides_of({**row, "when": either})
    assert data(ask(overrides))["id"] != "x"
    assert data(ask(overrides, seed=1))["id"] == data(ask(overrides, user="u"))["id"] == "x"
    overrides = overrides_of({**row, "unless": either})
    assert data(ask(overrides))["id"] == "x"
    assert data(ask(overrides, user="u"))["id"] != "x"


def test_forgiven_field_is_ignored_and_others_are_still_refused() -> None:
    overrides = change("request", {"forgive": "temperature"})
    assert ask({}, temperature="hot")["status"] == 400
    assert ask(overrides, temperature="hot")["status"] == 200
    assert ask(overrides, top_p="hot")["status"] == 400


def test_edits_of_the_request_come_before_the_checks() -> None:
    overrides = change("request", {"set": {"$.temperature": 1}}, when={"$.temperature": "invalid"})
    assert ask(overrides, temperature="hot")["status"] == 200


@pytest.mark.parametrize("protocol", BODIES)
def test_any_model_is_taken_if_the_field_is_not_checked(protocol: str) -> None:
    overrides = change("request", {"accept": "model"}, protocol, when={"$.model": {"equals": "m"}})
    assert ask(overrides, protocol, model="m")["status"] == 200
    assert ask(overrides, protocol, model="n")["status"] == 404


def test_model_of_embeddings_gets_what_was_changed_after_the_checks() -> None:
    overrides = change("model", {"drop": "$.dimensions"}, "embeddings")
    right, changed = (ask(each, "embeddings", dimensions=8) for each in ({}, overrides))
    assert [len(data(reply)["data"][0]["embedding"]) for reply in (right, changed)] == [8, 128]
    assert ask(overrides, "embeddings", dimensions=0)["status"] == 400


@pytest.mark.parametrize("protocol", ["chat", "anthropic"])
def test_model_gets_what_was_changed_after_the_checks(protocol: str) -> None:
    words = "Reply with the single word: other"
    overrides = change("model", {"set": {"$.messages[0].content": words}}, protocol)
    assert "other" in json.dumps(data(ask(overrides, protocol)))
    assert "ready" in json.dumps(data(ask({}, protocol)))


def test_prompt_lets_the_model_see_a_field() -> None:
    def tokens(overrides: Overrides) -> int:
        return int(data(ask(overrides, user="someone"))["usage"]["prompt_tokens"])

    assert tokens(change("model", {"prompt": "$.user"})) > tokens({})


@pytest.mark.parametrize("protocol", BODIES)
def test_answer_is_changed_with_values_of_the_request(protocol: str) -> None:
    accepted = change("request", {"accept": "new_field"}, protocol)
    echoed = change("answer", {"echo": {"$.tag": "$.new_field"}}, protocol)
    assert data(ask(merged(accepted, echoed), protocol, new_field="u"))["tag"] == "u"


@pytest.mark.parametrize("protocol", ["chat", "anthropic", "responses"])
def test_events_of_a_stream_are_changed(protocol: str) -> None:
    right = ask({}, protocol, stream=True)["chunks"]
    chunks = ask(change("stream", {"drop": "$[0]"}, protocol), protocol, stream=True)["chunks"]
    assert chunks == right[1:]


def test_each_event_of_a_stream_is_changed_apart() -> None:
    path = "$[?@.type=='response.completed'].response.output[0].content[0].text"
    reply = ask(change("stream", {"set": {path: "x"}}, "responses"), "responses", stream=True)
    assert [b'"text":"x"' in piece for piece in reply["chunks"]][-2:] == [False, True]


def test_answer_is_changed_if_it_has_a_value() -> None:
    overrides = change(
        "answer", {"drop": "$.id"}, when={"data $.usage.total_tokens": {"above": 99}}
    )
    assert "id" in data(ask(overrides))
    assert "id" not in data(ask(overrides, messages=[{**ASK, "content": "a " * 100}]))


def test_error_has_another_body_status_and_headers() -> None:
    do = {"set": {"$.error.type": "odd"}, "status": 418, "set_header": {"x-odd": "1"}}
    overrides = change("error", do, when={"param": {"equals": "temperature"}})
    reply = ask(overrides, temperature="hot")
    assert (reply["status"], data(reply)["error"]["type"]) == (418, "odd")
    assert ("x-odd", "1") in reply["headers"]
    other = ask(overrides, top_p="hot")
    assert (other["status"], dict(other["headers"]).get("x-odd")) == (400, None)


def test_error_is_sent_as_a_page() -> None:
    overrides = change("error", {"send": {"type": "text/html", "text": "<p>"}})
    reply = ask(overrides, temperature="hot")
    assert (reply["chunks"], dict(reply["headers"])["content-type"]) == ([b"<p>"], "text/html")


@pytest.mark.parametrize("protocol", ["chat", "anthropic", "responses"])
def test_texts_of_a_stream_are_changed(protocol: str) -> None:
    do = {"repeat": "$[0]", "set": {"$[0]": ": hello\n\n"}, "drop": "$[-1]"}
    right = ask({}, protocol, stream=True)["chunks"]
    changed = ask(change("frames", do, protocol), protocol, stream=True)["chunks"]
    assert changed == [b": hello\n\n", *right[:-1]]


def test_headers_are_dropped_renamed_and_set() -> None:
    do = {
        "drop_header": "openai-version",
        "rename_header": {"request-id": "x-id"},
        "set_header": {"x-request-id": "r", "x-more": "1"},
    }
    names = [name for name, _ in ask(change("headers", do))["headers"]]
    assert not {"openai-version", "request-id"} & {*names}
    assert {"x-id", "x-request-id", "x-more"} <= {*names}
    assert dict(ask(change("headers", do))["headers"])["x-request-id"] == "r"


def test_request_is_refused_for_its_path() -> None:
    refusal = {"refuse": {"status": 404, "message": "Nothing here."}}
    when = {"path": {"matches": "completions$"}, "method": {"equals": "POST"}}
    assert ask(change("http", refusal, when=when))["status"] == 404
    assert ask(change("http", refusal, when={"path": {"equals": "/"}}))["status"] == 200


def test_request_has_another_line_body_and_key_before_it_is_read() -> None:
    do = {"replace": {"$.path": {"/compat": "/chat"}, "$.body": {"ready": "other"}}}
    reply = ask(change("http", {**do, "set_header": {"authorization": "Bearer x"}}))
    assert reply["status"] == 401
    assert "other" in json.dumps(data(ask(change("http", do))))
    assert ask(change("http", {"set": {"$.method": "GET"}}))["status"] == 405
    key = {"set_header": {"authorization": f"Bearer {GATEWAY_KEY}"}}
    assert (
        ask(change("http", key, when={"header authorization": "present"}), key="x")["status"] == 200
    )


def test_reply_has_another_status_header_and_json() -> None:
    do = {"set": {"$.id": "x"}, "status": 202, "set_header": {"x-odd": "1"}}
    when = {"path": {"matches": "completions$"}, "status": {"equals": 200}}
    overrides = change("reply", do, when={**when, "data $.object": "present"})
    reply = ask(overrides)
    assert (reply["status"], data(reply)["id"]) == (202, "x")
    assert ("x-odd", "1") in reply["headers"]
    assert ask(overrides, temperature="hot")["status"] == 400


def test_reply_that_is_a_stream_keeps_its_body_unless_another_is_sent() -> None:
    right = ask({}, stream=True)["chunks"]
    assert ask(change("reply", {"set": {"$.id": "x"}}), stream=True)["chunks"] == right
    sent = ask(change("reply", {"send": {"type": "text/html", "text": "<p>"}}), stream=True)
    assert (sent["chunks"], sent["pauses"]) == ([b"<p>"], [0.0])


def test_hooks_between_gateway_and_provider_have_the_providers_protocol() -> None:
    for name, point in POINTS.items():
        if point.prefix:
            hooks = change(name, {"drop": "$.x"}, "anthropic")
            assert all(hook.startswith("forward.anthropic.") for hook in hooks)


def test_later_override_of_a_hook_gets_the_result_of_the_earlier() -> None:
    first = change("answer", {"set": {"$.tag": "a"}})
    second = change("answer", {"append": {"$.tag": "b"}})
    assert data(ask(merged(first, second)))["tag"] == "ab"


def test_rows_take_pack_and_protocol_of_their_file() -> None:
    row = {
        "id": "i",
        "description": "s",
        "case": "c",
        "rule": "r",
        "at": "answer",
        "do": {"drop": "$.id"},
    }
    [mutant] = mutants_of({"pack": "p", "protocol": "chat", "mutants": [row]})
    assert (mutant.id, mutant.description, mutant.case) == ("i", "s", "p/c")
    assert [*mutant.override] == ["chat.completion"]
    also = {"also": [{"id": "j", "case": "d", "rule": "q"}]}
    _, other = mutants_of({"pack": "p", "protocol": "chat", "mutants": [{**row, **also}]})
    assert (other.id, other.description, other.case, other.rule) == ("j", "s", "p/d", "q")
    assert "id" not in data(ask(other.override))
    overrides = changes_of({"protocol": "chat", "overrides": [row, row]})
    assert "id" not in data(ask(overrides))
