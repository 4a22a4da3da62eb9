"""A survey shows the one field that a gateway treats in another way."""

from __future__ import annotations

import pytest

from harness.survey.kinds import Kind
from harness.testbed.mutants import MUTANTS
from tests.support.surveys import survey

BY_ID = {mutant.id: mutant for mutant in MUTANTS}


@pytest.mark.parametrize(
    ("mutant", "root", "row", "kind", "text"),
    [
        ("seed.refused", "/compat", "openai-compat/seed", "refused_by_name", "Refused by name"),
        ("metadata.typed", "/compat", "openai-compat/metadata", "accepted", "refused with 400"),
        ("n.two", "/compat", "openai-compat/n", "altered", "Differs: choices = "),
    ],
)
def test_the_changed_field_is_shown(
    mutant: str, root: str, row: str, kind: Kind, text: str
) -> None:
    name = row.partition("/")[2]
    right = survey("openai", root, rows={name})[row]
    changed = survey("openai", root, BY_ID[mutant].override, rows={name})[row]
    assert (changed["kind"], right["status"] == changed["status"]) == (kind, False)
    assert text in changed["status"]
