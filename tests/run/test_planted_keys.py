"""A key that a target puts into any place of its answers is in no output, derived ones included."""

from __future__ import annotations

import base64
import html
import json
import re
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from tests.support import pack_on_disk, report_html
from tests.support.raw_server import listen, parse_request, read_request

CORE = "9081726354"
KEY = f"sk-planted.{CORE}_aBcDeF"
JSON_ESCAPE = re.compile(r"\\+u([0-9a-fA-F]{4})")


def escaped(pattern: str) -> str:
    return "".join(pattern.format(ord(letter)) for letter in KEY)


def folded(data: bytes) -> str:
    return base64.encodebytes(data).decode()


FORMS = {
    "plain": KEY,
    "upper": KEY.upper(),
    "percent": escaped("%{:02X}"),
    "small percent": escaped("%{:02x}"),
    "partial percent": KEY.replace("9", "%39").replace("-", "%252d"),
    "decimal": escaped("&#{};"),
    "hexadecimal": escaped("&#x{:x};"),
    "named": KEY.replace(".", "&period;").replace("_", "&lowbar;").replace("8", "&#56;"),
    "no semicolon": KEY.replace("-", "&#45").replace(".", "&#x2E"),
    "json": escaped("\\u{:04x}"),
    "partial json": KEY.replace("9", "\\u0039").replace("-", "\\u002D"),
    "hexadecimal digits": KEY.encode().hex(),
    "numbers": str([*KEY.encode()]),
    "base64 of a URL": folded(escaped("%{:02X}").encode()).replace("\n", ""),
    "quoted-printable": escaped("={:02X}"),
    "json in json": KEY.replace("9", "\\\\u0039"),
    **{f"base64 {n}": base64.b64encode(b"x" * n + KEY.encode()).decode() for n in range(3)},
    **{
        f"url base64 {n}": base64.urlsafe_b64encode(b"?" * n + KEY.encode() + b"??>").decode()
        for n in range(3)
    },
}
ALL = " ".join(FORMS.values())
OUTPUTS = (
    *("report.html", "tests.html", "report.json", "junit.xml", "report.sarif"),
    *("code-quality.json", "summary.md", "badge.svg", "transcript.jsonl"),
)
HEADERS = ("x-note", "set-cookie", "location", "server", "retry-after", "x-request-id")
Chunks = list[bytes]


def planted(value: Any, text: str) -> Any:
    """Returns an answer with the text in every string, as a member and in every object."""
    if isinstance(value, dict):
        kept = {"object", "role", "type", "finish_reason"}
        own = {name: v if name in kept else planted(v, text) for name, v in value.items()}
        return {**own, f"x {text}": text}
    if isinstance(value, list):
        return [planted(item, text) for item in value]
    return f"{value} {text}" if isinstance(value, str) else value


def with_calls(message: dict[str, Any], text: str) -> dict[str, Any]:
    function = {"name": f"f {text}", "arguments": json.dumps({"a": text, text: 1})}
    call = {"index": 0, "id": f"c {text}", "type": "function", "function": function}
    return {**message, "tool_calls": [call], "annotations": [{"url": f"http://h/{text}.png"}]}


def plain(body: bytes, text: str) -> Chunks:
    answer = planted(json.loads(body), text)
    for choice in answer.get("choices", ()):
        choice["message"] = with_calls(choice["message"], text)
    return [json.dumps(answer).encode()]


def streamed(chunks: Chunks, text: str) -> Chunks:
    """Puts the text into one event of each kind, and into the framing around them."""
    framing = f": {text}\nevent: {text}\nid: {text}\nretry: {text}\n{text}: {text}\n".encode()
    events = b"".join(chunks).decode().split("\n\n")
    result, kinds = [framing], set[str]()
    for event in filter(None, events):
        data = event.removeprefix("data: ")
        kind = re.sub(r'"(content|id)": ?"[^"]*"', "", data)
        if data != "[DONE]" and kind not in kinds:
            kinds.add(kind)
            data = json.dumps(planted(json.loads(data), text))
        result.append(f"data: {data}\n\n".encode())
    return result


def in_letters(chunks: Chunks, text: str) -> Chunks:
    """Sends the text letter by letter, as content and as arguments of a tool call."""
    first, *rest = [e for e in b"".join(chunks).decode().split("\n\n") if e]
    start = json.loads(first.removeprefix("data: "))
    events = [start]
    for letter in text:
        call = {"index": 0, "function": {"arguments": letter}}
        for delta in ({"content": letter}, {"tool_calls": [call]}, {"reasoning": letter}):
            choice = {**start["choices"][0], "delta": delta}
            events.append({**start, "choices": [choice]})
    return [
        *(f"data: {json.dumps(e)}\n\n".encode() for e in events),
        *(f"{event}\n\n".encode() for event in rest),
    ]


def handler(text: str, stream: Callable[[Chunks, str], Chunks], in_headers: bool) -> Any:
    right = pack_on_disk.correct_gateway()

    def answer(request: bytes) -> bytes:
        reply = right(parse_request(request.replace(KEY.encode(), pack_on_disk.KEY.encode())))
        headers = [f"{name}: {value}" for name, value in reply["headers"]]
        if in_headers:
            headers += [f"{name}: {text}" for name in HEADERS]
            headers += [f"x-{KEY}: 1", f"content-language: {text}", "trailer: x-trailer"]
        is_stream = b'"stream":true' in request.replace(b" ", b"")
        chunks = (stream if is_stream and reply["status"] == 200 else plain_chunks)(
            reply["chunks"], text
        )
        head = [f"HTTP/1.1 {reply['status']} {text if in_headers else 'OK'}", *headers]
        head += ["transfer-encoding: chunked"]
        parts = b"".join(b"%x\r\n%s\r\n" % (len(c), c) for c in chunks)
        trailer = f"x-trailer: {text}\r\n" if in_headers else ""
        return "\r\n".join([*head, "", ""]).encode() + parts + f"0\r\n{trailer}\r\n".encode()

    def plain_chunks(chunks: Chunks, text: str) -> Chunks:
        return plain(b"".join(chunks), text)

    def serve(sock: socket.socket, number: int) -> None:
        while request := read_request(sock):
            sock.sendall(answer(request))

    return serve


def derived(out: Path) -> dict[str, str]:
    """Returns the text of every output of a run, and of what is made from its files."""
    transcript, report, again = out / "transcript.jsonl", out / "report.json", out.parent / "again"
    tables = [word for kind in ("html", "md", "csv") for word in ("--out", again / f"table.{kind}")]
    key, certificate = out.parent / "signer.pem", out.parent / "certificate"
    results = {
        "new key": pack_on_disk.harness("certify", "--new-key", key),
        "certify": pack_on_disk.harness("certify", out, "--key", key, "--out", certificate),
        "verify": pack_on_disk.harness("verify", certificate, "--report", out),
        "table": pack_on_disk.harness("table", report),
        "report": pack_on_disk.harness("report", out, "--out", out.parent / "rendered"),
        "judge": pack_on_disk.harness("judge", transcript, "--out", again),
        "har": pack_on_disk.harness("har", transcript),
        "compare": pack_on_disk.harness("compare", report, again / "report.json", *tables),
        "site": pack_on_disk.harness("compare", out, again, "--site", out.parent / "site"),
        "diff": pack_on_disk.harness("diff", report, again / "report.json"),
        "baseline": pack_on_disk.harness("baseline", report),
    }
    codes = {name: (result.code, result.err) for name, result in results.items()}
    assert {name: each for name, each in codes.items() if each[0] not in (0, 1)} == {}
    assert pack_on_disk.outcomes(again) == pack_on_disk.outcomes(out)
    texts = {name: result.out + result.err for name, result in results.items()}
    folders = (out, again, out.parent / "rendered", out.parent / "site", certificate)
    files = [path for folder in folders for path in (folder, *folder.rglob("*")) if path.is_file()]
    assert {*OUTPUTS} <= {path.name for path in files if path.parent == out}
    written = {str(path): report_html.read_bytes(path) for path in files}
    return texts | {name: data.decode("utf-8", "replace") for name, data in written.items()}


def is_in(text: str) -> bool:
    """Whether the core of the key is in a text, also after a reader removes escapes."""
    forms = {text, html.unescape(text), unquote(text)}
    forms |= {JSON_ESCAPE.sub(lambda match: chr(int(match[1], 16)), form) for form in list(forms)}
    digits = ("base64", "digits", "numbers", "quoted")
    middles = [form[8:-8] for name, form in FORMS.items() if any(d in name for d in digits)]
    return any(CORE in form or any(m in form for m in middles) for form in forms)


@pytest.mark.parametrize("in_headers", [True, False], ids=["everywhere", "in bodies"])
def test_planted_key_is_in_no_output(
    tiny_pack: Path, monkeypatch: pytest.MonkeyPatch, in_headers: bool
) -> None:
    monkeypatch.setenv("TINY_KEY", KEY)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert pack_on_disk.harness("freeze", tiny_pack).code == 0
    with listen(handler(ALL, streamed, in_headers)) as url:
        result = pack_on_disk.run_against(f"{url}/v1", tiny_pack)
    out = tiny_pack.parent / "out"
    assert result.code == 1
    outputs = derived(out) | {"terminal": result.out + result.err}
    assert [name for name, text in outputs.items() if is_in(text)] == []
    assert "[key:caller]" in outputs[str(out / "transcript.jsonl")]


@pytest.mark.parametrize("form", ["plain", "percent", "decimal", "base64 1"])
def test_key_that_comes_in_letters_is_in_no_output(
    tiny_pack: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    monkeypatch.setenv("TINY_KEY", KEY)
    assert pack_on_disk.harness("freeze", tiny_pack).code == 0
    with listen(handler(FORMS[form], in_letters, False)) as url:
        result = pack_on_disk.run_against(f"{url}/v1", tiny_pack)
    out = tiny_pack.parent / "out"
    outputs = derived(out) | {"terminal": result.out + result.err}
    assert [name for name, text in outputs.items() if is_in(text)] == []
    transcript = outputs[str(out / "transcript.jsonl")]
    for member in ("content", "arguments", "reasoning"):
        letters = re.findall(rf'\\"{member}\\": ?\\"([^"]{{0,3}})\\"', transcript)
        assert not is_in("".join(letters)), member
