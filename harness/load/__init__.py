"""Files -> Packs, Targets: the only room that knows their format. Reads files, sends nothing."""

from __future__ import annotations

from harness.load.baseline import load_baseline
from harness.load.claims import with_claims
from harness.load.packs import load_packs, pack_folder, shipped
from harness.load.sdk_packs import with_clients
from harness.load.targets import load_target, no_tier

__all__ = [
    "load_baseline",
    "load_packs",
    "load_target",
    "no_tier",
    "pack_folder",
    "shipped",
    "with_claims",
    "with_clients",
]
