"""No output contains a key, however it is given and wherever the target repeats it."""

from __future__ import annotations

import base64
import json
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.support import pack_on_disk, report_html
from tests.support.raw_server import (
    answer_with,
    encode_reply,
    listen,
    parse_request,
    read_request,
)

CORE = "9081726354"  # part of every secret here; HTML escaping does not change it
KEY = 'sk-test/KEY+"9081726354"=abcdef'
COOKIE = "session-value-9081726354"
PASSWORD = "pass-word-9081726354"
BASIC = base64.b64encode(f"user:{PASSWORD}".encode()).decode()


def escaped_forms(key: str) -> list[str]:
    """Returns the key with the escapes under which a target may repeat it."""
    escaped = "".join(f"\\u{ord(letter):04x}" for letter in key)
    percent = "".join(f"%{ord(letter):02X}" for letter in key)
    return [key, json.dumps(key)[1:-1], quote(key, safe=""), escaped, percent]


def base64_forms(key: str) -> list[str]:
    """Returns Base64 of a text that contains the key, at each of the three alignments."""
    return [base64.b64encode(b"x" * n + key.encode() + b"tail").decode() for n in range(3)]


def forms(key: str) -> list[bytes]:
    """Returns what must not be in an output; of Base64, the part that neighbours do not change."""
    assert CORE in key or key == BASIC
    middles = [base64.b64encode(b"x" * n + key.encode())[4:-4] for n in range(3)]
    return [CORE.encode(), *(form.encode() for form in escaped_forms(key)), *middles]


def echo(secrets: list[str]) -> pack_on_disk.Respond:
    """Repeats every secret in every form in headers and in bodies of small pieces."""
    repeated = [
        form for secret in secrets for form in (*escaped_forms(secret), *base64_forms(secret))
    ]

    def respond(request: Mapping[str, Any]) -> pack_on_disk.Reply:
        headers = [
            ("content-type", "application/json"),
            *((f"x-{i}", t) for i, t in enumerate(repeated)),
        ]
        body = b"{}"
        if request["body"] and b"seed" in request["body"]:
            body = json.dumps({"error": {"message": " ".join(repeated), "type": "x"}}).encode()
            status = 400
        else:
            status = 200
            message = {"role": "assistant", "content": " ".join(repeated)}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            body = json.dumps(
                {"id": repeated[0], "choices": [choice], "model": repeated[0]}
            ).encode()
        chunks = [body[at : at + 7] for at in range(0, len(body), 7)]
        made = pack_on_disk.reply(status, b"", *headers, framing="chunked")
        return {**made, "chunks": chunks, "pauses": [0.0] * len(chunks)}

    return respond


def leaks(data: bytes, secrets: list[str]) -> list[bytes]:
    return [form for secret in secrets for form in forms(secret) if form in data]


GIVEN = [
    (["--api-key-env", "TINY_KEY"], [KEY]),
    (["--header", f"Authorization: Bearer {KEY}"], [KEY]),
    (["--header", f"x-api-key: {KEY}"], [KEY]),
    (["--header", f"API-Key:{KEY}", "--header", f"Cookie: session={COOKIE}"], [KEY, COOKIE]),
    (["--header", f"Authorization: Basic {BASIC}"], [PASSWORD, BASIC]),
    (["--header", f"x-upstream-auth-token: {KEY}", "--api-key-env", "TINY_KEY"], [KEY]),
]
IDS = ["env", "bearer", "x-api-key", "api-key and cookie", "basic", "another header"]


@pytest.mark.parametrize(("words", "secrets"), GIVEN, ids=IDS)
def test_no_output_of_a_run_contains_a_key(
    tiny_pack: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], secrets: list[str]
) -> None:
    monkeypatch.setenv("TINY_KEY", KEY)
    with pack_on_disk.gateway(echo(secrets)) as url:
        result = pack_on_disk.run(tiny_pack, "--model", "builtin-1", *words, target=url)
    out = tiny_pack.parent / "out"
    assert result.code == 1
    written = {path.name: report_html.read_bytes(path) for path in out.iterdir()}
    assert {"report.html", "tests.html", "report.sarif", "transcript.jsonl"} <= {*written}
    for name, data in {**written, "out": result.out.encode(), "err": result.err.encode()}.items():
        assert leaks(data, secrets) == [], name
    assert b"[key:" in written["transcript.jsonl"]
    assert b"[key:" in written["report.html"]
    assert "--header" not in words or "[key:" in pack_on_disk.read_report(out)["command"]


@pytest.mark.parametrize(("words", "secrets"), GIVEN, ids=IDS)
def test_no_output_of_pytest_contains_a_key(
    tiny_pack: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], secrets: list[str]
) -> None:
    """The most verbose logs do not contain it either."""
    monkeypatch.setenv("TINY_KEY", KEY)
    options = [
        word.replace("--header", "--llm-header").replace("--api", "--llm-api") for word in words
    ]
    files = ["--llm-out=out", "--html=out/r.html", "--self-contained-html", "--junitxml=out/j.xml"]
    verbose = [
        "-vv",
        "-rA",
        "--log-level=DEBUG",
        "--log-cli-level=DEBUG",
        "-o",
        "junit_logging=all",
    ]
    with pack_on_disk.gateway(echo(secrets)) as url:
        given = ["--llm-model=builtin-1", f"--llm-target={url}"]
        result = pack_on_disk.run_pytest(tiny_pack, *given, *options, *files, *verbose)
    assert result.code == 1
    assert "expected: " in result.out
    for path in Path("out").iterdir():
        assert leaks(path.read_bytes(), secrets) == [], path.name
    assert leaks((result.out + result.err).encode(), secrets) == []


@pytest.mark.parametrize("status", [401, 404])
def test_error_of_the_first_call_contains_no_key(
    tiny_pack: Path, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    monkeypatch.setenv("TINY_KEY", KEY)

    def respond(request: Mapping[str, Any]) -> pack_on_disk.Reply:
        return pack_on_disk.error(status, f"the key {KEY} for builtin-1 is none")

    with pack_on_disk.gateway(respond) as url:
        result = pack_on_disk.run_against(url, tiny_pack)
    assert result.code == 4
    assert leaks((result.out + result.err).encode(), [KEY]) == []
    assert "the key [key:caller] for" in result.err


def test_key_in_a_malformed_answer_is_not_reported(
    tiny_pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error of the HTTP library repeats the invalid line."""
    monkeypatch.setenv("TINY_KEY", KEY)
    line = f"HTTP/1.1 200 OK\r\n{'x' * 230}{KEY} {KEY}\r\n\r\n".encode()
    with listen(answer_with(line)) as url:
        first = pack_on_disk.run_against(url, tiny_pack)
    assert first.code == 4
    assert leaks((first.out + first.err).encode(), [KEY]) == []
    respond = pack_on_disk.correct_gateway()

    def handler(sock: socket.socket, number: int) -> None:
        while request := read_request(sock):
            parsed = parse_request(request.replace(KEY.encode(), pack_on_disk.KEY.encode()))
            sock.sendall(line if b"seed" in request else encode_reply(respond(parsed)))

    with listen(handler) as url:
        result = pack_on_disk.run_against(f"{url}/v1", tiny_pack)
    assert result.code == 1
    for path in (tiny_pack.parent / "out").iterdir():
        data = path.read_bytes()
        assert leaks(data, [KEY]) == [], path.name
        assert KEY[:15].encode() not in data, path.name


@pytest.mark.parametrize(
    "words", [["--header", KEY], ["--header", f"Authorization {KEY}"], ["--header", f"a b: {KEY}"]]
)
def test_invalid_header_option_is_not_repeated(tiny_pack: Path, words: list[str]) -> None:
    result = pack_on_disk.run(tiny_pack, *words)
    assert result.code == 4
    assert leaks((result.out + result.err).encode(), [KEY]) == []


@pytest.mark.parametrize("value", [f"{KEY} {KEY}", f"{KEY}é", f"{KEY}\x07"])
def test_invalid_key_is_not_repeated(
    tiny_pack: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("TINY_KEY", value)
    result = pack_on_disk.run_against("http://127.0.0.1:9/v1", tiny_pack)
    assert result.code == 4
    assert KEY not in result.out + result.err


@pytest.mark.parametrize(
    "key",
    ["gsk_0123456789abcdef", "AKIAIOSFODNN7EXAMPLE", "hf_AbCdEfGhIjKlMn", "sk0123456789"],
)
def test_key_in_place_of_its_variable_is_not_repeated(tiny_pack: Path, key: str) -> None:
    result = pack_on_disk.run_against("http://127.0.0.1:9/v1", tiny_pack, key=key)
    assert result.code == 4
    assert len(result.lines) == 1
    assert key not in result.out + result.err.replace("--api-key-env", "").replace("API key", "")


@pytest.mark.parametrize("name", ["OPENAI_API_KEY_2", "my_key", "KEY", "key"])
def test_variable_that_is_not_set_is_named(tiny_pack: Path, name: str) -> None:
    result = pack_on_disk.run_against("http://127.0.0.1:9/v1", tiny_pack, key=name)
    assert f"the environment variable {name} is not set" in result.err


TARGETS = {
    "parameter": "{{base_url: 'http://127.0.0.1:9/v1?api_key={key}', model: m}}",
    "list": "{{base_url: 'http://127.0.0.1:9/v1', model: m, headers: {{Authorization: [{key}]}}}}",
    "unknown key": "{{base_url: 'http://127.0.0.1:9/v1', model: m, api_key: {key}}}",
    "auth": "{{base_url: 'http://127.0.0.1:9/v1', model: m, auth: {key}}}",
    "user": "{{base_url: 'http://u:{key}@127.0.0.1:9/v1', model: m}}",
    "open quotation": "{{base_url: 'http://127.0.0.1:9/v1', headers: {{a: \"{key}}}",
}


@pytest.mark.parametrize("key", ["sk-secretkey-9081726354", "a8sd7f6-9081726354-x"])
@pytest.mark.parametrize("endpoint", TARGETS.values(), ids=TARGETS)
def test_key_in_a_wrong_target_file_is_not_repeated(
    tmp_path: Path, endpoint: str, key: str
) -> None:
    file = tmp_path / "t.yaml"
    text = f"name: x\nkey_env: KEY\nendpoints: {{openai: {endpoint.format(key=key)}}}\n"
    file.write_text(f"{text}packs: [openai-chat]\n", "utf-8")
    for words in (("check", file), ("run", file)):
        result = pack_on_disk.harness(*words)
        assert result.code == 4
        assert CORE not in result.out + result.err


@pytest.mark.parametrize(
    "option", ["--api-key-env", "--nonce", "--upstream", "--timeout", "--rpm", "--pack", "--case"]
)
def test_key_given_to_another_option_is_not_repeated(tiny_pack: Path, option: str) -> None:
    key = "sk-secretkey-9081726354"
    result = pack_on_disk.run_against("http://127.0.0.1:9/v1", tiny_pack, option, key)
    assert result.code == 4
    assert CORE not in result.out + result.err


WORDS = ["content", "message", "choices", "Assistant", "chat.completion", "prompt_tokens"]
WORDS += ["builtin-1", "chunked", "application/json", "1790000000", "builtin", "ready"]


@pytest.mark.parametrize("word", WORDS)
def test_key_that_is_a_word_of_the_protocol_changes_no_verdict(
    tiny_pack: Path, monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    """Local gateways take any key."""
    monkeypatch.setenv("TINY_KEY", word)
    right = pack_on_disk.correct_gateway()

    def respond(request: Mapping[str, Any]) -> pack_on_disk.Reply:
        name, value = "authorization", f"Bearer {pack_on_disk.KEY}"
        others = [pair for pair in request["headers"] if pair[0].lower() != name]
        return right({**request, "headers": [*others, (name, value)]})

    with pack_on_disk.gateway(respond) as url:
        result = pack_on_disk.run_against(url, tiny_pack)
    out = tiny_pack.parent / "out"
    assert result.code == 0
    assert "the key [key:caller] can be a part of right answers" in result.out
    assert f"Bearer {word}" not in (out / "transcript.jsonl").read_text("utf-8")
    assert f"Bearer {word}".encode() not in report_html.read_bytes(out / "report.html")
    again = pack_on_disk.harness("judge", out / "transcript.jsonl", "--out", out / "again")
    assert again.code == 0
    assert pack_on_disk.outcomes(out / "again") == pack_on_disk.outcomes(out)


def test_password_in_a_url_is_not_repeated(tiny_pack: Path) -> None:
    url = f"http://user:{PASSWORD}@127.0.0.1:9/v1"
    for result in (
        pack_on_disk.run_against(url, tiny_pack),
        pack_on_disk.run_pytest(tiny_pack, f"--llm-base-url={url}", "--llm-model=m"),
    ):
        assert result.code == 4
        assert "the URL of 127.0.0.1" in result.err
        assert "must not contain a user or password" in result.err
        assert PASSWORD not in result.out + result.err


def test_password_of_a_proxy_is_not_repeated(
    tiny_pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = pack_on_disk.correct_gateway()

    def respond(request: Mapping[str, Any]) -> pack_on_disk.Reply:
        path = "/v1" + str(request["path"]).partition("/v1")[2]
        answer = right({**request, "path": path})
        return {**answer, "headers": [*answer["headers"], ("x-proxy", f"user:{PASSWORD}")]}

    with pack_on_disk.gateway(respond) as url:
        monkeypatch.setenv("HTTP_PROXY", url.replace("://", f"://user:{PASSWORD}@"))
        result = pack_on_disk.run_against("http://gateway.invalid/v1", tiny_pack)
    assert result.code == 0
    for path in (tiny_pack.parent / "out").iterdir():
        assert leaks(path.read_bytes(), [PASSWORD]) == [], path.name
