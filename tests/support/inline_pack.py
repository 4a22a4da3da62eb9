"""A small pack, cases from keyword arguments, and gateways that are functions."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from harness.decode import response as reading
from harness.judge import judge
from harness.load import semantics
from harness.model import (
    Answer,
    Attempt,
    Case,
    End,
    Endpoint,
    Exchange,
    Finding,
    Json,
    NotSentReason,
    Pack,
    Pairs,
    Place,
    Plan,
    Shot,
    Target,
    Verdict,
)
from harness.plan import plan

USAGE = {"prompt_tokens": 10, "completion_tokens": 2, "total_tokens": 12}
USER = {"role": "user", "content": "Reply with the single word: ready"}
CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}}
TARGET = Target(
    name="small",
    endpoints={"openai": Endpoint("openai", "http://127.0.0.1:1/v1", model="m-1")},
    packs=("small",),
)
PACK = Pack(
    id="small",
    version="1.0.0",
    title="A small pack",
    protocol="openai",
    folder="cases/small",
    digest="sha256:0",
    extends=(),
    sources={},
    body={"model": "$model", "messages": ["$base.user"]},
    modes={"plain": {}, "stream": {"stream": True, "stream_options": {"include_usage": True}}},
    define={"base": {"user": USER}, "tools": [{"type": "function", "function": {"name": "f"}}]},
    panel={
        "plain": {},
        "tool": {"feature": "tools", "body": {"tools": "$tools", "tool_choice": "required"}},
        "error": {"body": {"messages": "not a list"}},
    },
    features={"core": "core", "tools": "core"},
    rows=(),
    cases=(),
)


@dataclass(frozen=True, slots=True)
class Reply:
    """A gateway's reply to one shot; `raw` replaces the body in the shot's mode."""

    status: int | None = 200
    body: Json = None
    headers: Pairs = ()
    raw: bytes | None = None
    end: End = "complete"
    note: str = ""
    reason: NotSentReason = ""
    confirmed: bool = False
    tries: int = 1
    seconds: float = field(default=0.25, compare=False)


Gateway = Callable[[Shot], Reply]


def text_reply(content: str | None = "ready", **top: Json) -> Reply:
    """A text answer. `message` and `usage` are merged, other keys are added at the top."""
    message = {"role": "assistant", "content": content, **top.pop("message", {})}
    finish = top.pop("finish", "tool_calls" if message.get("tool_calls") else "stop")
    usage = {**USAGE, **top.pop("usage", {})} if top.get("usage", {}) is not None else None
    top.pop("usage", None)
    choice = {"index": 0, "message": message, "finish_reason": finish}
    body = {"id": "x-1", "object": "chat.completion", "created": 1_700_000_000, "model": "m-1"}
    usage_member = {} if usage is None else {"usage": usage}
    return Reply(body={**body, "choices": [choice], **usage_member, **top})


def error_reply(message: str = "it is wrong", param: str | None = None, status: int = 400) -> Reply:
    error = {"message": message, "type": "invalid_request_error", "param": param, "code": None}
    return Reply(status=status, body={"error": error})


def conforming(shot: Shot) -> Reply:
    """A gateway that conforms, as far as these tests need."""
    body = shot.call.body
    if not isinstance(body, dict) or not isinstance(body.get("messages"), list):
        return error_reply("`messages` must be a list", "messages")
    if body.get("tool_choice") == "required":
        return text_reply(None, message={"tool_calls": [CALL]})
    return text_reply()


def reply_if(name: str, reply: Reply, also: Callable[[Any], bool] = lambda value: True) -> Gateway:
    """Conforms except for requests with the key (and a value for which `also` is true)."""

    def gateway(shot: Shot) -> Reply:
        body = shot.call.body
        here = isinstance(body, dict) and name in body and also(body[name])
        return reply if here else conforming(shot)

    return gateway


def as_stream(body: Json) -> bytes:
    """A plain answer as a stream: role, text, tool calls, finish reason, usage."""
    top = {k: v for k, v in body.items() if k not in ("choices", "usage", "object")}
    top["object"] = "chat.completion.chunk"
    choice = body["choices"][0]
    message = dict(choice["message"])
    deltas = [{"role": message.pop("role"), "content": ""}]
    calls = message.pop("tool_calls", [])
    deltas += [{key: value} for key, value in message.items() if value is not None]
    deltas += [{"tool_calls": [{"index": i, **call}]} for i, call in enumerate(calls)]
    rest = {k: v for k, v in choice.items() if k not in ("message", "finish_reason", "index")}
    chunks = [{**top, "choices": [{"index": 0, "delta": d, "finish_reason": None}]} for d in deltas]
    end = {"index": 0, "delta": {}, "finish_reason": choice["finish_reason"], **rest}
    chunks.append({**top, "choices": [end]})
    if "usage" in body:
        chunks.append({**top, "choices": [], "usage": body["usage"]})
    lines = [*map(json.dumps, chunks), "[DONE]"]
    return "".join(f"data: {line}\n\n" for line in lines).encode()


def exchange(shot: Shot, reply: Reply) -> Exchange:
    stream = shot.mode == "stream" and reply.raw is None and reply.status in range(200, 300)
    kind = "text/event-stream" if stream else "application/json"
    text = as_stream(reply.body) if stream else json.dumps(reply.body).encode()
    arrived = reply.end != "not-sent" and reply.status is not None
    return Exchange(
        shot=shot.id,
        method=shot.call.method,
        url=shot.call.path,
        request_headers=(),
        request_body="",
        end=reply.end,
        status=reply.status if arrived else None,
        headers=(*reply.headers, ("content-type", kind)) if arrived else (),
        chunks=((0.0, text if reply.raw is None else reply.raw),) if arrived else (),
        attempts=tuple(Attempt(0.0, 0.1, reply.end, reply.status) for _ in range(reply.tries)),
        seconds=reply.seconds,
        note=reply.note,
        reason=reply.reason,
        confirmed=reply.confirmed,
    )


def case(behaviour: str, **spec: Json) -> Case:
    written = {"id": "one", "row": "field", "behaviour": behaviour, **spec}
    row, *also = semantics.row_ids(written)
    return Case(
        id=written["id"],
        pack="small",
        row=row,
        also=tuple(also),
        behaviour=behaviour,
        feature=written.get("feature", "core"),
        spec=written,
        place=Place("cases/small/a.yaml", 3, 5),
    )


def make_plan(behaviour: str, pack: Pack = PACK, target: Target = TARGET, **spec: Json) -> Plan:
    return plan(case(behaviour, **spec), pack, target)


def send(made: Plan, gateway: Gateway) -> dict[str, Exchange]:
    return {shot.id: exchange(shot, gateway(shot)) for shot in made.shots}


def judge_replies(made: Plan, gateway: Gateway = conforming) -> Verdict:
    return judge(made, send(made, gateway))


def failed_rules(verdict: Verdict) -> set[tuple[str, str]]:
    """(rule, level) of all failed findings except `may`."""
    return {(f.rule, f.level) for f in verdict.findings if not f.holds and f.level != "may"}


def first_failure(verdict: Verdict) -> Finding:
    return next(finding for finding in verdict.findings if not finding.holds)


def answer(reply: Reply | None = None, request: Json = None, mode: str = "plain") -> Answer:
    """The answer that a client reads from a reply."""
    made = make_plan("supported")
    shot = made.shots[mode == "stream"]
    request_body = request if request is not None or mode == "plain" else shot.call.body
    return reading.read(exchange(shot, reply or text_reply()), "openai", shot.mode, request_body)


def with_members(reply: Reply, **top: Json) -> Reply:
    """The reply with other keys at the top of its body; None removes one."""
    body: dict[str, Json] = copy.deepcopy(reply.body)
    body.update(top)
    return replace(reply, body={k: v for k, v in body.items() if v is not None})


def with_panel(**panel: Mapping[str, Json]) -> Pack:
    return replace(PACK, panel=panel)
