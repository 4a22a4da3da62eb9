"""Titles of faults: in the words of the case, or made from what was sent and what came."""

from __future__ import annotations

from typing import Any

import pytest

from harness.report.causes.members import Member
from harness.report.causes.scope import kind_of_answers
from tests.support.report_data import case, entry, finding, only, report, row

CLOSED = "RemoteProtocolError: peer closed connection without sending complete message body"
STREAM = [("s/plain", "stream", "fail", None)]


def fault(*findings: Any, spec: Any = None, location: str = "message", **more: Any) -> Any:
    about = case("late", row="content", spec=spec or {}, why="It is followed.")
    made = report([entry(about, "fail", *findings, **more)], row("content", location=location))
    return only(made["faults"])


def lost(**more: Any) -> Any:
    return finding("body $.text", "$.text", '"ready"', expected='should be "done"', **more)


def test_a_case_has_its_own_words_for_its_fault_and_where_to_search() -> None:
    own = fault(lost(), spec={"broken": "Late {messages} are lost", "hint": "The list"})
    assert own["title"] == 'Late {messages} are lost: `text` is `"ready"`'
    assert own["hint"] == "The list."


def test_the_words_of_a_case_are_not_used_for_a_fault_of_every_answer() -> None:
    ended = fault(finding("transport", "transport", CLOSED), spec={"broken": "It is lost"})
    assert "It is lost" not in ended["title"]


def test_a_title_is_made_if_the_case_has_none() -> None:
    assert fault(lost())["title"] == '`content` is not honoured: `text` is `"ready"`'


@pytest.mark.parametrize(
    ("got", "title"),
    [
        (CLOSED, "Streams end early: the connection is closed before their end"),
        ("Server disconnected without sending a response.", "The connection is closed without"),
        ("more than 8388608 bytes", "Answers are larger than the harness reads"),
        ("a bad chunk size", "The answer does not arrive completely: `a bad chunk size`"),
    ],
)
def test_the_title_names_how_an_answer_ends_that_does_not_arrive(got: str, title: str) -> None:
    ended = fault(finding("transport", "transport", got), shots=STREAM)
    assert ended["title"].startswith(title)
    assert ended["promised"].startswith("Every answer arrives completely")  # and not the case's


@pytest.mark.parametrize(
    ("expected", "words"),
    [
        ("[] should have at least 1 items", "and should not be empty"),
        ("[1] should have at most 0 items", "and should be empty"),
        ('should be "end"', 'and should be `"end"`'),
    ],
)
def test_requirements_are_in_words(expected: str, words: str) -> None:
    wrong = finding("body $.text", "$.text", "[]", expected=expected)
    assert words in fault(wrong, location="response")["title"]


def test_code_that_is_cut_in_a_title_is_closed() -> None:
    long = finding("body $.text", "$.text", "x y" * 400, expected="a " * 400 + "`b")
    assert fault(long, location="response")["title"].count("`") % 2 == 0


@pytest.mark.parametrize("path", ["$..[?search(@, 'Rex')]", "$[*]"])
def test_a_search_of_the_forwarded_request_is_named_by_the_field_of_its_case(path: str) -> None:
    missing = finding(f"forwarded {path}", f"forwarded {path}", "nothing there", expected="a value")
    assert fault(missing)["title"] == "`content` does not reach the provider"


@pytest.mark.parametrize(
    ("got", "expected", "words"),
    [
        (
            '"None"',
            'should not be one of "None", "null"',
            'and should not be one of `"None", "null"`',
        ),
        ('"a"', 'should match the pattern "New York"', 'and should contain `"New York"`'),
        ('"a"', 'should not match the pattern "sk-1"', 'and should not contain `"sk-1"`'),
        ("7", "should be a string or null", "and should be a string or null"),
        ("0", "should be at least 1", "and should be at least `1`"),
        ("nothing there", 'should be "end"', "`text` is missing"),
    ],
)
def test_titles_have_no_words_of_schemas(got: str, expected: str, words: str) -> None:
    wrong = finding("body $.text", "$.text", got, expected=expected)
    assert words in fault(wrong, location="response")["title"]


def test_the_words_of_a_case_are_not_used_for_another_change_of_an_ignored_field() -> None:
    changed = finding("ignored.effect", "$.usage.prompt_tokens", "20")
    title = fault(changed, spec={"broken": "Thinking is returned"})["title"]
    assert title == "`content` should be ignored, and changes `usage.prompt_tokens` of the answer"


def test_a_header_is_named_as_one() -> None:
    wrong = finding("forwarded header x-tag", "forwarded header x-tag", "no such header")
    assert fault(wrong)["title"].startswith("The header `x-tag`")


OWN = {"broken": "The first turn is lost"}
SEARCH = "forwarded $..[?search(@, 'Rex')]"


@pytest.mark.parametrize(
    ("at", "got", "expected", "title"),
    [
        (SEARCH, "nothing there", "a value", "The first turn is lost"),
        ("forwarded $.system", '"Hi"', 'should be "Be brief"', '`system` reaches the provider as'),
        ("forwarded $.system", "nothing there", "a value", "`system` does not reach the provider"),
    ],
)  # fmt: skip
def test_the_words_of_a_case_stand_before_what_reached_the_provider(
    at: str, got: str, expected: str, title: str
) -> None:
    words = fault(finding(at, at, got, expected=expected), spec=OWN)["title"]
    assert words.startswith("The first turn is lost")
    assert title in words
    assert "[]" not in words


def test_a_sum_of_several_counts_is_named_by_the_first() -> None:
    path = "$.usage['input_tokens','cache_read_input_tokens']"
    title = fault(finding("more_than", path, "14", expected="more than 14"))["title"]
    assert "`usage.input_tokens` together with others is `14`" in title


@pytest.mark.parametrize(
    ("expected", "words"),
    [
        (r'should match the pattern "^\\d+$"', "and should have another form"),
        ('should not match {"anyOf": [{"const": 7}]}', "and should not have this form"),
        ("should have the key 'user' or 'name'", "and should have the key `user` or `name`"),
        ('should contain an item that matches {"type": "a"}', "an item of the required kind"),
    ],
)
def test_titles_have_no_patterns_and_schemas(expected: str, words: str) -> None:
    title = fault(finding("body $.text", "$.text", '"x"', expected=expected), location="response")
    assert words in title["title"]


def test_a_value_that_must_be_refused_has_the_words_of_its_case() -> None:
    about = case("part", row="content", spec={"broken": "A part is dropped"}, behaviour="rejected")
    accepted = finding("rejected.refused", "status", "an answer", expected="a refusal")
    made = report([entry(about, "fail", accepted)], row("content", location="message"))
    assert only(made["faults"])["title"].startswith("A part is dropped")


@pytest.mark.parametrize(
    ("expected", "promised"),
    [
        ("conforms to anthropic/error", "The documented form is kept in errors."),
        ("a document that conforms to openai/model", "The documented form is kept in a model."),
        ("JSON in every data field", "Every answer has JSON in every data field."),
    ],
)
def test_what_every_answer_has_is_promised_in_a_sentence(expected: str, promised: str) -> None:
    wrong = finding("stream.json", "event 3", "x", expected=expected)
    assert fault(wrong, shots=STREAM)["promised"] == promised


@pytest.mark.parametrize(
    ("mode", "status", "kind"),
    [("plain", 200, "Answers"), ("plain", 400, "Errors"), ("stream", 200, "Streams")],
)
def test_answers_are_called_errors_only_with_an_error_status(
    mode: str, status: int, kind: str
) -> None:
    shot: Any = {"mode": mode, "status": status}
    about: Any = {}
    assert kind_of_answers([Member(about, about, shot)]) == kind


def test_answers_that_are_not_json_are_named() -> None:
    page = finding("schema", "body", "<html>", expected="a JSON document")
    assert fault(page)["title"] == "Answers are not JSON: `<html>`"
