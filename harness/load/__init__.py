"""Loads packs, targets, claims and baselines from files, strictly, with file:line:column."""

from __future__ import annotations

from harness.load.baseline import load_baseline
from harness.load.claims import with_claims
from harness.load.pack_folders import (
    folders_with_cases,
    pack_folder,
    pack_lineage,
    shipped_packs,
)
from harness.load.packs import load_packs
from harness.load.sdk_packs import with_sdk_packs
from harness.load.targets import load_target, unknown_tier

__all__ = [
    "folders_with_cases",
    "load_baseline",
    "load_packs",
    "load_target",
    "pack_folder",
    "pack_lineage",
    "shipped_packs",
    "unknown_tier",
    "with_claims",
    "with_sdk_packs",
]
