"""The builtin gateway, wrong in exactly one way each. May not be wrong in two."""

from __future__ import annotations

from harness.servers.mutants.effects import EFFECTS
from harness.servers.mutants.ignored import IGNORED
from harness.servers.record import Mutant

MUTANTS: tuple[Mutant, ...] = (*IGNORED, *EFFECTS)
