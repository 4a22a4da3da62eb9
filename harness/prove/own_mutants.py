"""The mutants of a run of mutation testing, and the providers that they need behind the gateway."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from harness.load.mutants import OwnGateway, load_mutants, load_overrides
from harness.prove.providers import ACROSS, SAME_RESPONSES
from harness.testbed.base import Mutant
from harness.testbed.mutants.upstream import NEEDED, UPSTREAM_MUTANTS
from harness.testbed.variants import VARIANTS
from harness.util.errors import UsageError

UPSTREAM_MUTANT_IDS: Final = {mutant.id for mutant in UPSTREAM_MUTANTS}
# The providers for mutants of a file, by the protocol of the case and that of the changed client.
# Between the other two, the gateway has providers of both, and translates.
BEHIND: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    ("openai", "openai"): ("openai",),
    ("anthropic", "anthropic"): ("anthropic",),
    ("responses", "openai"): ("openai",),
    ("responses", "responses"): SAME_RESPONSES,
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
    if mutant.id in UPSTREAM_MUTANT_IDS:
        return NEEDED.get(mutant.id, ACROSS)
    changed = (hook.split(".") for hook in mutant.override if hook.startswith("forward."))
    sides = ((protocol, names[1]) for names in changed)
    return next((BEHIND[side] for side in sides if side in BEHIND), ACROSS)
