"""Retired words (see docs/glossary.md) stay out of code, messages, case files and documentation."""

from __future__ import annotations

import pytest

from tests.support import words


def test_the_glossary_lists_retired_words_for_every_kind_of_place() -> None:
    assert all(words.retired().values())


def test_retired_words_are_not_used() -> None:
    assert [str(use) for name in words.files() for use in words.uses(name)] == []


def test_only_keys_of_the_report_schema_are_exceptions() -> None:
    schema = (words.ROOT / "schemas" / "report.schema.json").read_text("utf-8")
    keys = {key for of_file in words.REPORT_KEYS.values() for key in of_file}
    assert [key for key in keys if f'"{key}": {{' not in schema] == []


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("told", "told"),
        ("read_told", "told"),
        ("ToldSo", "told"),
        ("seen", "seen"),
        ("as_seen", None),
    ],
)
def test_identifiers_are_split_into_words(name: str, word: str | None) -> None:
    assert words.in_name(name) == word


def test_texts_that_are_sent_are_not_checked() -> None:
    case = 'why: told\nrequest:\n  body: {prompt: "told"} # told\n'
    assert [use.line for use in words.in_case_file("cases/x.yaml", case)] == [1, 3]


def test_docstrings_comments_and_messages_are_checked() -> None:
    module = '"""told"""\ntold = 1 # told\nraise ValueError("he told")\nx = "told"\n'
    lines = [use.line for use in words.in_python("harness/x.py", module)]
    assert sorted(lines) == [1, 2, 2, 3]


@pytest.mark.parametrize(
    ("docstring", "retired"),
    [
        ("What is sent.", True),
        ("Sends requests. May not judge.", True),
        ("Text -> data. Pure.", True),
        ("A value that is no number.", True),
        ("Raises KeyError if there is no such name.", False),
        ("Return what was sent.", False),
    ],
)
def test_retired_sentence_forms_are_found_in_docstrings(docstring: str, retired: bool) -> None:
    assert bool([*words.in_docstring("harness/x.py", 1, docstring)]) == retired
