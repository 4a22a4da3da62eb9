"""Types of mutants and variants of the reference gateway."""

from __future__ import annotations

from dataclasses import dataclass

from harness.testbed.gateway.gateway import Overrides


@dataclass(frozen=True, slots=True)
class Mutant:
    """A gateway with one defect. `case` must detect it with a finding of `rule`.

    `override` replaces exactly one hook. `description` completes "The gateway ...".
    """

    id: str
    description: str
    case: str
    rule: str
    override: Overrides


@dataclass(frozen=True, slots=True)
class Variant:
    """A compliant gateway that differs from the reference gateway. Every case must pass on it."""

    id: str
    description: str
    overrides: Overrides
