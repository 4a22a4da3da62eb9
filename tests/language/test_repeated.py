"""An answer that repeats a setting has the value that was sent; a missing one states nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.language.checks import BY_ID, NotApplicable
from harness.model import Json
from tests.support.inline_pack import answer, text_reply, with_members

ARGS = {"at": "/x", "path": "$.x"}
TOOL = {"type": "function", "name": "look_up", "strict": None}


def failures(sent: Json, members: dict[str, Json]) -> list[str]:
    subject = replace(answer(with_members(text_reply(), **members)), request={"x": sent})
    return [finding.at for finding in BY_ID["repeated"].run(ARGS, [subject], ())]


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
        ({"effort": "low"}, {"effort": None}),
        ([{**TOOL, "strict": True}], [TOOL]),
    ],
)
def test_repeated_value_holds_also_with_defaults_written_out(sent: Json, got: Json) -> None:
    assert failures(sent, {"x": got}) == []


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
    assert failures(sent, {"x": got}) == ["$.x"]


@pytest.mark.parametrize(("sent", "members"), [(0.5, {}), (0.5, {"x": None}), (None, {"x": 1})])
def test_nothing_is_concluded_where_a_value_is_missing(
    sent: Json, members: dict[str, Json]
) -> None:
    with pytest.raises(NotApplicable):
        failures(sent, members)
