"""Words of an expected value: found as whole words, in every script, and nowhere inside others."""

from __future__ import annotations

import pytest

from harness.util import patterns
from harness.util.json_schema import errors_inline
from harness.util.whole_words import pattern_of, with_patterns, words_of


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("red", "No image was shared."),
        ("rex", "Trexler"),
        ("paris", "a comparison"),
        ("17", "It was built in 1789 and 2017."),
        ("seventeen", "the seventeenth"),
        ("ready", "already"),
    ],
)
def test_part_of_another_word_is_not_found(words: str, text: str) -> None:
    assert not patterns.search(pattern_of(words), text)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("red", "**RED**"),
        ("rex", "它叫Rex。"),
        ("rex", "Rex's"),
        ("17", "17°C"),
        ("17", "17degrees"),
        ("17", "是17度"),
        (["24", "twenty four"], "Twenty-four degrees"),
        (["24", "twenty four"], "24"),
    ],
)
def test_word_next_to_other_signs_is_found(words: list[str] | str, text: str) -> None:
    assert patterns.search(pattern_of(words), text)


@pytest.mark.parametrize("words", [7, [], ["a", 7], "a|b", "", {"a": 1}])
def test_other_values_are_no_words(words: object) -> None:
    with pytest.raises(ValueError, match="`words` is a word"):
        pattern_of(words)


def test_combined_schemas_have_words_too() -> None:
    schema = with_patterns({"type": "string", "not": {"anyOf": [{"words": "a"}, {"const": "b"}]}})
    assert errors_inline(schema, "an ant") == []
    assert errors_inline(schema, "a bee")


def test_message_has_the_words_and_not_their_pattern() -> None:
    [(_, message)] = errors_inline(with_patterns({"words": ["17", "seventeen"]}), "1789")
    assert message == '"1789" should have the word "seventeen" or "17"'
    [(_, message)] = errors_inline(with_patterns({"not": {"words": "ben"}}), "Ben")
    assert message == '"Ben" should not have the word "ben"'


def test_another_pattern_has_no_words() -> None:
    assert words_of("(?:a|b)") == []
