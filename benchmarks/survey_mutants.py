"""Counts the mutants that a survey shows: `python benchmarks/survey_mutants.py [NUMBER [SEED]]`.

Mutants are drawn at random, of all kinds. One that answers do not show is surveyed once more with
a provider behind the gateway, which is what `--upstream` does.
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from harness.load.targets import load_target
from harness.prove.own_mutants import UPSTREAM_MUTANT_IDS, providers_for
from harness.run.replay import opt_in_reason
from harness.survey.table import SurveyRow
from harness.testbed.base import Mutant
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.mutants import MUTANTS
from tests.support.surveys import packs_of, survey, survey_behind

# The protocol of each pack, and the path of the gateway that follows its document.
ENDPOINTS = {
    "openai-chat": ("openai", ""),
    "openai-compat": ("openai", "/compat"),
    "anthropic-messages": ("anthropic", ""),
}
TARGET = replace(load_target("builtin"), features=("upstream",))  # as a survey selects cases
Table = Mapping[str, SurveyRow]


@cache
def cases_of(pack: str) -> dict[str, bool]:
    """Return the cases of a pack, with whether a survey sends them."""
    protocol, _ = ENDPOINTS[pack]
    packs = [each for each in packs_of(protocol) if each.id == pack]
    return {
        case.id: not opt_in_reason(each, case.feature, TARGET)
        for each in packs
        for case in each.cases
    }


def pack_of(mutant: Mutant) -> str:
    """Return the pack of the mutant's case; "" if a survey does not read it."""
    pack, slash, case = mutant.case.rpartition("/")
    names = (pack,) if slash else ("openai-compat", "openai-chat")
    return next((name for name in names if name in ENDPOINTS and case in cases_of(name)), "")


def table(pack: str, provider: str = "", overrides: Overrides | None = None) -> Table:
    protocol, root = ENDPOINTS[pack]
    if provider:
        return survey_behind(protocol, provider, root, overrides)
    return survey(protocol, root, overrides)


right = cache(table)


def changed(mutant: Mutant, pack: str, provider: str = "") -> list[str]:
    """Return the rows whose status is not that of the right gateway."""
    before, after = right(pack, provider), table(pack, provider, mutant.override)
    keys = ("kind", "status")
    return [
        f"{name}: {row['status']}"
        for name, row in after.items()
        if [row[key] for key in keys] != [before[name][key] for key in keys]  # type: ignore[literal-required]
    ]


def where_shown(mutant: Mutant, pack: str) -> tuple[str, list[str]]:
    """Return what shows a mutant, and the changed rows; some cases are not sent by a survey."""
    if not cases_of(pack)[mutant.case.rpartition("/")[2]]:
        return "not examined", []
    rows = [] if mutant.id in UPSTREAM_MUTANT_IDS else changed(mutant, pack)
    if rows:
        return "answers", rows
    other = "openai" if ENDPOINTS[pack][0] == "anthropic" else "anthropic"
    providers = providers_for(mutant)
    rows = changed(mutant, pack, other if len(providers) > 1 else providers[0])
    return ("provider" if rows else "nothing"), rows


def main(number: int = 60, seed: int = 1) -> None:
    drawn = random.Random(seed).sample([m for m in MUTANTS if pack_of(m)], number)
    counts = Counter[str]()
    for mutant in drawn:
        shown, rows = where_shown(mutant, pack_of(mutant))
        counts[shown] += 1
        print(
            f"{mutant.id}: {shown}", *(f"  {row[:150]}" for row in rows[:3]), sep="\n", flush=True
        )
    print(f"{number} mutants, seed {seed}: {dict(counts)}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
