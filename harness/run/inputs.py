"""Target, packs and keys of a run, read and checked before anything is started or sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from harness.fire.request import NONCE
from harness.language.behaviours import BY_ID
from harness.load.absent_features import without_absent_features
from harness.load.deviations import with_claims
from harness.load.pack_folders import folders_with_cases, pack_lineage, with_sdk_packs
from harness.load.packs import load_packs
from harness.load.targets import load_target, unknown_tier
from harness.model import Endpoint, Pack, Plan, Target
from harness.model.options import Options
from harness.model.protocol import PROTOCOLS
from harness.plan.claims import unclaimable
from harness.run import reference_gateway
from harness.run.caller_keys import check_options, check_target, read_keys
from harness.run.pack_checks import check_packs
from harness.testbed.keys import PROVIDER_KEY
from harness.util.errors import FileProblems, UsageError

UPSTREAM: Final = "upstream"  # the opt-in feature of cases that need the mock provider
NEEDS_UPSTREAM: Final = (
    "the feature upstream needs --upstream HOST:PORT, and a gateway that calls that address"
)


class RunInputs(NamedTuple):
    """The files and keys that a run reads. `keys` are API keys by their use in cases."""

    target: Target
    packs: Mapping[str, Pack]
    keys: Mapping[str, str]


def read_inputs(options: Options) -> RunInputs:
    """Raises UsageError, and FileProblems with every mistake in the files."""
    check_options(options)
    target = load_target(options.target)
    loaded = load_packs(pack_names(options, target), tuple(BY_ID))
    check_packs(loaded)
    packs = without_absent_features(loaded)
    for pack in packs:
        check_protocols(target, pack)
    features = {name for pack in packs for name in pack.features}
    target = apply_claims(target, options.claims, packs)
    for feature in options.features:
        if feature not in features:
            names = ", ".join(sorted(features))
            raise UsageError(f"no feature `{feature}`; these packs have {names}")
    if UPSTREAM in (*target.features, *options.features) and not options.upstream:
        raise UsageError(NEEDS_UPSTREAM)
    target = reference_gateway.select_root(target, packs) if target.builtin else target
    offline = target.builtin or options.dry_run
    keys = dict(reference_gateway.KEYS) if offline else read_keys(target, options)
    if options.upstream:
        keys["provider"] = PROVIDER_KEY
    chosen = packs_of_cases(packs, options.cases)
    target = apply_options(target, options)
    check_target(target)
    return RunInputs(target, {pack.id: pack for pack in chosen}, keys)


def pack_names(options: Options, target: Target) -> tuple[str, ...]:
    """Return the packs of the options, or of the target; with --case only what these need."""
    names = options.packs or target.packs
    names = with_sdk_packs(names) if options.clients else names
    if not options.cases:
        return names
    return tuple(map(str, folders_with_cases(options.cases, pack_lineage(names))))


def packs_of_cases(packs: Sequence[Pack], names: Sequence[str]) -> Sequence[Pack]:
    """Return what the named cases need: their packs and those these extend, with their rows."""
    chosen = [c for pack in packs for c in pack.cases if {c.id, c.name} & {*names}]
    if not chosen:
        return packs
    own = {case.pack for case in chosen}
    needed = own.union(*(pack.extends for pack in packs if pack.id in own))
    rows = {row for case in chosen for row in (case.row, *case.also)}
    return [
        replace(pack, rows=tuple(row for row in pack.rows if row.id in rows))
        for pack in packs
        if pack.id in needed
    ]


def apply_claims(target: Target, path: str, packs: Sequence[Pack]) -> Target:
    """Return the target with the claims of a file. Raises FileProblems for unknown rows."""
    target = with_claims(target, path) if path else target
    if problems := unclaimable(target, {pack.id: pack for pack in packs}):
        raise FileProblems(problems)
    return target


def check_protocols(target: Target, pack: Pack) -> None:
    """Raises UsageError if the target lacks a protocol of the pack."""
    for protocol in pack.protocols:
        if protocol not in target.endpoints:
            raise UsageError(
                f"the pack {pack.id} speaks the {protocol} protocol, and the target {target.name} "
                f"has no such endpoint; add it to `endpoints` in its file, or leave the pack out"
            )


def check_upstream(plans: Iterable[Plan], target: Target) -> None:
    """Raises UsageError for a case that needs the mock provider in a run without it."""
    for plan in plans:
        if plan.case.feature == UPSTREAM and not target.upstream:
            raise UsageError(f"{plan.case.name}: {NEEDS_UPSTREAM}")


def needs_reference_gateway(options: Options) -> bool:
    """Whether the run starts the reference gateway. Raises UsageError for an unknown target."""
    return not options.base_url and load_target(options.target).builtin


def apply_options(target: Target, options: Options) -> Target:
    """Return the target with the options merged over its own values. Raises UsageError."""
    for protocol, endpoint in target.endpoints.items():
        if not (options.model or endpoint.model):
            raise UsageError(f"the {protocol} endpoint needs a model: give --model NAME")
    if options.tier and options.tier not in target.tiers:
        unknown = unknown_tier(options.tier, target.tiers)
        raise UsageError(f"the target {target.name} has {unknown}")
    allowed = target.tiers[options.tier] if options.tier else target
    upstream = (UPSTREAM,) if options.upstream else ()
    return replace(
        target,
        name=options.name or target.name,
        version=options.target_version,
        endpoints={name: merge_options(e, options) for name, e in target.endpoints.items()},
        features=(*target.features, *options.features, *upstream),
        upstream=bool(options.upstream),
        rpm=options.rpm or allowed.rpm,
        tpm=options.tpm or allowed.tpm,
        concurrency=options.concurrency or allowed.concurrency,
    )


def merge_options(endpoint: Endpoint, options: Options) -> Endpoint:
    """Merge the options over one endpoint; a header replaces the endpoint's header of that name."""
    given = (*options.headers, *(((NONCE, options.nonce),) if options.nonce else ()))
    replaced = {name.lower() for name, _ in given}
    kept = tuple(pair for pair in endpoint.headers if pair[0].lower() not in replaced)
    return replace(
        endpoint,
        base_url=PROTOCOLS[endpoint.protocol].base_url(options.base_url) or endpoint.base_url,
        model=options.model or endpoint.model,
        headers=(*kept, *given),
    )


def target_at(target: Target, base_url: str) -> Target:
    """Return the target with another address."""
    endpoints = {
        name: replace(endpoint, base_url=PROTOCOLS[name].base_url(base_url))
        for name, endpoint in target.endpoints.items()
    }
    return replace(target, endpoints=endpoints)
