"""supported: the field has its documented effect, as the case itself demands. Pure."""

from __future__ import annotations

from harness.language.behaviours.base import Behaviour, Expansion
from harness.language.behaviours.expansion import finish, plain_or_each
from harness.model import Case


def expand(case: Case) -> Expansion:
    return finish(case, plain_or_each(case), ())


SUPPORTED = Behaviour(
    id="supported",
    promise="has its documented effect",
    ceiling="differential",
    keys={"values": {"type": "array", "minItems": 1}},
    required=(),
    expand=expand,
)
