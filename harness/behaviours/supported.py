"""supported: the field has its documented effect, as the case itself demands. Pure."""

from __future__ import annotations

from harness.behaviours.common import finish, probes_for, steps
from harness.behaviours.record import Behaviour, Expansion, Probe
from harness.model import Case


def expand(case: Case) -> Expansion:
    values = case.spec.get("values")
    probes = (
        [Probe("probe", "", steps(case))]
        if values is None
        else list(probes_for(case, "probe", values))
    )
    return finish(case, probes, ())


SUPPORTED = Behaviour(
    id="supported",
    promise="has its documented effect",
    ceiling="differential",
    keys={"values": {"type": "array", "minItems": 1}},
    required=(),
    expand=expand,
)
