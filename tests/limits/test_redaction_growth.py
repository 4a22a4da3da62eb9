"""The search for keys is linear in what a target sends, whatever it is."""

from __future__ import annotations

import base64

import pytest

from harness.fire.redaction.fragments import LARGE
from harness.fire.redaction.text import TextRedactor
from tests.support.growth import growth

LIMIT = 2.3
KEY = "sk-growth/0123456789abcdef"
REDACTOR = TextRedactor({"caller": KEY, "provider": 'a&b%c\\d"e-0123'})
REPEATED = {
    "escapes": "\\u0073",
    "letters of the key": "s",
    "backslashes": "\\",
    "backslashes before letters": "\\s",
    "percent": "%73",
    "nested percent": "%25",
    "entities": "&#115;",
    "nested entities": "&amp;",
    "zeros of entities": "&#0000",
    "beginnings of the key": KEY[:-1],
    "escaped beginnings of the key": KEY[:-1].replace("-", "\\u002d"),
    "keys": KEY,
    "escaped keys": KEY.replace("-", "&#45;"),
    "base64": base64.b64encode(KEY.encode()).decode()[:-6],
    "nested base64": base64.b64encode(base64.b64encode(KEY.encode())).decode()[:-6],
    "hexadecimal digits": KEY.encode().hex()[:-2],
    "numbers": "115, 107, ",
    "folded lines": "abcdefgh=\n",
    "quotation marks": '"',
    "empty strings": '"",',
    "strings without an end": '"\\',
    "members": '{"content":"s"},',
    "indexes": '"index":1,"a":"s",',
    "events": 'data: {"a":"s"}\n\n',
    "letters in events": "".join(f'data: {{"a":"{letter}"}}\n\n' for letter in KEY),
    "spaces after strings": '"a"         ',
    "line breaks": "\n",
}


@pytest.mark.parametrize("text", REPEATED.values(), ids=REPEATED)
def test_search_for_keys_is_linear(text: str) -> None:
    unit = text.encode()
    smallest = 2 * LARGE // len(unit)  # a smaller event is read in another way, which is quicker
    ratio = growth(lambda n: ((0.0, unit * n),), REDACTOR.chunks, smallest, LIMIT)
    assert ratio <= LIMIT
