"""Control characters of a target reach neither the terminal nor a file of text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from harness.run import outputs
from harness.util.printable import INVISIBLE
from tests.support import pack_on_disk
from tests.support.raw_server import answer_with, listen

BAD = "\x1b[2J\x1b]0;x\x07\x9b31m\r\u202eabc\u2028\u200f\n::error::x\n##[error]y"
JSON = "application/json"


def answer(status: int, body: str, kind: str = JSON, *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} x", f"content-type: {kind}", *headers]
    lines += [f"content-length: {len(body.encode())}", "", body]
    return "\r\n".join(lines).encode()


FIRST = {
    "error": answer(401, json.dumps({"error": {"message": BAD}}, ensure_ascii=False)),
    "escaped error": answer(404, json.dumps({"error": {"message": BAD}})),
    "page": answer(200, f"<html><title>{BAD}</title>", "text/html"),
    "text": answer(200, BAD, "text/plain"),
    "other JSON": answer(200, json.dumps({"x": BAD}, ensure_ascii=False)),
    "media type": answer(200, "x", "text/\x1b[2J\x9bq"),
    "location": answer(302, "", JSON, "location: http://x/\u202e\x9b"),
    "not HTTP": f"{BAD}\r\n\r\n".encode(),
    "reason": b"HTTP/1.1 404 \x1b[2J\x9b\r\ncontent-length: 0\r\n\r\n",
    "header": b"HTTP/1.1 200 OK\r\nx\x1b[2J: y\r\n\r\n",
}


def unsafe_in(text: str) -> set[str]:
    """Returns control characters, and lines that a CI system reads as commands."""
    lines = {line for line in text.split("\n") if line.strip().startswith(("::", "##["))}
    return {*INVISIBLE.findall(text), *lines}


@pytest.mark.parametrize("name", FIRST)
def test_line_about_the_first_call_is_safe(
    tiny_pack: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("TINY_KEY", pack_on_disk.KEY)
    with listen(answer_with(FIRST[name])) as url:
        result = pack_on_disk.run_against(f"{url}/v1", tiny_pack)
    assert result.code == 4
    assert len(result.lines) == 1
    assert unsafe_in(result.out + result.err) == set()


def planted(value: Any) -> Any:
    if isinstance(value, dict):
        return {**{name: planted(item) for name, item in value.items()}, BAD: BAD}
    if isinstance(value, list):
        return [planted(item) for item in value]
    return value + BAD if isinstance(value, str) else value


def in_bodies(request: Mapping[str, Any]) -> pack_on_disk.Reply:
    reply = pack_on_disk.CORRECT(request)
    body = b"".join(reply["chunks"]).decode()
    if b'"stream": true' in request["body"]:
        events = [event.removeprefix("data: ") for event in body.split("\n\n") if event]
        body = f": {BAD}\nevent: {BAD}\nid: {BAD}\n\n"
        for event in events:
            data = event if event == "[DONE]" else json.dumps(planted(json.loads(event)))
            body += f"data: {data}\n\n"
    else:
        body = json.dumps(planted(json.loads(body)), ensure_ascii=False)
    return {**reply, "chunks": [body.encode()], "pauses": [0.0], "framing": "chunked"}


def in_errors(request: Mapping[str, Any]) -> pack_on_disk.Reply:
    is_first = b'"seed"' not in request["body"]
    return pack_on_disk.CORRECT(request) if is_first else pack_on_disk.error(400, BAD)


def before_bodies(request: Mapping[str, Any]) -> pack_on_disk.Reply:
    reply = pack_on_disk.CORRECT(request)
    chunks = [BAD.encode(), *reply["chunks"]]
    return {**reply, "chunks": chunks, "pauses": [0.0] * len(chunks), "framing": "chunked"}


@pytest.mark.parametrize("respond", [in_bodies, in_errors, before_bodies])
def test_outputs_are_safe(
    tiny_pack: Path, monkeypatch: pytest.MonkeyPatch, respond: pack_on_disk.Respond
) -> None:
    monkeypatch.setenv("TINY_KEY", pack_on_disk.KEY)
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    with pack_on_disk.gateway(respond) as url:
        result = pack_on_disk.run_against(url, tiny_pack)
    out = tiny_pack.parent / "out"
    transcript, report = out / "transcript.jsonl", out / "report.json"
    tables = [word for kind in ("md", "csv") for word in ("--out", out / f"table.{kind}")]
    results = {
        "run": result,
        "judge": pack_on_disk.harness("judge", transcript, "--out", out / "again"),
        "har": pack_on_disk.harness("har", transcript),
        "compare": pack_on_disk.harness("compare", report, report, *tables),
        "diff": pack_on_disk.harness("diff", report, out / "again"),
        "baseline": pack_on_disk.harness("baseline", report),
    }
    assert [name for name, each in results.items() if each.code not in (0, 1)] == []
    texts = {name: each.out + each.err for name, each in results.items()}
    files = [path for path in out.rglob("*") if path.is_file()]
    judged = {*outputs.FILES} - {"tests.html", "transcript.jsonl"}
    assert {path.name for path in files if path.parent == out} >= {*outputs.FILES}
    assert {path.name for path in files if path.parent != out} == judged
    texts |= {path.name: path.read_bytes().decode("utf-8") for path in files}
    assert {name: unsafe for name, text in texts.items() if (unsafe := unsafe_in(text))} == {}
