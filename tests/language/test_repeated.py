"""An answer that repeats a setting has the value that was sent; a false one is worse than none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.language.checks import BY_ID, NotApplicable
from harness.model import Json, Level
from tests.support.inline_pack import answer, text_reply, with_members

ARGS = {"at": "/x", "path": "$.x"}
TOOL = {"type": "function", "name": "look_up", "strict": None}


def levels(sent: Json, members: dict[str, Json]) -> list[Level]:
    """Return the level of each failure; a must becomes what the case has."""
    subject = replace(answer(with_members(text_reply(), **members)), request={"x": sent})
    return [finding.level for finding in BY_ID["repeated"].run(ARGS, [subject], ())]


@pytest.mark.parametrize(
    ("sent", "got"),
    [
        (0.5, 0.5),
        (1, 1.0),
        (True, True),
        ({"team": "blue"}, {"team": "blue"}),
        ({"effort": "low"}, {"effort": "low", "summary": None}),
        ([TOOL], [{**TOOL, "strict": True, "description": None}]),
        ("auto", "auto"),
    ],
)
def test_repeated_value_holds_also_with_defaults_written_out(sent: Json, got: Json) -> None:
    assert levels(sent, {"x": got}) == []


@pytest.mark.parametrize(
    ("sent", "got"),
    [
        (0.5, 1.0),
        (1, True),
        (True, 1),
        ({"team": "blue"}, {}),
        ({"team": "blue"}, "blue"),
        ([TOOL], []),
        ([TOOL], [TOOL, TOOL]),
        ("required", "auto"),
    ],
)
def test_other_value_is_a_failure(sent: Json, got: Json) -> None:
    assert levels(sent, {"x": got}) == ["must"]


@pytest.mark.parametrize("members", [{}, {"x": None}])
def test_missing_value_is_a_should(members: dict[str, Json]) -> None:
    assert levels(0.5, members) == ["should"]


def test_request_without_the_value_is_not_judged() -> None:
    with pytest.raises(NotApplicable):
        levels(None, {"x": 1})
