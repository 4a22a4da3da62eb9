"""Values of two answers agree by their meaning, and a missing one is named."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.language.checks import BY_ID
from harness.language.checks.compare import means_the_same
from harness.model import Json
from tests.support.inline_pack import answer, text_reply, with_members


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ('{"city": "Paris", "days": 1}', '{"days":1,"city":"Paris"}', True),
        ('{"city": "Paris"}', {"city": "Paris"}, True),
        ('{"city": "Paris"}', '{"city": "Rome"}', False),
        ('{"city": "Paris"}', '{"city": "Paris"', False),
        ("a text", "a  text", False),
    ],
)
def test_arguments_are_compared_as_json(one: Json, other: Json, same: bool) -> None:
    assert means_the_same(one, other, {}) is same
    assert means_the_same(other, one, {}) is same


def test_value_that_one_answer_lacks_is_named() -> None:
    whole = replace(answer(with_members(text_reply(), data=[1, 2])), shot="c/all")
    part = replace(answer(with_members(text_reply(), data=[1])), shot="c/one")
    args = {"paths": {"one": "$.data[1]", "all": "$.data[1]"}}
    [finding] = BY_ID["steps_agree"].run(args, [part], [whole])
    assert finding.expected == "a value in both answers"
    assert finding.got == "nothing at $.data[1] of one, 2 in the other"
