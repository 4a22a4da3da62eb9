"""Keys are redacted in each encoding, and in each encoding of an encoded text."""

from __future__ import annotations

import base64
import html
import itertools
import json
import quopri
import textwrap
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.fire.redaction.escapes import ESCAPE, ESCAPED, escapes
from harness.fire.redaction.text import TextRedactor

KEY = "sk-live.9081726354_aBcDeF"
OTHER = "tl-mjwf.8190263545_bAbCdE"  # its codes have as many digits
REDACTOR = TextRedactor({"caller": KEY, "provider": 'a&b%c\\d"e-0123'})
BEFORE, AFTER = "x" * 41, "y" * 40


def each(form: str) -> Callable[[str], str]:
    """Returns a function that writes each character in a form of its code."""
    return lambda text: "".join(form.format(ord(letter)) for letter in text)


def in_base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


ENCODINGS: dict[str, Callable[[str], str]] = {
    "JSON": lambda text: json.dumps({"k": text}),
    "JSON escapes": each("\\u{:04x}"),
    "escapes of a byte": each("\\x{:02x}"),
    "escapes in braces": each("\\u{{{:x}}}"),
    "URL": lambda text: f"k={quote(text, safe='')}",
    "whole URL": each("%{:02X}"),
    "wide URL": each("%u{:04X}"),
    "HTML": lambda text: f"<b>{html.escape(text)}</b>",
    "decimal entities": each("&#{};"),
    "hexadecimal entities": each("&#x{:x};"),
    "quoted-printable": lambda text: quopri.encodestring(f"{'x' * 61}{text}".encode()).decode(),
    "whole quoted-printable": each("={:02X}"),
    "base64": in_base64,
    "base64 after one byte": lambda text: in_base64(f"a{text}tail"),
    "base64 after a letter": lambda text: f"x{in_base64(f'ab{text}?')}",
    "base64 of a URL": lambda text: base64.urlsafe_b64encode(f"user:{text}".encode()).decode(),
    "base64 of MIME": lambda text: base64.encodebytes(f"{BEFORE}{text}{AFTER}".encode()).decode(),
    "base64 of HTTP": lambda text: "\r\n".join(textwrap.wrap(in_base64(f"{BEFORE}{text}"), 76)),
    "base64 of PEM": lambda text: "\n".join(textwrap.wrap(in_base64(f"{BEFORE}z{text}"), 64)),
    "hexadecimal digits": lambda text: text.encode().hex(),
    "digits after a digit": lambda text: f"0{text.encode().hex().upper()}",
    "digits with colons": lambda text: text.encode().hex(":"),
    "digits with spaces": lambda text: text.encode().hex(" "),
    "numbers of C": lambda text: ", ".join(f"0x{byte:02x}" for byte in text.encode()),
    "numbers": lambda text: json.dumps({"type": "Buffer", "data": [*text.encode()]}),
    "numbers in lines": lambda text: json.dumps([*text.encode()], indent=1),
    "UTF-16": lambda text: text.encode("utf-16").decode("latin-1"),
}


def kept(text: str) -> tuple[str, str]:
    """Returns what is left of a text before and after the key in it."""
    before, label, _ = text.partition("[key:caller]")
    assert label, text
    return before, text.rpartition("[key:caller]")[2]


@pytest.mark.parametrize("outer", ENCODINGS)
def test_key_is_hidden_in_an_encoding_of_each_encoding(outer: str) -> None:
    """Nothing is left that another key would change."""
    encode = ENCODINGS[outer]
    texts = {inner: [encode(ENCODINGS[inner](key)) for key in (KEY, OTHER)] for inner in ENCODINGS}
    for inner, (text, other) in {**texts, "none": [encode(KEY), encode(OTHER)]}.items():
        before, after = kept(REDACTOR.body(text))
        assert other.startswith(before), inner
        assert other.endswith(after), inner


@pytest.mark.parametrize("name", ENCODINGS)
def test_text_without_a_key_is_unchanged_in_each_encoding(name: str) -> None:
    text = ENCODINGS[name]("an example of a usual text, 0123456789 and no key")
    assert REDACTOR.body(text) == text


CUT = ["base64", "hexadecimal digits", "JSON escapes", "whole URL", "decimal entities"]


@pytest.mark.parametrize("name", CUT)
def test_beginning_of_a_key_is_hidden_where_an_encoded_text_ends(name: str) -> None:
    text = ENCODINGS[name](KEY)
    for length in range(len(text) * 2 // 3, len(text)):
        hidden = REDACTOR.body(f"wrong key {text[:length]}")
        assert hidden.rstrip("=") == "wrong key [key:caller]", length


def test_every_split_of_a_text_over_windows_hides_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.fire.redaction.patterns.WINDOW", 1000)
    monkeypatch.setattr(REDACTOR._finder, "overlap", 500)
    for before, name in itertools.product(range(900, 1100, 7), ("JSON", "base64", "numbers")):
        text = f"{'- ' * before}{ENCODINGS[name](KEY)}{' -' * 2000}"
        assert REDACTOR.text(text).count("[key:caller]") == 1, (before, name)


@given(
    st.lists(st.sampled_from(["\\", '"', "/", "n", "u", "u0041", "x41", "%41", "&amp;", ";", "k"]))
)
def test_escapes_are_removed_alike_with_and_without_the_pattern(parts: list[str]) -> None:
    data = "".join(parts).encode()
    assert ESCAPED.decode(data) == escapes(ESCAPE).decode(data)
