"""Names and descriptions of the gateways that `harness serve` runs: mutants and variants."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
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


def together(changes: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the overrides of several gateways as one; those of one hook apply in order."""
    merged = dict[str, Any]()
    for change in changes:
        for hook, override in change.items():
            earlier = merged.get(hook)
            merged[hook] = chained(earlier, override) if earlier else override
    return merged


def chained(first: Callable[..., Any], second: Callable[..., Any]) -> Callable[..., Any]:
    """Return an override that has the effect of two: the second gets the first as the original."""
    return lambda original, *arguments: second(partial(first, original), *arguments)


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
