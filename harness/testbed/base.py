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
    """A compliant gateway that differs from the reference gateway.

    Every case must pass on it, apart from what the variant states.

    Attributes:
        affects: Rows (PACK/ROW, or a pattern such as `*/usage*`) whose cases can fail or warn.
        causes: Causes for which any case can be inconclusive, such as `signal`.
        not_credited: Rows (or patterns) of which no case may pass with the grade `effect` or
            better, because the gateway never shows the effect.
    """

    id: str
    description: str
    overrides: Overrides
    affects: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()
    not_credited: tuple[str, ...] = ()
