"""Names and descriptions of the gateways that `harness serve` runs: mutants and variants."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.util.errors import UsageError
from harness.util.suggestion import suggestion


def mutants() -> Mapping[str, Any]:
    """Return the gateways with one fault by their ids."""
    from harness.testbed.mutants import MUTANTS

    return {mutant.id: mutant for mutant in MUTANTS}


def variants() -> Mapping[str, Any]:
    """Return the right but unusual gateways by their ids, those with a limited transport last."""
    from harness.testbed.variants import VARIANTS
    from harness.testbed.variants.conditions import CONDITIONS

    records: list[Any] = [*VARIANTS, *CONDITIONS]
    return {record.id: record for record in records}


def find(kind: str, name: str, records: Mapping[str, Any]) -> Any:
    """Return the mutant or variant with an id. Raises UsageError."""
    if name not in records:
        hint = suggestion(name, records, f"see `harness list --{kind}s`")
        raise UsageError(f"no {kind} `{name}`; {hint}")
    return records[name]


def gateway_data(name: str) -> dict[str, Any] | None:
    """Return what `harness explain` prints about a mutant or a variant, None for other names."""
    if name in mutants():
        mutant = mutants()[name]
        return {
            "kind": "mutant",
            "id": name,
            "meaning": mutant.description,
            "case": mutant.case,
            "rule": mutant.rule,
        }
    if name in variants():
        variant = variants()[name]
        limits = ("affects", "causes", "not_credited")
        stated = {key: list(getattr(variant, key, ())) for key in limits}
        return {"kind": "variant", "id": name, "meaning": variant.description, **stated}
    return None
