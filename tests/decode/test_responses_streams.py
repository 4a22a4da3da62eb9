"""Streams of the Responses protocol are assembled, and each break of their rules is found."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from harness.decode.sse import Parser
from harness.decode.streams import responses
from harness.model import Event
from harness.testbed.gateway.gateway import Gateway
from harness.testbed.keys import GATEWAY_KEY

Body = dict[str, Any]
HEADERS = [("authorization", f"Bearer {GATEWAY_KEY}"), ("content-type", "application/json")]
TOOL = {
    "type": "function",
    "name": "get_weather",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
}
COUNT = {"input": "Count from 1 to 10, separated by spaces."}
WEATHER = {"input": "What is the weather in Paris?", "tools": [TOOL], "tool_choice": "required"}


def send(stream: bool, fields: Body) -> bytes:
    body = json.dumps({"model": "builtin-1", "stream": stream, **fields}).encode()
    request = {"method": "POST", "path": "/v1/responses", "headers": HEADERS, "body": body}
    return b"".join(Gateway().respond(request)["chunks"])


def events_of(data: bytes) -> list[Event]:
    parser = Parser()
    return [*parser.feed(data), *parser.close()]


def sent_events(fields: Body) -> list[Body]:
    return [json.loads(event.data) for event in events_of(send(True, fields))]


def written(events: list[Body]) -> list[Event]:
    return [Event(number, e.get("type", ""), json.dumps(e)) for number, e in enumerate(events)]


def rules(events: list[Body], complete: bool = True) -> set[str]:
    return {violation.rule for violation in responses(written(events), complete=complete)[2]}


@pytest.mark.parametrize("fields", [COUNT, WEATHER, {**COUNT, "max_output_tokens": 16}])
def test_stream_is_assembled_into_the_plain_answer(fields: Body) -> None:
    plain = json.loads(send(False, fields))
    streamed, _, violations = responses(events_of(send(True, fields)))
    assert violations == []
    assert streamed is not None
    texts = [[item.get("content"), item.get("arguments")] for item in plain["output"]]
    assert [[i.get("content"), i.get("arguments")] for i in streamed["output"]] == texts
    assert streamed["status"] == plain["status"]


def drop(kind: str) -> Callable[[list[Body]], list[Body]]:
    return lambda events: [event for event in events if event["type"] != kind]


def change(kind: str, **members: Any) -> Callable[[list[Body]], list[Body]]:
    return lambda events: [{**e, **members} if e["type"] == kind else e for e in events]


CASES: list[tuple[Callable[[list[Body]], list[Body]], str]] = [
    (drop("response.created"), "stream.start"),
    (lambda events: [*events[:1], *events], "stream.start"),
    (lambda events: events[:-1], "stream.stop"),
    (lambda events: [*events, events[-1]], "stream.stop"),
    (lambda events: [events[0], events[2], events[1], *events[3:]], "stream.sequence"),
    (drop("response.in_progress"), "stream.sequence"),
    (drop("response.output_item.added"), "stream.item"),
    (change("response.output_item.added", output_index=1), "stream.item"),
    (drop("response.output_item.done"), "stream.item"),
    (change("response.output_text.delta", item_id="msg_x"), "stream.item-id"),
    (drop("response.content_part.added"), "stream.part"),
    (drop("response.content_part.done"), "stream.text-open"),
    (drop("response.output_text.done"), "stream.text-open"),
    (change("response.output_text.done", text="other"), "stream.delta-done"),
    (drop("response.output_text.delta"), "stream.delta-done"),
    (change("response.completed", response={"status": "in_progress"}), "stream.stop-reason"),
    (change("response.completed", response={"id": "other"}), "stream.same-id"),
    (change("response.completed", response={"output": []}), "stream.output"),
]


@pytest.mark.parametrize(("change_events", "rule"), CASES)
def test_each_break_of_a_rule_is_found(
    change_events: Callable[[list[Body]], list[Body]], rule: str
) -> None:
    assert rule in rules(change_events(sent_events(COUNT)))


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ({"code": "server_error", "message": "No."}, {"stream.error"}),
        ({"error": {"message": "No."}}, {"stream.error"}),
        ({"code": 7}, {"stream.error", "stream.error-shape"}),
    ],
)
def test_error_event_ends_a_stream_and_has_a_message(error: Body, expected: set[str]) -> None:
    assert rules([*sent_events(COUNT)[:4], {"type": "error", **error}]) == expected


@pytest.mark.parametrize("length", [0, 1, 4])
@pytest.mark.parametrize(
    ("error", "expected"),
    [({"message": "No."}, {"stream.error"}), (None, {"stream.error", "stream.error-shape"})],
)
def test_failed_response_ends_a_stream_at_any_place_and_has_a_message(
    length: int, error: Body | None, expected: set[str]
) -> None:
    response = {"id": "resp_x", "object": "response", "status": "failed", "output": []}
    failed = {"type": "response.failed", "response": {**response, "error": error}}
    events = [*sent_events(COUNT)[:length], failed]
    assert rules(events) == expected
    assert (responses(written(events))[0] or {})["status"] == "failed"


def test_id_of_a_call_that_changes_is_found() -> None:
    events = sent_events(WEATHER)
    [added] = [event for event in events if event["type"] == "response.output_item.added"]
    added["item"]["call_id"] = "call_other"
    assert rules(events) == {"stream.item-id"}


def test_items_are_not_reported_as_open_in_a_stream_without_an_end() -> None:
    assert rules(sent_events(COUNT)[:5]) == {"stream.stop"}


def test_indexes_that_are_missing_are_reported_by_the_schema_alone() -> None:
    names = ("output_index", "content_index", "sequence_number")
    for fields in (COUNT, WEATHER):
        sent = [{k: v for k, v in e.items() if k not in names} for e in sent_events(fields)]
        assert responses(written(sent))[2] == []
        assert responses(written(sent))[0] is not None


def test_lost_connection_is_not_a_missing_end() -> None:
    assert rules(sent_events(COUNT)[:-1], complete=False) == set()


def test_cut_stream_of_any_length_is_read() -> None:
    data = send(True, WEATHER)
    for length in range(0, len(data), 7):
        responses(events_of(data[:length]), complete=False)


@pytest.mark.parametrize(
    "event",
    [
        {"type": "response.created", "response": 7},
        {"type": "response.output_item.added", "output_index": "0", "item": []},
        {"type": "response.output_item.done", "output_index": -1},
        {"type": "response.output_text.delta", "output_index": 10**400, "delta": 7},
        {"type": "response.completed", "response": {"output": [7, None, {}]}},
        {"type": 7},
        {},
    ],
)
def test_unexpected_values_are_no_error_of_the_harness(event: Body) -> None:
    responses(written([*sent_events(COUNT)[:3], event, event]))
    responses([Event(0, "x", "[]"), Event(1, "", "7"), Event(2, "", "[DONE]")])


def test_missing_number_is_no_gap_as_well() -> None:
    events = sent_events(COUNT)
    events[3].pop("sequence_number")
    assert rules(events) == set()
