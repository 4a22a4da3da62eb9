"""Facts about a whole pack that the plan of each case needs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from harness.model import Case, Pack
from harness.plan.shots import CACHED
from harness.util.identity import Same


@lru_cache(maxsize=CACHED)
def locations_of_rows(pack: Same[Pack]) -> Mapping[str, str]:
    """Return where the rows of a pack are, such as `header`, by their ids."""
    return {row.id: row.location for row in reversed(pack.value.rows)}  # the first of an id


@lru_cache(maxsize=CACHED)
def subjects(pack: Same[Pack]) -> tuple[bool, bool]:
    """Return whether a pack has cases about streams, and about errors."""
    cases = pack.value.cases
    return any(map(is_about_streams, cases)), any(map(is_about_errors, cases))


def is_about_streams(case: Case) -> bool:
    """Return whether a case examines streams and nothing else."""
    return case.spec.get("modes") == ["stream"] and "stream" in case.row.split(".")


def is_about_errors(case: Case) -> bool:
    """Return whether a case examines how a mistake of the caller is answered."""
    return "error" in case.row
