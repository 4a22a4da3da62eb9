"""The rows of a pack are complete against the fields of the protocol's reference, both ways."""

from __future__ import annotations

import pytest

from harness.language.behaviours import BY_ID
from harness.load.known_fields import known_fields
from harness.load.packs import load_packs
from harness.util.errors import FileProblems

# The protocol and the pack that covers its reference.
PACKS = (
    ("openai", "openai-chat"),
    ("anthropic", "anthropic-messages"),
    ("embeddings", "openai-embeddings"),
    ("responses", "openai-responses"),
)


@pytest.mark.parametrize(("protocol", "name"), PACKS)
def test_each_field_of_the_reference_has_a_row_and_each_row_a_field(
    protocol: str, name: str
) -> None:
    known = {(at, path) for at, names in known_fields(protocol).items() for path in names}
    pack = next(pack for pack in load_packs([name], tuple(BY_ID)) if pack.id == name)
    rows = {(row.location, row.path) for row in pack.rows if not row.path.startswith("(")}
    assert sorted(known - rows) == []
    assert sorted(rows - known) == []


@pytest.mark.parametrize("protocol", [protocol for protocol, _ in PACKS])
def test_no_field_is_listed_twice(protocol: str) -> None:
    for names in known_fields(protocol).values():
        assert len(names) == len(set(names))


def test_missing_list_is_reported_with_its_file() -> None:
    with pytest.raises(FileProblems, match=r"no-such-protocol/known_fields\.yaml"):
        known_fields("no-such-protocol")
