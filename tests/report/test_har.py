"""A transcript as HAR 1.2: whole, timed, and with every key blacked out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from harness.model import Attempt, Exchange
from harness.report.har import HarText
from harness.run import transcript
from tests.support import pack_on_disk

TEXT = {"type": "string"}
COUNT = {"type": "integer", "minimum": -1}
TIME = {"type": "number", "minimum": -1}


def thing(optional: dict[str, Any] | None = None, **required: Any) -> dict[str, Any]:
    """An object of the specification; our own names begin with an underscore."""
    known = {**required, **(optional or {}), "comment": TEXT}
    return {
        "type": "object",
        "required": [*required],
        "properties": known,
        "patternProperties": {"^_": True},
        "additionalProperties": False,
    }


def some(item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": item}


PAIR = thing(name=TEXT, value=TEXT)
COOKIE = thing({"path": TEXT, "domain": TEXT, "expires": TEXT}, name=TEXT, value=TEXT)
BOTH = {"httpVersion": TEXT, "cookies": some(COOKIE), "headers": some(PAIR)}
SIZES = {"headersSize": COUNT, "bodySize": COUNT}
POSTED = thing({"params": some(PAIR)}, mimeType=TEXT, text=TEXT)
CONTENT = thing({"compression": COUNT, "text": TEXT, "encoding": TEXT}, size=COUNT, mimeType=TEXT)
ENTRY = thing(
    {"pageref": TEXT, "serverIPAddress": TEXT, "connection": TEXT},
    startedDateTime={
        "type": "string",
        "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(Z|[+-]\d\d:\d\d)$",
    },
    time={"type": "number", "minimum": 0},
    request=thing(
        {"postData": POSTED}, method=TEXT, url=TEXT, queryString=some(PAIR), **BOTH, **SIZES
    ),
    response=thing(
        status={"type": "integer"}, statusText=TEXT, redirectURL=TEXT, content=CONTENT,
        **BOTH, **SIZES,
    ),
    cache=thing(),
    timings=thing(
        {"blocked": TIME, "dns": TIME, "connect": TIME, "ssl": TIME},
        send={"type": "number", "minimum": 0}, wait={"type": "number", "minimum": 0},
        receive={"type": "number", "minimum": 0},
    ),
)  # fmt: skip
# http://www.softwareishard.com/blog/har-12-spec/
HAR = thing(
    log=thing(
        {"browser": thing(name=TEXT, version=TEXT), "pages": some(thing())},
        version={"const": "1.2"},
        creator=thing(name=TEXT, version=TEXT),
        entries=some(ENTRY),
    )
)
VALID = jsonschema.Draft202012Validator(HAR)


def entries(har: dict[str, Any]) -> list[dict[str, Any]]:
    VALID.validate(har)
    for each in har["log"]["entries"]:
        timings = each["timings"]
        total = sum(value for value in timings.values() if value >= 0)
        assert each["time"] == pytest.approx(total)  # as the specification has it
    made: list[dict[str, Any]] = har["log"]["entries"]
    return made


def to_har(started: str, version: str, exchanges: list[Exchange]) -> dict[str, Any]:
    named = {str(number): each for number, each in enumerate(exchanges)}
    log: dict[str, Any] = json.loads("".join(HarText(started, version, named)))
    return log


def test_every_request_of_a_run_is_in_it(tiny_pack: Path) -> None:
    assert pack_on_disk.run(tiny_pack).code == 0
    out = tiny_pack.parent / "out"
    result = pack_on_disk.harness("har", out)
    assert (result.code, result.err) == (0, "")
    requests = entries(json.loads((out / "transcript.har").read_text("utf-8")))
    _, exchanges, _ = transcript.read(out / "transcript.jsonl")
    assert sorted(each["comment"] for each in requests) == sorted(one.shot for one in exchanges)
    bodies = {one.shot: one.body.decode() for one in exchanges}
    assert all(each["response"]["content"]["text"] == bodies[each["comment"]] for each in requests)
    assert [each["startedDateTime"] for each in requests] == sorted(
        each["startedDateTime"] for each in requests
    )
    streams = [each for each in requests if len(each["_pieces"]) > 1]
    assert streams
    for each in streams:
        assert each["_pieces"] == sorted(each["_pieces"])
        assert sum(size for _, size in each["_pieces"]) == each["response"]["bodySize"]
        assert each["_pieces"][0][0] == pytest.approx(each["timings"]["wait"], abs=0.002)
    assert "[key:caller]" in (out / "transcript.har").read_text("utf-8")
    assert pack_on_disk.KEY not in (out / "transcript.har").read_text("utf-8")


def exchange(**more: Any) -> Exchange:
    sent = Attempt(2.0, 0.5, "complete", 200)
    return Exchange(
        **{
            "shot": "s", "method": "POST", "url": "http://x/v1/chat?a=1&b=", "end": "complete",
            "request_headers": (("content-type", "application/json"),), "request_body": "{}",
            "status": 200, "attempts": (sent,), **more,
        }
    )  # fmt: skip


def test_an_attempt_that_was_not_the_last_is_an_entry_too() -> None:
    tried = (Attempt(1.0, 0.25, "complete", 429, note="again"), Attempt(2.0, 0.5, "complete", 200))
    chunks = ((0.1, b"a"), (0.4, b"b"))
    first, last = entries(
        to_har("2026-11-22T10:00:00Z", "1", [exchange(attempts=tried, chunks=chunks)])
    )
    assert first["startedDateTime"] == "2026-11-22T10:00:01.000+00:00"
    assert (first["response"]["status"], first["response"]["statusText"]) == (
        429,
        "Too Many Requests",
    )
    assert first["response"]["_error"] == "again"
    assert (last["timings"]["wait"], last["timings"]["receive"], last["time"]) == (100, 400, 500)
    assert last["_pieces"] == [[100, 1], [400, 1]]
    assert last["request"]["queryString"] == [
        {"name": "a", "value": "1"},
        {"name": "b", "value": ""},
    ]
    assert last["request"]["postData"] == {"mimeType": "application/json", "text": "{}"}


def test_a_missing_response_has_no_status_and_an_error() -> None:
    tried = (Attempt(0.0, 1.0, "timeout"),)
    [one] = entries(to_har("?", "1", [exchange(status=None, end="timeout", attempts=tried)]))
    assert (one["response"]["status"], one["response"]["_error"]) == (0, "timeout")
    assert one["startedDateTime"] == "1970-01-01T00:00:00.000+00:00"
    assert entries(to_har("", "1", [exchange(status=None, end="not-sent", attempts=())])) == []


def test_binary_bodies_and_unknown_statuses_are_written() -> None:
    headers = (("Location", "/there"), ("content-type", "image/png"))
    [one] = entries(
        to_har("", "1", [exchange(chunks=((0.0, b"\xff"),), status=299, headers=headers, url="x")])
    )
    content = {"size": 1, "mimeType": "image/png", "text": "/w==", "encoding": "base64"}
    assert one["response"]["content"] == content
    assert (one["response"]["statusText"], one["response"]["redirectURL"]) == ("", "/there")


def test_entries_are_in_the_order_of_their_beginnings() -> None:
    one = exchange(attempts=(Attempt(3.0, 0.1, "dropped"), Attempt(1.0, 0.1, "complete", 200)))
    made = entries(to_har("", "1", [one, exchange(attempts=(Attempt(2.0, 0.1, "dropped"),))]))
    assert [each["startedDateTime"][17:19] for each in made] == ["01", "02", "03"]


def test_every_line_of_one_shot_is_an_entry(tiny_pack: Path) -> None:
    with transcript.Writer("t.jsonl") as writer:
        writer.header({})
        writer.exchange(exchange(status=None, end="timeout"))
        writer.exchange(exchange())
    assert pack_on_disk.harness("har", "t.jsonl", "--out", "x.har").code == 0
    made = entries(json.loads(Path("x.har").read_text("utf-8")))
    assert [each["response"]["status"] for each in made] == [0, 200]


def test_half_a_surrogate_pair_does_not_stop_it(tiny_pack: Path) -> None:
    path = Path("t.jsonl")
    with transcript.Writer(path) as writer:
        writer.header({"started": "2026-11-22T10:00:00"})
        writer.exchange(exchange(request_body="\ud800", request_headers=()))
    assert pack_on_disk.harness("har", path, "--out", "x.har").code == 0
    [one] = entries(json.loads(Path("x.har").read_text("utf-8")))
    assert one["request"]["postData"]["text"] == "\ud800"


@pytest.mark.parametrize(
    ("words", "expected"),
    [(("none.jsonl",), "cannot read"), (("t.jsonl", "--out", "t.jsonl/x.har"), "cannot write")],
)
def test_wrong_usage_is_one_line(tiny_pack: Path, words: tuple[str, ...], expected: str) -> None:
    with transcript.Writer("t.jsonl") as writer:
        writer.header({})
    result = pack_on_disk.harness("har", *words)
    assert (result.code, len(result.lines)) == (4, 1)
    assert expected in result.lines[0]
