"""An answer's length and content coding must be what the standards and the request permit."""

from __future__ import annotations

import gzip

import pytest

from harness.decode.response import read
from harness.model import Answer, Exchange

JSON = ("Content-Type", "application/json")


def answer(body: bytes, *headers: tuple[str, str], accepted: str | None = "identity") -> Answer:
    sent = () if accepted is None else (("Accept-Encoding", accepted),)
    pairs = (JSON, *headers)
    exchange = Exchange(
        "s", "POST", "u", sent, "", "complete", 200, headers=pairs, chunks=((0.0, body),)
    )
    return read(exchange, "openai", "plain", {})


def rules(result: Answer) -> list[tuple[str, str]]:
    return [(violation.rule, violation.level) for violation in result.violations]


@pytest.mark.parametrize(
    ("coding", "accepted"),
    [
        ("gzip", "gzip, deflate"),
        ("GZIP", "deflate,gzip;q=0.5"),
        ("x-gzip", "gzip"),
        ("gzip", "*"),
        ("deflate", None),
        ("identity", "identity"),
        ("", "identity"),
    ],
)
def test_an_accepted_coding_is_right(coding: str, accepted: str | None) -> None:
    result = answer(b"{}", ("content-encoding", coding), accepted=accepted)
    assert (result.body, rules(result)) == ({}, [])


@pytest.mark.parametrize("accepted", ["identity", "deflate", "gzip;q=0, *", "br, gzip; q=0.00"])
def test_a_coding_that_was_not_accepted_is_a_warning_if_it_is_readable(accepted: str) -> None:
    result = answer(b"{}", ("content-encoding", "gzip"), accepted=accepted)
    assert (result.body, rules(result)) == ({}, [("http.coding", "should")])


@pytest.mark.parametrize("coding", ["br", "gzip, br", "aws-chunked"])
def test_a_body_in_a_coding_that_no_client_knows_is_one_violation(coding: str) -> None:
    result = answer(b"\x8b\x02\x80{}\x03", ("content-encoding", coding), accepted="gzip, deflate")
    assert rules(result) == [("http.coding", "must")]
    assert result.unreadable == (
        f"header content-encoding: {coding}, expected a coding of the request's accept-encoding: "
        "gzip, deflate"
    )


def test_a_compressed_body_without_content_encoding_is_one_violation() -> None:
    result = answer(gzip.compress(b"{}"), accepted="gzip")
    assert rules(result) == [("http.coding", "must")]
    assert result.unreadable == "header content-encoding: none, expected gzip, as the body is"


def test_two_lengths_are_a_violation_and_the_body_is_read_all_the_same() -> None:
    result = answer(b"{}", ("Transfer-Encoding", "chunked"), ("Content-Length", "2"))
    assert (result.body, rules(result)) == ({}, [("http.length", "must")])
