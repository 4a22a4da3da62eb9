"""The fields of a protocol's reference are listed once, in a file beside its schemas."""

from __future__ import annotations

import pytest

from harness.load.known_fields import known_fields
from harness.util.errors import FileProblems


@pytest.mark.parametrize("protocol", ["openai"])
def test_no_field_is_listed_twice(protocol: str) -> None:
    for names in known_fields(protocol).values():
        assert len(names) == len(set(names))


def test_missing_list_is_reported_with_its_file() -> None:
    with pytest.raises(FileProblems, match=r"no-such-protocol/known_fields\.yaml"):
        known_fields("no-such-protocol")
