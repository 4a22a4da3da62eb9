"""None yet. X."""

from harness.servers.record import Variant

VARIANTS: tuple[Variant, ...] = ()
