"""However a key is given and wherever the target repeats it, no output holds it."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.support import pack_on_disk
from tests.support.raw_server import answer_with, listen

CORE = "9081726354"  # in every secret here, and the same under any escaping for HTML
KEY = 'sk-test/KEY+"9081726354"=abcdef'
COOKIE = "session-value-9081726354"
PASSWORD = "pass-word-9081726354"
BASIC = base64.b64encode(f"user:{PASSWORD}".encode()).decode()


def written_out(key: str) -> list[str]:
    """The ways in which a key may be repeated."""
    escaped = "".join(f"\\u{ord(letter):04x}" for letter in key)
    percent = "".join(f"%{ord(letter):02X}" for letter in key)
    return [key, json.dumps(key)[1:-1], quote(key, safe=""), escaped, percent]


def encoded(key: str) -> list[str]:
    """In Base64, between other words, at each of the three alignments."""
    return [base64.b64encode(b"x" * n + key.encode() + b"tail").decode() for n in range(3)]


def forms(key: str) -> list[bytes]:
    """What is looked for: of Base64 the part that the neighbours do not change."""
    assert CORE in key or key == BASIC
    middles = [base64.b64encode(b"x" * n + key.encode())[4:-4] for n in range(3)]
    return [CORE.encode(), *(form.encode() for form in written_out(key)), *middles]


def echo(secrets: list[str]) -> pack_on_disk.Respond:
    """Answers everything with every secret in every form, in headers and bodies, and cut in two."""
    told = [form for secret in secrets for form in (*written_out(secret), *encoded(secret))]

    def respond(request: Mapping[str, Any]) -> pack_on_disk.Reply:
        headers = [
            ("content-type", "application/json"),
            *((f"x-{i}", t) for i, t in enumerate(told)),
        ]
        body = b"{}"
        if request["body"] and b"seed" in request["body"]:
            body = json.dumps({"error": {"message": " ".join(told), "type": "x"}}).encode()
            status = 400
        else:
            status = 200
            message = {"role": "assistant", "content": " ".join(told)}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            body = json.dumps({"id": told[0], "choices": [choice], "model": told[0]}).encode()
        chunks = [body[at : at + 7] for at in range(0, len(body), 7)]
        made = pack_on_disk.reply(status, b"", *headers, framing="chunked")
        return {**made, "chunks": chunks, "pauses": [0.0] * len(chunks)}

    return respond


def holds(data: bytes, secrets: list[str]) -> list[bytes]:
    return [form for secret in secrets for form in forms(secret) if form in data]


GIVEN = [
    (["--api-key-env", "TINY_KEY"], [KEY]),
    (["--header", f"Authorization: Bearer {KEY}"], [KEY]),
    (["--header", f"x-api-key: {KEY}"], [KEY]),
    (["--header", f"API-Key:{KEY}", "--header", f"Cookie: session={COOKIE}"], [KEY, COOKIE]),
    (["--header", f"Authorization: Basic {BASIC}"], [PASSWORD, BASIC]),
    (["--header", f"x-upstream-auth-token: {KEY}", "--api-key-env", "TINY_KEY"], [KEY]),
]
WAYS = ["env", "bearer", "x-api-key", "api-key and cookie", "basic", "another header"]


@pytest.mark.parametrize(("words", "secrets"), GIVEN, ids=WAYS)
def test_no_output_of_a_run_holds_a_key(
    tiny_pack: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], secrets: list[str]
) -> None:
    monkeypatch.setenv("TINY_KEY", KEY)
    with pack_on_disk.gateway(echo(secrets)) as url:
        said = pack_on_disk.run(tiny_pack, "--model", "builtin-1", *words, target=url)
    out = tiny_pack.parent / "out"
    assert said.code == 1
    written = {path.name: path.read_bytes() for path in out.iterdir()}
    assert len(written) == 7
    for name, data in {**written, "out": said.out.encode(), "err": said.err.encode()}.items():
        assert holds(data, secrets) == [], name
    assert b"[key:" in written["transcript.jsonl"]
    assert b"[key:" in written["report.html"]
    assert "--header" not in words or "[key:" in pack_on_disk.report_in(out)["command"]


@pytest.mark.parametrize(("words", "secrets"), GIVEN, ids=WAYS)
def test_no_output_of_pytest_holds_a_key(
    tiny_pack: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], secrets: list[str]
) -> None:
    """Not its logs either, however much is asked to be logged."""
    monkeypatch.setenv("TINY_KEY", KEY)
    ours = [
        word.replace("--header", "--llm-header").replace("--api", "--llm-api") for word in words
    ]
    files = ["--llm-out=out", "--html=out/r.html", "--self-contained-html", "--junitxml=out/j.xml"]
    loud = ["-vv", "-rA", "--log-level=DEBUG", "--log-cli-level=DEBUG", "-o", "junit_logging=all"]
    with pack_on_disk.gateway(echo(secrets)) as url:
        given = ["--llm-model=builtin-1", f"--llm-target={url}"]
        said = pack_on_disk.by_pytest(tiny_pack, *given, *ours, *files, *loud)
    assert said.code == 1
    assert "expected: " in said.out
    for path in Path("out").iterdir():
        assert holds(path.read_bytes(), secrets) == [], path.name
    assert holds((said.out + said.err).encode(), secrets) == []


@pytest.mark.parametrize("status", [401, 404])
def test_the_one_line_of_a_stop_holds_no_key(
    tiny_pack: Path, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    monkeypatch.setenv("TINY_KEY", KEY)

    def respond(request: Mapping[str, Any]) -> pack_on_disk.Reply:
        return pack_on_disk.error(status, f"the key {KEY} for builtin-1 is none")

    with pack_on_disk.gateway(respond) as url:
        said = pack_on_disk.at(url, tiny_pack)
    assert said.code == 4
    assert holds((said.out + said.err).encode(), [KEY]) == []
    assert "the key [key:caller] for" in said.err


def test_a_key_in_a_broken_answer_is_not_told(
    tiny_pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library's error repeats the line that it does not understand."""
    monkeypatch.setenv("TINY_KEY", KEY)
    line = f"HTTP/1.1 200 OK\r\n{'x' * 230}{KEY} {KEY}\r\n\r\n".encode()
    with listen(answer_with(line)) as url:
        said = pack_on_disk.at(url, tiny_pack)
    assert said.code == 1
    for path in (tiny_pack.parent / "out").iterdir():
        data = path.read_bytes()
        assert holds(data, [KEY]) == [], path.name
        assert KEY[:15].encode() not in data, path.name


@pytest.mark.parametrize(
    "words", [["--header", KEY], ["--header", f"Authorization {KEY}"], ["--header", f"a b: {KEY}"]]
)
def test_what_is_no_header_is_not_repeated(tiny_pack: Path, words: list[str]) -> None:
    said = pack_on_disk.run(tiny_pack, *words)
    assert said.code == 4
    assert holds((said.out + said.err).encode(), [KEY]) == []


@pytest.mark.parametrize("value", [f"{KEY} {KEY}", f"{KEY}é", f"{KEY}\x07"])
def test_what_is_no_key_is_not_repeated(
    tiny_pack: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("TINY_KEY", value)
    said = pack_on_disk.at("http://127.0.0.1:9/v1", tiny_pack)
    assert said.code == 4
    assert KEY not in said.out + said.err


def test_a_password_in_an_address_is_not_repeated(tiny_pack: Path) -> None:
    url = f"http://user:{PASSWORD}@127.0.0.1:9/v1"
    for said in (
        pack_on_disk.at(url, tiny_pack),
        pack_on_disk.by_pytest(tiny_pack, f"--llm-base-url={url}", "--llm-model=m"),
    ):
        assert said.code == 4
        assert "the URL of 127.0.0.1" in said.err
        assert "must not contain a user or password" in said.err
        assert PASSWORD not in said.out + said.err


def test_a_password_of_a_proxy_is_not_repeated(
    tiny_pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = pack_on_disk.good()

    def respond(request: Mapping[str, Any]) -> pack_on_disk.Reply:
        path = "/v1" + str(request["path"]).partition("/v1")[2]
        answer = right({**request, "path": path})
        return {**answer, "headers": [*answer["headers"], ("x-proxy", f"user:{PASSWORD}")]}

    with pack_on_disk.gateway(respond) as url:
        monkeypatch.setenv("HTTP_PROXY", url.replace("://", f"://user:{PASSWORD}@"))
        said = pack_on_disk.at("http://gateway.invalid/v1", tiny_pack)
    assert said.code == 0
    for path in (tiny_pack.parent / "out").iterdir():
        assert holds(path.read_bytes(), [PASSWORD]) == [], path.name
