"""Whatever a target answers, the harness judges it: reading and judging never raise."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.decode import response as reading
from harness.judge import judge
from harness.model import Exchange, Plan
from harness.report.case_data import case_data
from harness.report.page_blocks import case_blocks
from harness.report.page_store import PageStore
from tests.fuzz.mutations import damaged, damaged_bytes
from tests.support.anthropic_streams import CONFORMING
from tests.support.inline_pack import (
    CALL,
    PACK,
    as_stream,
    exchange,
    make_plan,
    send,
    text_reply,
)

ANSWERS = {
    "text": text_reply().body,
    "call": text_reply(None, message={"tool_calls": [CALL, CALL]}).body,
    "error": {"error": {"message": "it is wrong", "type": "x", "param": "n", "code": None}},
    "models": {"object": "list", "data": [{"id": "m-1", "object": "model", "created": 1}]},
}
PLANS = [
    make_plan(
        "supported", request={"body": {"n": 1}}, expect={"body": {"$.choices": {"length": 1}}}
    ),
    make_plan("exactly", field="$.n", value=2, values=[3]),
    make_plan("ignored", field="$.n", values=[1, 2]),
    make_plan("rejected", field="$.n", values=["x"]),
]
HEADERS = st.lists(
    st.tuples(
        st.sampled_from(["content-type", "retry-after", "content-encoding", "x\x1b", "set-cookie"]),
        st.sampled_from(["text/event-stream", "application/json", "gzip", "-1", "\x1b[31m", "é"]),
    ),
    max_size=3,
)


def anthropic_bytes(events: list[dict[str, object]]) -> bytes:
    return b"".join(
        f"event: {event.get('type')}\ndata: {json.dumps(event)}\n\n".encode(
            "utf-8", "surrogatepass"
        )
        for event in events
    )


def describe(plan: Plan, exchanges: dict[str, Exchange]) -> None:
    """Judge and show a case as a run does."""
    verdict = judge(plan, exchanges)
    entry = case_data(verdict, plan, [PACK], exchanges)
    store = PageStore()
    store.add(plan, exchanges, entry)
    assert case_blocks([entry], store)
    json.dumps(entry, ensure_ascii=False).encode()


@pytest.mark.parametrize("name", ANSWERS)
@given(data=st.data())
def test_damaged_answers_are_judged(name: str, data: st.DataObject) -> None:
    plan = data.draw(st.sampled_from(PLANS))
    body = data.draw(damaged(ANSWERS[name]))
    status = data.draw(st.sampled_from([200, 200, 204, 301, 400, 401, 429, 500, 599, 999]))
    headers = tuple(data.draw(HEADERS))
    raw = json.dumps(body).encode()
    exchanges = {
        name: replace(each, status=status, headers=(*each.headers, *headers), chunks=((0.1, raw),))
        for name, each in send(plan, lambda shot: text_reply()).items()
    }
    describe(plan, exchanges)


@given(data=st.data())
def test_damaged_streams_of_chunks_are_judged(data: st.DataObject) -> None:
    plan = data.draw(st.sampled_from(PLANS))
    reply = replace(text_reply(), raw=data.draw(damaged_bytes(as_stream(ANSWERS["call"]))))
    describe(plan, {shot.id: exchange(shot, reply) for shot in plan.shots})


@pytest.mark.parametrize("name", ["a text in the block start", "several message_delta"])
@given(data=st.data())
def test_damaged_streams_of_messages_are_read(name: str, data: st.DataObject) -> None:
    events = data.draw(damaged(CONFORMING[name]))
    events = [each for each in events if isinstance(each, dict)] if isinstance(events, list) else []
    raw = data.draw(damaged_bytes(anthropic_bytes(events)))
    shot = PLANS[0].shots[0]
    sent = exchange(shot, replace(text_reply(), raw=raw))
    sent = replace(sent, headers=(("content-type", "text/event-stream"),))
    assert reading.read(sent, "anthropic", "stream", {}).status == 200
