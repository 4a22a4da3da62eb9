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
DERIVED = (
    *("injects html", "injects markdown", "injects terminal", "injects csv", "injects ci commands"),
    *("repeats the key plain", "repeats the key at a cut"),
)


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


def inject(words: str) -> Misbehave:
    """Answer with the words everywhere: in a stream, in a plain answer, and in errors."""
    line = one_line(words)
    headers = [
        b"x-request-id: " + line,
        b"set-cookie: a=" + line,
        b"x-ratelimit-limit-requests: " + line,
    ]
    error = {"message": words, "type": words, "param": words, "code": words, words: words}

    def misbehave(sock: socket.socket, request: Mapping[str, Any]) -> None:
        if is_stream(request) and b'"seed": 7' in request["body"]:
            send_body(sock, stream(words), True, headers)
        elif b'"seed": 7' in request["body"]:
            send_body(sock, json.dumps(plain(words)).encode(), False, headers)
        elif is_stream(request):
            kind = [b"content-type: text/" + line, b"location: " + line]
            send_body(sock, words.encode(), False, [*headers, *kind], b"400 " + line)
        else:
            send_body(sock, json.dumps({"error": error}).encode(), False, headers, b"400 " + line)

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
INJECTION = [Row(name, inject(words), derived=name in DERIVED) for name, words in NAMED.items()]


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
