"""Media types are compared as RFC 9110 defines; those that are different stay different."""

from __future__ import annotations

import pytest

from harness.util.media_type import canonical, first_of

SPELLINGS = (
    "application/json",
    "Application/JSON",
    "APPLICATION/JSON",
    "application/json;charset=utf-8",
    "application/json; charset=UTF-8",
    "application/json ; Charset=utf8",
    'application/json; charset="utf-8"',
    'application/json;charset="UTF\\-8"',
    "application/json;\tcharset=us-ascii",
    "application/json;",
    "application/json; profile=x; q=1",
    'application/json; note="; charset=latin-1"',
)
OTHERS = (
    "",
    "json",
    "text/plain",
    "text/json",
    "application/jsonx",
    "application/x-json",
    "application/json, text/plain",
    "application/json; charset=iso-8859-1",
    'application/json; charset="UTF-16"',
)


@pytest.mark.parametrize("value", SPELLINGS)
def test_spellings_of_one_media_type_are_equal(value: str) -> None:
    assert canonical(value) == "application/json"


@pytest.mark.parametrize("value", OTHERS)
def test_other_media_types_and_charsets_are_different(value: str) -> None:
    assert canonical(value) != "application/json"


def test_the_first_content_type_counts_whatever_the_case_of_its_name() -> None:
    headers = (("X-A", "b"), ("CONTENT-TYPE", "Text/Event-Stream; charset=utf-8"))
    assert first_of(headers) == "text/event-stream"
    assert first_of(()) == ""
