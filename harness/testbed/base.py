"""What a wrong gateway and a harmless other one are. Nouns only. May not hold one."""

from __future__ import annotations

from dataclasses import dataclass

from harness.testbed.gateway.gateway import Overrides


@dataclass(frozen=True, slots=True)
class Mutant:
    """A gateway wrong in one way; `case` must catch it, with a finding of `rule`."""

    id: str
    description: str
    case: str
    rule: str
    override: Overrides


@dataclass(frozen=True, slots=True)
class Variant:
    """A gateway that is right in another way; every case must pass on it."""

    id: str
    description: str
    overrides: Overrides
