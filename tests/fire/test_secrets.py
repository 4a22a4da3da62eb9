"""Which words are secret, wherever they come from; and what takes their place in what is shown."""

from __future__ import annotations

import base64

import pytest

from harness.fire.redaction import secrets
from harness.fire.redaction.exchange import ExchangeRedactor
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
def test_a_name_tells_a_secret(name: str) -> None:
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
def test_a_name_that_only_holds_such_letters_tells_none(name: str) -> None:
    assert not secrets.is_secret(name, "openai")


@pytest.mark.parametrize("value", ["sk-0123456789abcdef", "Bearer eyJhbGciOiJIUzI1NiJ9.e30"])
def test_a_value_tells_a_secret(value: str) -> None:
    assert secrets.is_secret("x-anything", value)


@pytest.mark.parametrize(
    ("pair", "found"),
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
def test_what_of_a_header_is_secret(pair: tuple[str, str], found: list[tuple[str, str]]) -> None:
    assert list(secrets.in_header(*pair)) == found


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("http://h/v1", []),
        ("http://me:p%40ss@h/v1", [("password", "p@ss"), ("password", "p%40ss")]),
        ("http://token@h/v1", [("password", "token"), ("password", "token")]),
        ("https://h/v1?key=abc&x=1", [("parameter", "abc")]),
        ("http://[::1", []),
        ("localhost,127.0.0.1", []),
    ],
)
def test_what_of_an_address_is_secret(url: str, found: list[tuple[str, str]]) -> None:
    assert list(secrets.in_url(url)) == found


def test_each_secret_has_a_label_of_its_own() -> None:
    given = target(
        ("Authorization", f"Bearer {KEY}"), ("x-api-key", "another-key"), ("token", "third-one")
    )
    found = secrets.find_secrets(
        given, {"key": KEY, "limited": "sk-limited"}, ["http://u:proxy-pass@p:1", "x:other-pass@p"]
    )
    assert found == {
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


def test_a_word_of_the_protocol_is_hidden_in_its_own_header_only() -> None:
    redactor = ExchangeRedactor(
        secrets.find_secrets(target(("x-token", "openai")), {}), target(("x-token", "openai"))
    )
    assert redactor.sent((("x-token", "openai"), ("x", "y"))) == (
        ("x-token", "[key:x-token]"),
        ("x", "y"),
    )
    assert redactor.text('{"owned_by": "openai"}') == '{"owned_by": "openai"}'


@pytest.mark.parametrize(
    ("words", "shown"),
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
def test_a_command_that_is_shown_tells_no_secret(words: list[str], shown: str) -> None:
    assert secrets.redact_command(words)[-1] == shown


def test_a_key_goes_in_the_header_that_the_front_wants() -> None:
    bearer, plain = Endpoint("openai", ""), Endpoint("openai", "", auth="x-api-key")
    assert auth_headers(bearer, "key", {"key": KEY}) == (("authorization", f"Bearer {KEY}"),)
    assert auth_headers(plain, "key", {"key": KEY}) == (("x-api-key", KEY),)
    assert auth_headers(bearer, "wrong", {"key": KEY}) == (
        ("authorization", f"Bearer {WRONG_KEY}"),
    )
    assert auth_headers(bearer, "limited", {"key": KEY, "limited": "l"})[0][1] == "Bearer l"
    assert auth_headers(bearer, "limited", {"key": KEY})[0][1] == f"Bearer {KEY}"
    assert auth_headers(bearer, "none", {"key": KEY}) == ()
    assert auth_headers(bearer, "key", {}) == ()


GIVEN = (("Api-Key", KEY), ("Authorization", f"Bearer {KEY}"), ("Cookie", f"a={KEY}"), ("x", "y"))


def sent(auth: str, keys: dict[str, str], given: Pairs = GIVEN) -> dict[str, str]:
    call = Call("openai", "GET", "/models", auth=auth)
    return dict(build_headers(Endpoint("openai", "", headers=given), call, keys))


def test_a_key_given_as_a_header_is_a_key() -> None:
    """No case that asks for no key, or for a wrong one, sends it."""
    usual = sent("key", {"key": "other"})
    assert {name: usual.get(name) for name, _ in GIVEN} == dict(GIVEN)
    assert "authorization" not in usual
    none = sent("none", {"key": "other"})
    assert (none["x"], set(none) & {name for name, _ in GIVEN[:3]}) == ("y", set())
    wrong = sent("wrong", {})
    assert (wrong["Api-Key"], wrong["Authorization"]) == (WRONG_KEY, f"Bearer {WRONG_KEY}")
    assert wrong["Cookie"] == WRONG_KEY
    limited = sent("limited", {"limited": "l"})
    assert (limited["authorization"], limited.get("Api-Key")) == ("Bearer l", None)
    assert sent("limited", {})["Api-Key"] == KEY


def test_a_named_key_goes_beside_what_else_is_given() -> None:
    cookie = (("Cookie", "route=7"),)
    assert sent("key", {"key": KEY}, cookie)["authorization"] == f"Bearer {KEY}"
    assert sent("wrong", {"key": KEY}, cookie)["authorization"] == f"Bearer {WRONG_KEY}"
    assert "authorization" not in sent("wrong", {}, cookie)


def test_a_later_layer_stands_for_what_it_names() -> None:
    ours, later = [("a", "1"), ("b", "1")], [("A", "2"), ("a", "3")]
    assert merge_headers(ours, later, []) == (("b", "1"), ("A", "2"), ("a", "3"))


def seen(**changes: object) -> Exchange:
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


VEIL = ExchangeRedactor({"caller": KEY}, target())


def test_no_part_of_an_exchange_holds_a_key() -> None:
    escaped = "".join(f"\\u{ord(letter):04x}" for letter in KEY)
    shown = VEIL.exchange(
        seen(
            url=f"http://h/v1/{KEY}",
            request_body=f'{{"a": "{KEY}"}}',
            headers=((f"x-{KEY}", KEY), ("x", base64.b64encode(KEY.encode()).decode())),
            chunks=((0.0, KEY[:7].encode()), (0.1, KEY[7:].encode()), (0.2, escaped.encode())),
            note=f"{'x' * 290}{KEY}",
        )
    )
    assert KEY not in repr(shown)
    assert KEY[:12] not in repr(shown)
    assert escaped[:12] not in repr(shown)
    assert shown.body == b"[key:caller][key:caller]"
    assert shown.request_headers == (("authorization", "Bearer [key:caller]"),)
    assert len(shown.note) == 300


def test_an_exchange_without_a_secret_stays_as_it_is() -> None:
    came = seen(headers=(("x", "y"),), chunks=((0.0, b"{}"),), note="quiet")
    shown = VEIL.exchange(came)
    assert (shown.headers, shown.chunks, shown.note) == (came.headers, came.chunks, came.note)


def test_a_short_key_is_hidden_where_it_is_a_headers_value() -> None:
    redactor = ExchangeRedactor({"caller": "abc"}, target())
    shown = redactor.exchange(seen(headers=(("x", "Bearer abc"), ("y", "abcd"))))
    assert shown.headers == (("x", "Bearer [key:caller]"), ("y", "abcd"))


def test_a_thousand_different_headers_fill_no_memory() -> None:
    redactor = ExchangeRedactor({"caller": KEY}, target())
    for number in range(1100):
        assert redactor.sent((("x", f"{number} {KEY}"),)) == (("x", f"{number} [key:caller]"),)
    assert len(redactor.own) < 1010
