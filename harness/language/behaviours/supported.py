"""supported: the field has its documented effect, which the case describes."""

from __future__ import annotations

from harness.language.behaviours.base import Behaviour, Expansion
from harness.language.behaviours.expansion import build_expansion, probe_or_values
from harness.model import Case


def expand(case: Case) -> Expansion:
    return build_expansion(case, probe_or_values(case), ())


SUPPORTED = Behaviour(
    id="supported",
    ceiling="differential",
    expand=expand,
)
