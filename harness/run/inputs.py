"""Target, packs and keys of a run, read and checked before anything is started or sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from harness.fire.request import NONCE
from harness.language.behaviours import BY_ID
from harness.load.absent_features import without_absent_features
from harness.load.deviations import with_claims
from harness.load.packs import load_packs
from harness.load.targets import load_target, unknown_tier
from harness.model import Call, Endpoint, Pack, Target
from harness.model.options import Options
from harness.model.protocol import PROTOCOLS
from harness.plan.claims import unclaimable
from harness.run import reference_gateway
from harness.run.caller_keys import check_options, check_target, read_keys
from harness.run.chosen_packs import pack_names, packs_of_cases
from harness.run.environment import with_key_variable
from harness.run.features import UPSTREAM, check_features
from harness.run.inquiry import Inquiry, sentence_of_models
from harness.run.pack_checks import check_packs
from harness.testbed.keys import PROVIDER_KEY
from harness.util.errors import FileProblems, UsageError


class RunInputs(NamedTuple):
    """The files and keys that a run reads. `keys` are API keys by their use in cases."""

    target: Target
    packs: Mapping[str, Pack]
    keys: Mapping[str, str]


def read_inputs(options: Options, may_send: bool = False) -> RunInputs:
    """Read and check the files and keys of a run.

    Args:
        may_send: Whether the target may be asked for its models if none is given.

    Raises:
        UsageError: The options do not fit each other or the files.
        FileProblems: With every mistake in the files.
    """
    check_options(options)
    target = load_target(options.target)
    loaded = load_packs(pack_names(options, target), tuple(BY_ID))
    check_packs(loaded)
    packs = without_absent_features(loaded)
    for pack in packs:
        check_protocols(target, pack)
    target = apply_claims(target, options.claims, packs)
    check_features(options, target, packs)
    target = reference_gateway.select_root(target, packs) if target.builtin else target
    target, keys = find_keys(target, packs, options)
    chosen = packs_of_cases(packs, options.cases)
    if may_send:
        require_model(Inquiry(options, target, keys), chosen)
    target = apply_options(target, options)
    check_target(target)
    return RunInputs(target, {pack.id: pack for pack in chosen}, keys)


def find_keys(
    target: Target, packs: Sequence[Pack], options: Options
) -> tuple[Target, dict[str, str]]:
    """Return the target, with the variable of its key, and the keys. Raises UsageError."""
    if target.builtin or options.dry_run:
        keys = dict(reference_gateway.KEYS)
    else:
        target = with_key_variable(target, packs, options)
        keys = read_keys(target, options)
    return target, keys | ({"provider": PROVIDER_KEY} if options.upstream else {})


def require_model(inquiry: Inquiry, packs: Sequence[Pack]) -> None:
    """Raises UsageError, with the models of the target, if none is given for a used protocol."""
    for protocol in dict.fromkeys(protocol for pack in packs for protocol in pack.protocols):
        endpoint = inquiry.target.endpoints[protocol]
        if not (inquiry.options.model or endpoint.model or inquiry.target.builtin):
            names = inquiry.models(Call(protocol, "GET", ""))
            more = f"; {sentence_of_models(names)}" if names else ""
            raise UsageError(f"the {protocol} endpoint needs a model: give --model NAME{more}")


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
        insecure=options.insecure,
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
