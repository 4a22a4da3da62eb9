"""Options -> target, packs and keys, checked before anything is started or sent. May not send."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from harness.language.behaviours import BY_ID
from harness.load import load_packs, load_target, no_tier, with_claims
from harness.model import Endpoint, Pack, Pairs, Target, Tier
from harness.model.protocol import PROTOCOLS
from harness.plan.claims import unclaimable
from harness.run import reference_gateway
from harness.testbed.keys import PROVIDER_KEY
from harness.util.errors import FileProblems, UsageError

UPSTREAM: Final = "upstream"  # the opt-in feature of cases that need a provider of ours
UNSEEN: Final = "the feature upstream needs --upstream HOST:PORT, and the gateway pointed there"


@dataclass(frozen=True, slots=True)
class Options:
    """What a run was asked for; every field has the command line's name."""

    target: str = "builtin"
    packs: tuple[str, ...] = ()
    model: str = ""
    base_url: str = ""
    api_key_env: str = ""
    headers: Pairs = ()
    features: tuple[str, ...] = ()
    concurrency: int = 0
    rpm: float = 0.0
    tpm: float = 0.0
    tier: str = ""
    timeout: float = 60.0
    upstream: str = ""
    claims: str = ""
    max_requests: int = 0
    max_tokens: float = 0.0
    max_seconds: float = 0.0
    dry_run: bool = False
    repeat: int = 1
    resume: bool = False


@dataclass(frozen=True, slots=True)
class RunInputs:
    """What a run needs to know before it begins."""

    target: Target
    packs: Mapping[str, Pack]
    keys: Mapping[str, str]


def opened(options: Options) -> RunInputs:
    """Raises UsageError, and FileProblems with every mistake in the files."""
    target = load_target(options.target)
    packs = load_packs(options.packs or target.packs, tuple(BY_ID))
    for pack in packs:
        check_protocols(target, pack)
    known = {name for pack in packs for name in pack.features}
    target = claimed(target, options.claims, packs)
    for feature in options.features:
        if feature not in known:
            raise UsageError(f"no feature `{feature}`; these packs have {', '.join(sorted(known))}")
    if UPSTREAM in (*target.features, *options.features) and not options.upstream:
        raise UsageError(UNSEEN)
    keys = (
        dict(reference_gateway.KEYS)
        if target.builtin or options.dry_run
        else read_keys(target, options)
    )
    if options.upstream:
        keys["provider"] = PROVIDER_KEY
    return RunInputs(apply_options(target, options), {pack.id: pack for pack in packs}, keys)


def claimed(target: Target, path: str, packs: Sequence[Pack]) -> Target:
    """The target with what a file claims of it. Raises FileProblems for rows that nobody has."""
    found = with_claims(target, path) if path else target
    problems = unclaimable(found, {pack.id: pack for pack in packs})
    if problems:
        raise FileProblems(problems)
    return found


def check_protocols(target: Target, pack: Pack) -> None:
    """Raises UsageError for a pack whose protocols the target does not all have."""
    for protocol in pack.protocols:
        if protocol not in target.endpoints:
            raise UsageError(
                f"the pack {pack.id} speaks the {protocol} protocol, and the target {target.name} "
                f"has no such endpoint; add it to `endpoints` in its file, or leave the pack out"
            )


def needs_reference_gateway(options: Options) -> bool:
    """Whether the builtin gateway is to be started. Raises UsageError for an unknown target."""
    return not options.base_url and load_target(options.target).builtin


def read_keys(target: Target, options: Options) -> dict[str, str]:
    """Keys by use, read from the variables that are named. Raises UsageError for an unset one."""
    names = {"key": options.api_key_env or target.key_env}
    if target.features or options.features:  # only an opt-in feature has a use for it
        names["limited"] = target.limited_key_env
    keys = {}
    for use, name in names.items():
        if not name:
            continue
        keys[use] = os.environ.get(name, "").strip()
        if not keys[use]:
            raise UsageError(
                f"the environment variable {name} is not set: it is to hold the API key"
            )
        if not keys[use].isascii() or not keys[use].isprintable() or " " in keys[use]:
            raise UsageError(
                f"the environment variable {name} does not hold a key: no header can carry it"
            )
    return keys


def apply_options(target: Target, options: Options) -> Target:
    """The target with the command line's words over its own. Raises UsageError."""
    behind = (UPSTREAM,) if options.upstream else ()
    for protocol in target.endpoints:
        if not (options.model or target.endpoints[protocol].model):
            raise UsageError(f"the {protocol} endpoint needs a model: give --model NAME")
    allowed = rate_limits(target, options.tier)
    return replace(
        target,
        endpoints={
            protocol: apply_to_endpoint(endpoint, options)
            for protocol, endpoint in target.endpoints.items()
        },
        features=(*target.features, *options.features, *behind),
        upstream=bool(options.upstream),
        rpm=options.rpm or allowed.rpm,
        tpm=options.tpm or allowed.tpm,
        concurrency=options.concurrency or allowed.concurrency,
    )


def rate_limits(target: Target, tier: str) -> Tier:
    """The target's own limits, or those of the tier that is asked for. Raises UsageError."""
    if not tier:
        return Tier(target.rpm, target.tpm, target.concurrency)
    if tier not in target.tiers:
        raise UsageError(f"the target {target.name} has {no_tier(tier, target.tiers)}")
    return target.tiers[tier]


def apply_to_endpoint(endpoint: Endpoint, options: Options) -> Endpoint:
    """A header of the command line stands for the front's own of that name."""
    named = {name.lower() for name, _ in options.headers}
    kept = tuple(pair for pair in endpoint.headers if pair[0].lower() not in named)
    return replace(
        endpoint,
        base_url=based(endpoint.protocol, options.base_url) or endpoint.base_url,
        model=options.model or endpoint.model,
        headers=(*kept, *options.headers),
    )


def at(target: Target, base_url: str) -> Target:
    """The same target at another address."""
    endpoints = {
        name: replace(endpoint, base_url=based(name, base_url))
        for name, endpoint in target.endpoints.items()
    }
    return replace(target, endpoints=endpoints)


def based(protocol: str, url: str) -> str:
    return PROTOCOLS[protocol].base_url(url)
