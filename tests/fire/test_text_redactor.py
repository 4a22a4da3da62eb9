"""Keys are redacted in every text, also if they are encoded or cut."""

from __future__ import annotations

import base64
import itertools
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.fire.redaction.text import TextRedactor

KEY = 'sk-Ab/9+x=~é"\\ 0123'
SIMPLE = "sk-builtin-0123456789abcdef"
BOTH = TextRedactor({"caller": SIMPLE, "provider": KEY})


def escaped(key: str) -> str:
    return "".join(f"\\u{ord(c):04X}" for c in key)


def percent(key: str) -> str:
    return "".join(f"%{byte:02x}" for byte in key.encode())


ENCODED = {
    "as it is": SIMPLE,
    "JSON": json.dumps(SIMPLE)[1:-1],
    "JSON escapes": escaped(SIMPLE),
    "some JSON escapes": SIMPLE.replace("-", "\\u002d"),
    "JSON in JSON": json.dumps(escaped(SIMPLE))[1:-1],
    "percent": percent(SIMPLE),
    "some percent": SIMPLE.replace("-", "%2D"),
    "percent twice": SIMPLE.replace("-", "%252D"),
    "base64": base64.b64encode(SIMPLE.encode()).decode().rstrip("="),
    "decimal entities": "".join(f"&#{ord(c)};" for c in SIMPLE),
    "hexadecimal entities": "".join(f"&#x{ord(c):X};" for c in SIMPLE),
    "entities with zeros": "".join(f"&#X{ord(c):06x};" for c in SIMPLE),
    "entities without semicolons": SIMPLE.replace("-", "&#45"),
    "entities of entities": SIMPLE.replace("-", "&amp;amp;#x2d;"),
    "named entities": SIMPLE.replace("-", "&#45;", 1).replace("-", "&#x2D"),
    "backslashes": SIMPLE.replace("-", "\\-"),
    "capital letters": SIMPLE.upper(),
    "base64 in a URL": quote(base64.b64encode(SIMPLE.encode()).decode().rstrip("="), safe=""),
    "base64 in entities": "".join(
        f"&#{c};" for c in base64.b64encode(SIMPLE.encode()).rstrip(b"=")
    ),
    "both escapes": SIMPLE.replace("-", "\\u002d", 1).replace("-", "%2d"),
}


@pytest.mark.parametrize("name", ENCODED)
def test_key_is_found_in_every_encoding(name: str) -> None:
    text = f'{{"error": "wrong key {ENCODED[name]} here", "x\\n": "100%"}}'
    hidden = BOTH.text(text)
    assert "[key:caller]" in hidden
    assert ENCODED[name][4:-4] not in hidden
    assert hidden.startswith('{"error": "wrong key [key:caller]')
    assert hidden.endswith(' here", "x\\n": "100%"}')


@pytest.mark.parametrize(
    "written",
    [
        KEY,
        json.dumps(KEY)[1:-1],
        json.dumps(KEY, ensure_ascii=False)[1:-1],
        json.dumps(KEY, ensure_ascii=False)[1:-1].replace("/", "\\/"),
        quote(KEY),
        quote(KEY, safe=""),
        percent(KEY),
    ],
)
def test_key_with_special_characters_is_found(written: str) -> None:
    hidden = BOTH.text(f"<{written}>")
    assert hidden == "<[key:provider]>"


@pytest.mark.parametrize("before", ["", "a", "ab", "abc", "user:"])
@pytest.mark.parametrize("after", ["", "x", "xy", "xyz"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
@pytest.mark.parametrize("label", ["caller", "provider"])
def test_key_in_base64_is_found_at_every_alignment(
    before: str, after: str, encode: object, label: str
) -> None:
    key = {"caller": SIMPLE, "provider": KEY}[label]
    assert callable(encode)
    text = encode(f"{before}{key}{after}".encode()).decode()
    hidden = BOTH.text(f"Basic {text}.")
    assert f"[key:{label}]" in hidden
    assert len(hidden) - len(f"Basic [key:{label}].") <= 2 * 4 + len(before + after) * 2


@given(
    st.text(st.characters(categories=("L", "N", "P", "Z")), max_size=12),
    st.lists(st.integers(0, 60), max_size=6),
)
def test_key_cut_over_pieces_is_found(around: str, cuts: list[int]) -> None:
    data = f"{around}{SIMPLE}|{escaped(SIMPLE)}{around}".encode()
    marks = sorted({0, len(data), *(min(cut, len(data)) for cut in cuts)})
    pieces = tuple((float(a), data[a:b]) for a, b in itertools.pairwise(marks))
    hidden = BOTH.chunks(pieces)
    assert [time for time, _ in hidden] == [time for time, _ in pieces]
    joined = b"".join(piece for _, piece in hidden)
    assert joined == f"{around}[key:caller]|[key:caller]{around}".encode()
    assert joined == BOTH.bytes(data)


def test_pieces_keep_their_times_and_text() -> None:
    data = f"one {SIMPLE} two {SIMPLE} three".encode()
    cut = len("one sk-builtin")
    pieces = (
        (0.1, data[:3]),
        (0.2, data[3:cut]),
        (0.3, data[cut : cut + 3]),
        (0.4, b""),
        (0.5, data[cut + 3 :]),
    )
    assert BOTH.chunks(pieces) == (
        (0.1, b"one"),
        (0.2, b" [key:caller]"),
        (0.3, b""),
        (0.4, b""),
        (0.5, b" two [key:caller] three"),
    )


def test_data_without_a_key_is_unchanged() -> None:
    pieces = ((0.1, b"\xff\xfe 100% \\u0041"), (0.2, b""))
    assert BOTH.chunks(pieces) is pieces
    assert BOTH.chunks(()) == ()
    assert BOTH.text("half \ud83d of it") == "half \ud83d of it"
    assert BOTH.bytes(b"\xff") == b"\xff"
    assert TextRedactor({}).bytes(SIMPLE.encode()) == SIMPLE.encode()


def test_lone_surrogate_beside_a_key_is_kept() -> None:
    assert BOTH.text(f"\ud83d{SIMPLE}") == "\ud83d[key:caller]"


def test_overlapping_keys_are_hidden_completely() -> None:
    both = TextRedactor({"caller": "secret-key", "provider": "key-of-mine"})
    assert both.text("a secret-key-of-mine b") == "a [key:caller] b"
    inner = TextRedactor({"caller": "abcdef", "provider": "xxabcdefxx"})
    assert inner.text("xxabcdefxx abcdef") == "[key:provider] [key:caller]"
    twice = TextRedactor({"caller": "ababab"})
    assert twice.text("abababab!") == "[key:caller]!"


def test_keys_in_headers_are_hidden() -> None:
    pairs = (("authorization", f"Bearer {SIMPLE}"), ("x-a", "b"), (f"x-{SIMPLE}", "c"))
    assert BOTH.pairs(pairs) == (
        ("authorization", "Bearer [key:caller]"),
        ("x-a", "b"),
        ("x-[key:caller]", "c"),
    )


@pytest.mark.parametrize(
    ("value", "hidden"),
    [
        ("abc", "[key:caller]"),
        ("Bearer abc", "Bearer [key:caller]"),
        ("abcd", "abcd"),
        ("a abc b", "a abc b"),
        ("abc x", "abc x"),
    ],
)
def test_short_key_is_hidden_as_a_whole_value_only(value: str, hidden: str) -> None:
    short = TextRedactor({"caller": "abc", "provider": ""})
    assert short.pairs((("authorization", value),)) == (("authorization", hidden),)
    assert short.text(value) == value


def test_json_around_a_key_stays_valid() -> None:
    text = json.dumps({"message": json.dumps({"key": SIMPLE, "path": f"a\\{SIMPLE}\\"})})
    hidden = json.loads(json.loads(BOTH.text(text))["message"])
    assert hidden == {"key": "[key:caller]", "path": "a\\[key:caller]\\"}


def test_named_entities_of_a_key_are_found() -> None:
    dotted = TextRedactor({"caller": "sk_user.key/0123"})
    assert dotted.text("<sk&lowbar;user&period;key&sol;0123>") == "<[key:caller]>"


def test_beginning_of_a_key_at_the_end_of_a_body_is_hidden() -> None:
    """The rest may have been cut off, by the target or by the limit for a body."""
    for length in range(8, len(SIMPLE)):
        assert BOTH.chunks(((0.0, f"a {SIMPLE[:length]}".encode()),)) == ((0.0, b"a [key:caller]"),)
    assert BOTH.chunks(((0.0, b"a sk-buil"),)) == ((0.0, b"a sk-buil"),)


def test_part_of_a_key_in_a_quotation_is_hidden() -> None:
    assert BOTH.quoting(f"it begins with '{SIMPLE[:13]}'") == "it begins with '[key:caller]'"
    assert BOTH.quoting("it begins with 'sk-other'") == "it begins with 'sk-other'"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_key_in_utf_16_is_hidden(encoding: str) -> None:
    hidden = BOTH.bytes(b"a" + SIMPLE.encode(encoding) + b"b")
    assert hidden.replace(b"\0", b"") == b"a[key:caller]b"


def test_word_is_hidden_only_where_a_header_carries_keys() -> None:
    word = TextRedactor({"caller": "chunked"}, {"chunked"})
    pairs = (
        ("transfer-encoding", "chunked"),
        ("te", "gzip, chunked"),
        ("authorization", "Bearer chunked"),
        ("x-api-key", "chunked"),
    )
    assert word.pairs(pairs) == (
        *pairs[:2],
        ("authorization", "Bearer [key:caller]"),
        ("x-api-key", "[key:caller]"),
    )
    assert word.text("chunked") == "chunked"
