"""Secrets are found in headers and URLs and hidden in everything that is recorded."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from harness.fire.redaction import secrets
from harness.fire.redaction.exchange import ExchangeRedactor, make_redactor
from harness.fire.request import WRONG_KEY, auth_headers, build_headers, merge_headers
from harness.model import Attempt, Call, Endpoint, Exchange, Pairs, Target

KEY = "sk-caller-0123456789"
BASIC = base64.b64encode(b"user:long-password").decode()


def target(*headers: tuple[str, str], base_url: str = "http://h/v1") -> Target:
    return Target("t", {"openai": Endpoint("openai", base_url, headers=headers)}, ())


@pytest.mark.parametrize(
    "name",
    [
        "Authorization",
        "proxy-authorization",
        "X-Api-Key",
        "api-key",
        "apikey",
        "x-auth-token",
        "access_token",
        "Cookie",
        "x-goog-api-key",
        "x-amz-security-token",
        "x-session-id",
        "client-secret",
        "password",
        "x-signature",
    ],
)
def test_name_marks_a_secret(name: str) -> None:
    assert secrets.is_secret(name)


@pytest.mark.parametrize(
    "name",
    [
        "accept",
        "x-portkey-provider",
        "x-keyword",
        "author",
        "openai-organization",
        "max-tokens",
        "x-tokenizer",
    ],
)
def test_similar_names_mark_no_secret(name: str) -> None:
    assert not secrets.is_secret(name, "openai")


@pytest.mark.parametrize("value", ["sk-0123456789abcdef", "Bearer eyJhbGciOiJIUzI1NiJ9.e30"])
def test_value_marks_a_secret(value: str) -> None:
    assert secrets.is_secret("x-anything", value)


@pytest.mark.parametrize(
    ("pair", "expected"),
    [
        (("Authorization", f"Bearer {KEY}"), [("authorization", KEY)]),
        (("X-API-Key", KEY), [("x-api", KEY)]),
        (
            ("Authorization", f"Basic {BASIC}"),
            [("authorization", BASIC), ("password", "long-password")],
        ),
        (("Authorization", "Basic ?"), [("authorization", "?")]),
        (("Authorization", "Basic abc"), [("authorization", "abc")]),
        (
            ("authorization", "Basic dXNlcg=="),
            [("authorization", "dXNlcg=="), ("password", "user")],
        ),
        (("authorization", "two words"), [("authorization", "two words")]),
        (
            ("cookie", "a=one; b=two"),
            [("cookie", "a=one; b=two"), ("cookie", "one"), ("cookie", "two")],
        ),
        (("accept", "text/html"), []),
        (("x-0-key", KEY), [("x", KEY)]),
    ],
)
def test_secrets_are_found_in_a_header(
    pair: tuple[str, str], expected: list[tuple[str, str]]
) -> None:
    assert list(secrets.header_secrets(*pair)) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://h/v1", []),
        ("http://me:p%40ss@h/v1", [("password", "p@ss"), ("password", "p%40ss")]),
        ("http://token@h/v1", [("password", "token"), ("password", "token")]),
        ("https://h/v1?key=abc&x=1", [("parameter", "abc")]),
        ("http://[::1", []),
        ("localhost,127.0.0.1", []),
    ],
)
def test_secrets_are_found_in_a_url(url: str, expected: list[tuple[str, str]]) -> None:
    assert list(secrets.url_secrets(url)) == expected


def test_each_secret_has_a_unique_label() -> None:
    endpoint = target(
        ("Authorization", f"Bearer {KEY}"), ("x-api-key", "another-key"), ("token", "third-one")
    )
    secrets_by_label = secrets.find_secrets(
        endpoint,
        {"key": KEY, "limited": "sk-limited"},
        ["http://u:proxy-pass@p:1", "x:other-pass@p"],
    )
    assert secrets_by_label == {
        "caller": KEY,
        "limited": "sk-limited",
        "x-api": "another-key",
        "token": "third-one",
        "password": "proxy-pass",
    }
    twice = secrets.find_secrets(
        target(base_url="http://u:one-pass@h?sig=s1gn-sig"), {}, ["x://u:two@h"]
    )
    assert twice == {"password": "one-pass", "parameter": "s1gn-sig", "password-a": "two"}


def test_short_header_value_is_hidden_in_its_header_only() -> None:
    redactor = ExchangeRedactor(
        secrets.find_secrets(target(("x-token", "openai")), {}), target(("x-token", "openai"))
    )
    assert redactor.request_headers((("x-token", "openai"), ("x", "y"))) == (
        ("x-token", "[key:x-token]"),
        ("x", "y"),
    )
    assert redactor.text('{"owned_by": "openai"}') == '{"owned_by": "openai"}'


@pytest.mark.parametrize(
    ("words", "redacted"),
    [
        (
            ["run", "--header", f"Authorization: Bearer {KEY}"],
            "Authorization: Bearer [key:authorization]",
        ),
        (["run", f"--header=x-api-key:{KEY}"], "--header=x-api-key: [key:x-api]"),
        ([f"--llm-header=x-api-key: {KEY}"], "--llm-header=x-api-key: [key:x-api]"),
        (["--header", "x-tenant: 7"], "x-tenant: 7"),
        (["--header=x-tenant:7"], "--header=x-tenant:7"),
        (["http://user:pass@h/v1"], "http://[key:password]@h/v1"),
        (["https://h/v1?api_key=abc&v=1"], "https://h/v1?api_key=[key:parameter]&v=1"),
        (["--llm-base-url=http://u:p@h"], "--llm-base-url=http://[key:password]@h"),
        (["--header", "no colon"], "no colon"),
    ],
)
def test_redacted_command_contains_no_secret(words: list[str], redacted: str) -> None:
    assert secrets.redact_command(words)[-1] == redacted


def test_key_is_sent_in_the_header_of_the_endpoint() -> None:
    bearer, api_key = Endpoint("openai", ""), Endpoint("openai", "", auth="x-api-key")
    assert auth_headers(bearer, "key", {"key": KEY}) == (("authorization", f"Bearer {KEY}"),)
    assert auth_headers(api_key, "key", {"key": KEY}) == (("x-api-key", KEY),)
    assert auth_headers(bearer, "wrong", {"key": KEY}) == (
        ("authorization", f"Bearer {WRONG_KEY}"),
    )
    assert auth_headers(bearer, "limited", {"key": KEY, "limited": "l"})[0][1] == "Bearer l"
    assert auth_headers(bearer, "limited", {"key": KEY})[0][1] == f"Bearer {KEY}"
    assert auth_headers(bearer, "none", {"key": KEY}) == ()
    assert auth_headers(bearer, "key", {}) == ()


HEADERS = (("Api-Key", KEY), ("Authorization", f"Bearer {KEY}"), ("Cookie", f"a={KEY}"), ("x", "y"))


def sent(auth: str, keys: dict[str, str], headers: Pairs = HEADERS) -> dict[str, str]:
    call = Call("openai", "GET", "/models", auth=auth)
    return dict(build_headers(Endpoint("openai", "", headers=headers), call, keys))


def test_key_in_a_header_of_the_target_is_replaced_like_a_named_key() -> None:
    """A case that asks for no key, or for a wrong one, must not send it."""
    usual = sent("key", {"key": "other"})
    assert {name: usual.get(name) for name, _ in HEADERS} == dict(HEADERS)
    assert "authorization" not in usual
    none = sent("none", {"key": "other"})
    assert (none["x"], set(none) & {name for name, _ in HEADERS[:3]}) == ("y", set())
    wrong = sent("wrong", {})
    assert (wrong["Api-Key"], wrong["Authorization"]) == (WRONG_KEY, f"Bearer {WRONG_KEY}")
    assert wrong["Cookie"] == WRONG_KEY
    limited = sent("limited", {"limited": "l"})
    assert (limited["authorization"], limited.get("Api-Key")) == ("Bearer l", None)
    assert sent("limited", {})["Api-Key"] == KEY


def test_named_key_is_sent_beside_other_headers() -> None:
    cookie = (("Cookie", "route=7"),)
    assert sent("key", {"key": KEY}, cookie)["authorization"] == f"Bearer {KEY}"
    assert sent("wrong", {"key": KEY}, cookie)["authorization"] == f"Bearer {WRONG_KEY}"
    assert "authorization" not in sent("wrong", {}, cookie)


def test_later_headers_replace_earlier_ones_of_the_same_name() -> None:
    default, later = [("a", "1"), ("b", "1")], [("A", "2"), ("a", "3")]
    assert merge_headers(default, later, []) == (("b", "1"), ("A", "2"), ("a", "3"))


def exchange(**changes: object) -> Exchange:
    fields = {
        "shot": "s",
        "method": "POST",
        "url": "http://h/v1",
        "request_headers": (("authorization", f"Bearer {KEY}"),),
        "request_body": "{}",
        "end": "complete",
        "attempts": (Attempt(0.0, 0.0, "complete"),),
        **changes,
    }
    return Exchange(**fields)  # type: ignore[arg-type]


REDACTOR = ExchangeRedactor({"caller": KEY}, target())


def test_no_part_of_a_redacted_exchange_contains_a_key() -> None:
    escaped = "".join(f"\\u{ord(letter):04x}" for letter in KEY)
    redacted = REDACTOR.exchange(
        exchange(
            url=f"http://h/v1/{KEY}",
            request_body=f'{{"a": "{KEY}"}}',
            headers=((f"x-{KEY}", KEY), ("x", base64.b64encode(KEY.encode()).decode())),
            chunks=((0.0, KEY[:7].encode()), (0.1, KEY[7:].encode()), (0.2, escaped.encode())),
            note=f"{'x' * 290}{KEY}",
        )
    )
    assert KEY not in repr(redacted)
    assert KEY[:12] not in repr(redacted)
    assert escaped[:12] not in repr(redacted)
    assert redacted.body == b"[key:caller][key:caller]"
    assert redacted.request_headers == (("authorization", "Bearer [key:caller]"),)
    assert len(redacted.note) == 300


def test_exchange_without_a_secret_is_unchanged() -> None:
    original = exchange(headers=(("x", "y"),), chunks=((0.0, b"{}"),), note="quiet")
    redacted = REDACTOR.exchange(original)
    assert (redacted.headers, redacted.chunks, redacted.note) == (
        original.headers,
        original.chunks,
        original.note,
    )


def test_short_key_is_hidden_as_a_header_value() -> None:
    redactor = ExchangeRedactor({"caller": "abc"}, target())
    redacted = redactor.exchange(exchange(headers=(("x", "Bearer abc"), ("y", "abcd"))))
    assert redacted.headers == (("x", "Bearer [key:caller]"), ("y", "abcd"))


def test_key_that_is_a_word_of_a_pack_of_the_run_is_hidden_only_where_headers_carry_keys(
    tmp_path: Path,
) -> None:
    (tmp_path / "cases.yaml").write_text("why: The answer has the word Xyzzyplugh.", "utf-8")
    others = make_redactor(target(), {"key": "xyzzyplugh"}, packs=["openai-chat"])
    own = make_redactor(target(), {"key": "xyzzyplugh"}, packs=["openai-chat", str(tmp_path)])
    assert others.text("the xyzzyplugh") == "the [key:caller]"
    assert own.text("the xyzzyplugh") == "the xyzzyplugh"
    header = (("authorization", "Bearer xyzzyplugh"),)
    assert own.pairs(header) == (("authorization", "Bearer [key:caller]"),)


def test_header_cache_is_bounded() -> None:
    redactor = ExchangeRedactor({"caller": KEY}, target())
    for number in range(1100):
        assert redactor.request_headers((("x", f"{number} {KEY}"),)) == (
            ("x", f"{number} [key:caller]"),
        )
    assert redactor.cached_pair.cache_info().currsize < 1010
