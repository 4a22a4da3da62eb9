"""None yet. X."""

from harness.servers.record import Mutant

MUTANTS: tuple[Mutant, ...] = ()
