"""Targets that write commands, markup or a key in every place that a report may show."""

from __future__ import annotations

import base64
import json
import socket
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from tests.hostile.row import Row
from tests.support import pack_on_disk
from tests.support.hostile_server import Misbehave, is_stream, send_body, send_json

OUTSIDE = "http://outside.invalid/x.png"
IMAGE = f"<img src={OUTSIDE} onerror=x>"
WORDS = {
    "html": f"</script></style></template>--><script>alert(1)</script>{IMAGE}",
    "html attributes": f'" onmouseover="x" style="background:url({OUTSIDE})" \' onfocus=\'x',
    "svg": f"<svg onload=x><image href='{OUTSIDE}'/><foreignObject><iframe src={OUTSIDE}>",
    "markdown": f"![x]({OUTSIDE}) [y](javascript:x) `` ` | a |\n# b\n- <p>\n```\n![x]({OUTSIDE})",
    "terminal": "\x1b[2J\x1b]0;title\x07\x1b]8;;http://outside.invalid\x1b\\x\x9b31m\x8d\r\x08\x7f",
    "bidirectional": "a\u202eb\u2066c\u2069d\u200f\u061c",
    "xml": "]]><!ENTITY x SYSTEM 'file:///etc/passwd'>&x;<?xml version='2'?>\ufffe\uffff\x00",
    "csv": '=HYPERLINK("http://outside.invalid","x"),\n@SUM(1),\n+1,\n-1,\t=1',
    "ci commands": "x\n::error file=a::x\n##[error]x\n##vso[task.setvariable]x\r\n::add-mask::1",
    "formats": "%s %n {0} {x.__class__} ${HOME} $(id) `id` {{ 7*7 }} {% raw %} [red]x[/red]",
    "paths": "../../../etc/passwd\0C:\\x /dev/stdin file:///etc/passwd ~/x",
    "yaml": "!!python/object/apply:os.system [id]\n--- \n&a [*a, *a]\n? x : y #",
}


def one_line(text: str) -> bytes:
    """Return a text as a header may have it: without line ends and NUL."""
    return text.replace("\n", " ").replace("\r", " ").replace("\0", " ").encode()


def plain(words: str) -> dict[str, Any]:
    """Return an answer of nearly right form."""
    call = {"id": words, "type": words, "function": {"name": words, "arguments": words}}
    message = {"role": words, "content": words, "tool_calls": [call], "refusal": words}
    choice = {"index": words, "message": message, "finish_reason": words, words: words}
    usage = {"prompt_tokens": words, words: 1}
    named = {"id": words, "object": words, "model": words, "system_fingerprint": words}
    return {**named, "choices": [choice], "usage": usage, words: {words: [words]}}


def stream(words: str) -> bytes:
    """Return a stream with the words in its lines, its chunks, and letter by letter."""
    head = {"id": words, "object": words, "created": 1, "model": words}
    deltas: list[dict[str, Any]] = [{"role": words, "content": words, words: words}]
    deltas += [{"content": letter} for letter in words]
    deltas += [
        {"tool_calls": [{"index": 0, "id": words, "type": words, "function": {"name": words}}]},
        *({"tool_calls": [{"index": 0, "function": {"arguments": w}}]} for w in words),
    ]
    chunks = [
        {**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]}
        for delta in deltas
    ]
    line = one_line(words)
    lines = [b": " + line, b"event: " + line, b"id: " + line, b"retry: " + line, line, b"data: x"]
    events = [b"data: " + json.dumps(chunk).encode() for chunk in chunks]
    last = {"error": {"message": words, "type": words, "code": words, "param": words}}
    events += [b"\n".join(lines), b"data: " + json.dumps(last).encode()]
    return b"\n\n".join([*events, b"", b""])


def message(words: str) -> dict[str, Any]:
    """Return a message of nearly right form."""
    blocks = [
        {"type": "text", "text": words, words: words},
        {"type": "tool_use", "id": words, "name": words, "input": {words: words}},
        {"type": "thinking", "thinking": words, "signature": words},
        {"type": words},
    ]
    named = {"id": words, "type": words, "role": words, "model": words, "content": blocks}
    return {**named, "stop_reason": words, "stop_sequence": words, "usage": {words: words}}


INPUT = {"type": "input_json_delta"}


def message_stream(words: str) -> bytes:
    """Return a stream of messages with the words in it, also letter by letter."""
    events: list[tuple[str, dict[str, Any]]] = [
        ("message_start", {"message": {**message(words), "content": []}}),
        ("content_block_start", {"index": 0, "content_block": {"type": "text", "text": ""}}),
        *(
            ("content_block_delta", {"index": 0, "delta": {"type": "text_delta", "text": letter}})
            for letter in [words, *words]
        ),
        ("content_block_delta", {"index": 0, "delta": {"type": words, "text": words}}),
        ("content_block_start", {"index": words, "content_block": message(words)["content"][1]}),
        *(
            ("content_block_delta", {"index": 1, "delta": {**INPUT, "partial_json": letter}})
            for letter in words
        ),
        (one_line(words).decode(), {"type": words, words: words}),
        ("error", {"error": {"type": words, "message": words}}),
    ]
    return b"".join(
        b"event: %b\ndata: %b\n\n" % (kind.encode(), json.dumps({"type": kind, **data}).encode())
        for kind, data in events
    )


def inject(words: str, protocol: str) -> Misbehave:
    """Answer with the words everywhere in plain answers and streams of nearly right form."""
    line = one_line(words)
    headers = [b"x-request-id: " + line, b"set-cookie: a=" + line, b"retry-after: " + line]
    headers += [b"x-ratelimit-limit-requests: " + line, b"request-id: " + line]
    body = json.dumps(message(words) if protocol == "anthropic" else plain(words)).encode()
    events = message_stream(words) if protocol == "anthropic" else stream(words)

    def misbehave(sock: socket.socket, request: Mapping[str, Any]) -> None:
        streamed = is_stream(request)
        send_body(sock, events if streamed else body, streamed, headers)

    return misbehave


def inject_errors(words: str) -> Misbehave:
    """Answer with the words everywhere in an error, in its status line, and as no JSON."""
    error = {"type": words, "message": words, "param": words, "code": words, words: words}
    body = json.dumps({"type": words, "request_id": words, "error": error}).encode()
    line = one_line(words)
    kind = [b"content-type: text/" + line, b"location: " + line]

    def misbehave(sock: socket.socket, request: Mapping[str, Any]) -> None:
        if is_stream(request):
            send_body(sock, words.encode(), False, kind, b"400 " + line)
        else:
            send_body(sock, body, False, [b"x-request-id: " + line], b"400 " + line)

    return misbehave


KEY = pack_on_disk.KEY
KEYS = {
    "plain": KEY,
    "in capitals of a url": "".join(f"%{ord(letter):02X}" for letter in KEY),
    "in a url": quote(KEY, safe="") + "".join(f"%{ord(letter):02x}" for letter in KEY),
    "base64": " ".join(base64.b64encode(b"x" * n + KEY.encode() + b"y").decode() for n in range(3)),
    "json escapes": "".join(f"\\u{ord(letter):04x}" for letter in KEY),
    "decimal entities": "".join(f"&#{ord(letter)};" for letter in KEY),
    "hexadecimal entities": "".join(f"&#x{ord(letter):x};" for letter in KEY),
    "at a cut": "x" * 5990 + KEY + "x" * 290 + KEY,
}

NAMED = {f"injects {name}": words for name, words in WORDS.items()} | {
    f"repeats the key {name}": words for name, words in KEYS.items()
}
ALONE = ("html", "markdown", "terminal", "ci commands")  # with all that a summary has room for
INJECTION = [Row(f"injects {name}", inject(WORDS[name], "openai")) for name in ALONE]
ERRORS = [Row(f"{name} in errors", inject_errors(words)) for name, words in NAMED.items()]
ANSWERS = {
    protocol: [Row(name, inject(words, protocol)) for name, words in NAMED.items()]
    for protocol in ("openai", "anthropic")
}


def redirect(location: bytes, status: bytes = b"307 x") -> Misbehave:
    """Send the client elsewhere."""
    return send_json(b"{}", b"location: " + location, b"refresh: 0; url=" + location, status=status)


REDIRECTS = (
    Row("redirects to another host", lambda url: redirect(url.encode() + b"/v1"), needs_url=True),
    Row("redirects to a file", redirect(b"file:///etc/passwd", b"301 x")),
    Row("redirects to itself", redirect(b"/v1/chat/completions", b"308 x")),
    Row("redirects nowhere", redirect(b"//[::", b"302 x")),
    Row("redirects to a script", redirect(b"javascript:alert(1)", b"303 x")),
    Row(
        "links to another host",
        lambda url: send_json(
            json.dumps({"error": {"message": f"see {url}/x <img src={url}>"}}).encode(),
            b"link: <" + url.encode() + b">; rel=preload",
            status=b"400 x",
        ),
        needs_url=True,
    ),
    Row(
        "asks for another protocol",
        send_json(b"{}", b"upgrade: h2c", status=b"426 x"),
    ),
    Row(
        "asks for a password",
        send_json(b"{}", b'www-authenticate: Basic realm="x"', status=b"401 x"),
    ),
)
