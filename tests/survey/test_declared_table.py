"""A survey of the reference gateway observes the table that the documents declare."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from harness.load.known_fields import known_fields
from harness.model import Row
from harness.survey.fields import OF_FIELDS
from harness.survey.fields import rows as field_rows
from harness.survey.table import SurveyRow
from tests.support.surveys import declared_rows, packs_of, survey, survey_behind

# The kinds of status that a declared behaviour shows as.
SHOWN = {
    "supported": {"supported"},
    "honoured_or_refused": {"supported", "refused_by_name", "exactly"},
    "present": {"supported"},
    "always": {"supported"},
    "limited": {"supported"},
    "rejected": {"supported", "refused_by_name", "exactly"},
    "required": {"supported"},
    "ignored": {"ignored"},
    "stripped": {"ignored"},
    "always_empty": {"always_empty"},
    "exactly": {"exactly"},
    "clamped": {"clamped"},
    "hoisted": {"hoisted"},
    "echoed": {"supported"},
    "stateful": {"supported", "refused_by_name"},
}
ONLY_AT_PROVIDER = ("ignored", "stripped", "clamped", "hoisted")
# Nothing right can be sent without an account at the provider, such as the id of a container.
ONLY_WRONG = "Wrong values are refused; no right one was tried"
# What answers alone cannot tell apart; the provider shows it.
FROM_OUTSIDE = {
    "supported": {"accepted"},
    "honoured_or_refused": {"accepted"},
    "present": {"accepted"},
    "required": {"accepted"},
    "ignored": {"accepted"},
    "clamped": {"accepted"},
    "hoisted": {"supported"},
}


def wrong_rows(
    pack: str, rows: Mapping[str, SurveyRow], also: Mapping[str, set[str]]
) -> dict[str, str]:
    """Return the rows whose status is not the declared one; opt-in rows are not examined."""
    wrong = {}
    for row in declared_rows(pack):
        if row.location not in OF_FIELDS:
            continue
        observed = rows[f"{pack}/{row.id}"]
        if not is_examined(row, observed):
            continue
        expected = SHOWN[row.declared] | also.get(row.declared, set())
        refused = row.declared == "rejected" and "refused" in observed["status"]
        if observed["kind"] not in expected and not refused:
            wrong[row.id] = f"{row.declared}: {observed['status']}"
    return wrong


def is_examined(row: Row, observed: SurveyRow) -> bool:
    is_field = row.declared != "unspecified" and not row.path.startswith("(")
    return is_field and not observed["status"].startswith(("Not examined", ONLY_WRONG))


@pytest.mark.parametrize(
    ("protocol", "root", "pack"),
    [
        ("openai", "", "openai-chat"),
        ("openai", "/compat", "openai-compat"),
        ("anthropic", "", "anthropic-messages"),
        ("responses", "", "openai-responses"),
    ],
)
def test_the_declared_table_is_reproduced_from_answers(protocol: str, root: str, pack: str) -> None:
    rows = survey(protocol, root)
    assert wrong_rows(pack, rows, FROM_OUTSIDE) == {}
    examined = [row for name, row in rows.items() if name.startswith(pack) and row["cases"]]
    assert len(examined) > 50


def test_the_provider_shows_what_answers_cannot() -> None:
    hidden = [r.id for r in declared_rows("openai-compat") if r.declared in ONLY_AT_PROVIDER]
    rows = survey_behind("openai", "anthropic", "/compat", rows=hidden)
    assert wrong_rows("openai-compat", rows, {}) == {}
    assert len([row for row in rows.values() if row["kind"] == "ignored"]) > 25
    capped = "Values beyond 0 to 1 are capped; invalid values are refused"
    assert rows["openai-compat/temperature"]["status"] == capped
    assert rows["openai-compat/seed"]["kind"] == "ignored"


@pytest.mark.parametrize("protocol", ["openai", "anthropic", "responses"])
def test_every_known_field_of_a_protocol_has_a_row(protocol: str) -> None:
    paths = {row.path for _, row in field_rows(packs_of(protocol))}
    names = [name for names in known_fields(protocol).values() for name in names]
    assert len(names) > 100
    assert [name for name in names if name not in paths] == []
