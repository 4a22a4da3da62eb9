"""The mutants of a run of mutation testing, and the providers that they need behind the gateway."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from harness.load.mutants import OwnGateway, load_mutants, load_overrides
from harness.prove.providers import ACROSS
from harness.testbed.base import Mutant
from harness.testbed.mutants.upstream import SAME_OPENAI, SAME_PROTOCOL, UPSTREAM_MUTANTS
from harness.testbed.variants import VARIANTS
from harness.util.errors import UsageError

UPSTREAM_MUTANT_IDS: Final = {mutant.id for mutant in UPSTREAM_MUTANTS}
# The protocol of the provider that a mutant needs, which is the caller's.
PROVIDER_OF: Final = {
    **{mutant.id: "anthropic" for mutant in SAME_PROTOCOL},
    **{mutant.id: "openai" for mutant in SAME_OPENAI},
}


def with_own(shipped: Iterable[Mutant], file: str, cases: Mapping[str, str]) -> tuple[Mutant, ...]:
    """Return the mutants that ship, and those of a file; none of a file without a name.

    Args:
        cases: The protocols of all cases by their full names.

    Raises:
        FileProblems: The file has mistakes, or names a case that there is not.
        UsageError: A mutant of the file has the id of one that ships.
    """
    shipped = tuple(shipped)
    own = load_mutants(Path(file), cases) if file else ()
    ids = {mutant.id for mutant in shipped}
    for mutant in own:
        if mutant.id in ids:
            raise UsageError(f"{file}: `{mutant.id}` is a mutant that ships; choose another id")
    return shipped + own


def load_own(file: str) -> OwnGateway:
    """Return what a file states about the reference gateway; nothing without a file."""
    ids = {variant.id for variant in VARIANTS}
    return load_overrides(Path(file), ids) if file else OwnGateway()


def is_behind(mutant: Mutant) -> bool:
    """Whether a mutant differs from the right gateway only before a provider."""
    forwards = any(hook.startswith("forward.") for hook in mutant.override)
    return forwards or mutant.id in UPSTREAM_MUTANT_IDS


def providers_for(mutant: Mutant, protocol: str = "") -> tuple[str, ...]:
    """Return the protocols of the providers that a mutant needs behind it.

    Args:
        protocol: That of the mutant's case; needed for mutants of a file.
    """
    if mutant.id in PROVIDER_OF:
        return (PROVIDER_OF[mutant.id],)
    to_own = any(hook.startswith(f"forward.{protocol}.") for hook in mutant.override)
    is_own = mutant.id not in UPSTREAM_MUTANT_IDS
    return (protocol,) if is_own and to_own else ACROSS
