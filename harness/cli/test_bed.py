"""Names and descriptions of the gateways that `harness serve` runs: mutants and variants."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from harness.util.errors import UsageError
from harness.util.suggestion import suggestion

if TYPE_CHECKING:
    from harness.model import Case, Pack

# The providers that a client of the forwarding can have; all for the forwarding itself.
OPTIONS_OF_CLIENTS: Final = {
    "": ("openai", "anthropic", "responses"),
    "embeddings": ("openai",),
}


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


def mutant_records(packs: Iterable[Pack], cases: Iterable[Case] | None) -> list[dict[str, Any]]:
    """Return the mutants that cases of the packs find, by case; only those of `cases` if given."""
    from harness.prove.matrix import mutants_of_cases

    protocols = {case.name: pack.protocol for pack in packs for case in pack.cases}
    home = mutants_of_cases(mutants().values(), protocols)
    order = {name: number for number, name in enumerate(protocols)}
    names = order.keys() if cases is None else {case.name for case in cases}
    return [
        {
            "kind": "mutant",
            "id": mutant.id,
            "description": mutant.description,
            "case": mutant.case,
            "rule": mutant.rule,
            "providers": [*providers_of(mutant.override)],
        }
        for mutant in sorted(home.values(), key=lambda mutant: order[mutant.case])
        if mutant.case in names
    ]


def variant_records(packs: Iterable[Pack], cases: Iterable[Case] | None) -> list[dict[str, Any]]:
    """Return the variants of the packs' protocols; with `cases`, those that affect their rows."""
    from harness.prove.matrix import matches

    spoken = {protocol for pack in packs for protocol in pack.protocols}
    rows = {f"{case.pack}/{row}" for case in cases or () for row in (case.row, *case.also)}
    records = [{"kind": "variant", **stated(record)} for record in variants().values()]
    if cases is not None:
        return [one for one in records if matches(rows, [*one["affects"], *one["not_credited"]])]
    return [one for one in records if protocols_of(variants()[one["id"]]) & spoken]


def stated(variant: Any) -> dict[str, Any]:
    """Return what a variant says about itself."""
    limits = ("affects", "causes", "not_credited")
    more = {key: [*getattr(variant, key, ())] for key in limits}
    return {"id": variant.id, "description": variant.description, **more}


def protocols_of(variant: Any) -> set[str]:
    """Return the protocols that a variant changes, by its hooks; all for its transport."""
    from harness.model.protocol import PROTOCOLS

    prefixes = {hook.rpartition(".")[0] for hook in getattr(variant, "overrides", {"both.": 0})}
    openai = {"openai"} if prefixes & {"", "chat"} else set()
    return set(PROTOCOLS) if prefixes - {"", "chat", *PROTOCOLS} else openai | prefixes


def providers_of(override: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the providers of which one must be behind a mutant to see it; () if none need be.

    The names are those of `harness serve --provider-NAME`.
    """
    clients = [hook.rpartition(".")[0].partition(".") for hook in override]
    if any(part != "forward" for part, _, _ in clients):
        return ()
    names = (OPTIONS_OF_CLIENTS.get(client, (client,)) for _, _, client in clients)
    return tuple(dict.fromkeys(name for each in names for name in each))


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
            "providers": [*providers_of(mutant.override)],
        }
    if name in variants():
        data = stated(variants()[name])
        return {"kind": "variant", "id": name, "meaning": data.pop("description"), **data}
    return None
