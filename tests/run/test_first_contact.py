"""The first run against a gateway: a wrong URL, model, name or key is one line that helps."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from harness.load.targets import target_of_url
from harness.run.inquiry import names_model, other_base_urls
from tests.support import pack_on_disk
from tests.support.raw_server import closed_port

PAGE = b"<!doctype html><title>Directory listing</title>"
HTML = ("content-type", "text/html")


def gateway_at(prefix: str, models: tuple[str, ...] = ("builtin-1",)) -> pack_on_disk.Respond:
    """Returns the reference gateway below a path; it serves these models, and pages elsewhere."""
    right = pack_on_disk.correct_gateway()
    listing = {"object": "list", "data": [{"id": name, "object": "model"} for name in models]}

    def respond(request: Mapping[str, Any]) -> pack_on_disk.Reply:
        path = str(request["path"])
        if not path.startswith(f"{prefix}/"):
            return pack_on_disk.reply(404, PAGE, HTML)
        if path == f"{prefix}/models":
            return pack_on_disk.json_reply(200, listing)
        if not path.endswith("/chat/completions") or path.count("/chat/completions") > 1:
            return pack_on_disk.error(404, f"Invalid URL (POST {path})")
        model = json.loads(request["body"]).get("model")
        if model not in models:
            return pack_on_disk.error(404, f"The model `{model}` does not exist")
        body = json.loads(request["body"]) | {"model": "builtin-1"}
        path = f"/v1{path.removeprefix(prefix)}"
        return right({**request, "path": path, "body": json.dumps(body).encode()})

    return respond


WRONG_URLS = [
    # (path of the API, path of the base URL, path of the advice)
    ("/v1", "", "/v1"),
    ("/v1", "/", "/v1"),
    ("/v1", "/v1/chat/completions", "/v1"),
    ("/v1", "/v1/chat/completions/", "/v1"),
    ("/v1", "/v1/models", "/v1"),
    ("/v1", "/chat/completions", "/v1"),
    ("/v1", "/v2", "/v1"),
    ("/v1", "?api-version=1", "/v1?api-version=1"),
    ("", "/v1", ""),
    ("/api/v1", "", "/api/v1"),
    ("/openai/v1", "/v1", "/openai/v1"),
    ("/team/v1", "/team", "/team/v1"),
    ("/team", "/team/v1", "/team"),
]


@pytest.mark.parametrize(("api", "given", "advice"), WRONG_URLS)
def test_wrong_base_url_is_answered_with_the_one_that_works(
    tiny_pack: Path, api: str, given: str, advice: str
) -> None:
    def respond(request: Mapping[str, Any]) -> pack_on_disk.Reply:
        return gateway_at(api)({**request, "path": str(request["path"]).partition("?")[0]})

    with pack_on_disk.gateway(respond) as url:
        root = url.removesuffix("/v1")
        result = pack_on_disk.run_against(f"{root}{given}", tiny_pack)
        path, mark, query = given.rstrip("/").partition("?")
        called = f"{root}{path}/chat/completions{mark}{query}"
        [line] = [re.sub("answered 40[45] ", "answered ", line) for line in result.lines]
        first = f"ERROR: {called} answered to the first call; "
        assert line == f"{first}the base URL that answers is {root}{advice}"
        assert pack_on_disk.run_against(f"{root}{advice}", tiny_pack).code == 0


def test_place_where_an_api_refuses_the_key_is_named_as_such(tiny_pack: Path) -> None:
    def respond(request: Mapping[str, Any]) -> pack_on_disk.Reply:
        is_api = str(request["path"]).startswith("/v1/")
        return pack_on_disk.error(401, "no") if is_api else pack_on_disk.reply(404, PAGE, HTML)

    with pack_on_disk.gateway(respond) as url:
        root = url.removesuffix("/v1")
        result = pack_on_disk.run_against(root, tiny_pack)
    assert result.lines == [
        f"ERROR: {root}/chat/completions answered 404 to the first call; an API answers with 401 "
        f"at the base URL {url}"
    ]


def test_a_target_without_the_endpoint_of_the_pack_needs_another_one(tiny_pack: Path) -> None:
    def respond(request: Mapping[str, Any]) -> pack_on_disk.Reply:
        is_known = request["path"] in ("/v1/models", "/v1/chat/completions")
        return pack_on_disk.CORRECT(request) if is_known else pack_on_disk.error(404, "Not Found")

    with pack_on_disk.gateway(respond) as url:
        pack = Path("openai-embeddings")
        result = pack_on_disk.run_against(url, pack, "--model", "builtin-1")
    assert result.lines[-1] == (
        f"ERROR: {url}/embeddings answered 404 to the first call: it has the model, and not this "
        "endpoint: choose another --pack (Not Found)"
    )


@pytest.mark.parametrize(
    ("model", "text", "is_named"),
    [
        ("m", '{"error": {"message": "Not Found"}}', False),
        ("m", "The model `m` does not exist", True),
        ("gpt-4", "the model gpt-4o does not exist", False),
        ("acme/large:1", "model acme/large:1 not found", True),
    ],
)
def test_a_model_is_named_as_a_whole_word(model: str, text: str, is_named: bool) -> None:
    assert names_model(text, model) == is_named


@pytest.mark.parametrize(
    ("url", "protocol", "others"),
    [
        ("http://h/v1", "openai", ["", "/api/v1", "/openai/v1"]),
        ("http://h", "openai", ["/v1", "/api/v1", "/openai/v1"]),
        ("http://h/a/v1", "openai", ["/a", "/v1", "/api/v1", "/openai/v1", ""]),
        ("http://h/v1", "anthropic", ["/anthropic", "/api"]),
        ("http://h/v1/messages", "anthropic", ["", "/anthropic", "/api"]),
    ],
)
def test_only_urls_of_the_same_host_are_tried(url: str, protocol: str, others: list[str]) -> None:
    base = target_of_url(url).endpoints[protocol].base_url
    assert other_base_urls(base, protocol) == [f"http://h{other}" for other in others]


WEB_SERVERS = [
    (501, PAGE, HTML, 'a web page (text/html: "Directory listing")'),
    (200, b"<html><title>Sign in</title></html>", HTML, 'a web page (text/html: "Sign in")'),
    (200, b"It works!", ("content-type", "text/plain"), 'a text (text/plain: "It works!")'),
]


@pytest.mark.parametrize(("status", "body", "kind", "other"), WEB_SERVERS)
def test_web_server_is_no_api(
    tiny_pack: Path, status: int, body: bytes, kind: tuple[str, str], other: str
) -> None:
    with pack_on_disk.gateway(lambda request: pack_on_disk.reply(status, body, kind)) as url:
        result = pack_on_disk.run_against(url, tiny_pack)
    root = url.removesuffix("/v1")
    assert result.code == 4
    assert result.lines == [
        f"ERROR: {url}/chat/completions is not an API: it answered {status} with {other}; check "
        f"the base URL, no API answers at {root}, {root}/api/v1, {root}/openai/v1 either"
    ]
    assert not (tiny_pack.parent / "out" / "report.json").exists()


@pytest.mark.parametrize("status", [502, 503, 504])
def test_page_of_a_proxy_is_not_taken_for_the_gateway(tiny_pack: Path, status: int) -> None:
    page = b"<html><title>Bad Gateway</title></html>"

    def respond(request: object) -> pack_on_disk.Reply:
        return pack_on_disk.reply(status, page, HTML, ("retry-after", "0"))

    with pack_on_disk.gateway(respond) as url:
        result = pack_on_disk.run_against(url, tiny_pack)
    assert result.lines == [
        f"ERROR: {url}/chat/completions answered {status} to the first call (a web page "
        '(text/html: "Bad Gateway")): check the base URL, and the server behind it'
    ]


MODELS = [
    (("gpt-1",), "it has `gpt-1`"),
    (("a", "bultin-1", "c"), "it has `bultin-1`, `a` and `c`"),
    (tuple("abcdefgh"), "it has `a`, `b`, `c`, `d`, `e` and 3 more"),
    (("a\x1b[2Jb",), "it has `a\\x1b[2Jb`"),
]


@pytest.mark.parametrize(("models", "names"), MODELS)
def test_models_that_exist_are_named_if_the_requested_one_does_not(
    tiny_pack: Path, models: tuple[str, ...], names: str
) -> None:
    with pack_on_disk.gateway(gateway_at("/v1", models)) as url:
        result = pack_on_disk.run_against(url, tiny_pack)
    assert result.lines == [
        f"ERROR: {url}/chat/completions answered 404 to the first call: check --model builtin-1 "
        f"(The model `builtin-1` does not exist); {names}"
    ]


@pytest.mark.parametrize(("models", "names"), MODELS)
def test_models_that_exist_are_named_if_none_is_given(
    tiny_pack: Path, models: tuple[str, ...], names: str
) -> None:
    with pack_on_disk.gateway(gateway_at("/v1", models)) as url:
        result = pack_on_disk.run(tiny_pack, "--api-key-env", "TINY_KEY", target=url)
    listed = names if "bultin" not in names else "it has `a`, `bultin-1` and `c`"
    assert result.lines == [
        f"ERROR: the openai endpoint needs a model: give --model NAME; {listed}"
    ]


@pytest.mark.parametrize("answer", [b"[]", b'{"data": [1, {"id": 2}]}', b"[" * 99999, b"\xff"])
def test_list_of_models_of_another_form_names_none(tiny_pack: Path, answer: bytes) -> None:
    with pack_on_disk.gateway(lambda request: pack_on_disk.reply(200, answer)) as url:
        result = pack_on_disk.run(tiny_pack, "--api-key-env", "TINY_KEY", target=url)
    assert result.lines == ["ERROR: the openai endpoint needs a model: give --model NAME"]


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("localhost:8080/v1", "http://localhost:8080/v1"),
        ("127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("gateway.example/v1", "https://gateway.example/v1"),
        ("gateway:4000", "http://gateway:4000"),
    ],
)
def test_target_without_a_scheme_is_answered_with_the_url(
    tiny_pack: Path, name: str, url: str
) -> None:
    result = pack_on_disk.run(tiny_pack, "--model", "m", target=name)
    assert result.lines == [f"ERROR: no target `{name}`; a base URL needs its scheme: {url}"]


REDIRECTS = [
    ("https://there/api/chat/completions", "give the base URL https://there/api"),
    ("https://sso.example/login?next=x", "give the final base URL (it moves to https://sso"),
    ("/login", "give the final base URL (it moves to /login)"),
]


@pytest.mark.parametrize(("place", "advice"), REDIRECTS)
def test_redirect_is_not_followed_and_named(tiny_pack: Path, place: str, advice: str) -> None:
    with pack_on_disk.gateway(
        lambda request: pack_on_disk.reply(302, b"", ("location", place))
    ) as url:
        result = pack_on_disk.run_against(url, tiny_pack)
    assert result.lines[0].startswith(
        f"ERROR: {url}/chat/completions answered 302 to the first call: redirects are not "
        f"followed; {advice}"
    )


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
def test_proxy_is_named_if_the_target_cannot_be_reached(
    tiny_pack: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    port = closed_port()
    monkeypatch.setenv(name, f"http://user:secret-pass@127.0.0.1:{port}")
    result = pack_on_disk.run_against("http://gateway.invalid/v1", tiny_pack)
    assert result.lines == [
        "ERROR: cannot reach http://gateway.invalid/v1: Connection refused (through the proxy "
        f"127.0.0.1:{port} of {name.upper()})"
    ]


NAMES = [
    (["--pack", "openai-chta"], "no pack `openai-chta`; did you mean `openai-chat`? there are "),
    (["--pack", "anthropic"], "no pack `anthropic`; did you mean `anthropic-messages`? there are "),
    (["--feature", "limit"], "no feature `limit`; did you mean `limits`? these packs have core, "),
    (["--case", "sed"], "no case `sed`; did you mean `seed`?"),
    (
        ["--case", "tiny/temperature"],
        "no case `tiny/temperature`; it is a case of anthropic-messages and openai-compat; name ",
    ),
    (
        ["--case", "tiny/temperature"],
        "no case `tiny/temperature`; it is a case of anthropic-messages and openai-compat; name ",
    ),
    (
        ["--case", "temperature"],
        "no case `temperature`; it is a case of anthropic-messages and openai-compat; name its ",
    ),
]


@pytest.mark.parametrize(("words", "message"), NAMES)
def test_unknown_name_is_answered_with_the_nearest(
    tiny_pack: Path, words: list[str], message: str
) -> None:
    result = pack_on_disk.run(tiny_pack, *words)
    assert (result.code, len(result.lines)) == (4, 1)
    assert result.lines[0].startswith(f"ERROR: {message}")
