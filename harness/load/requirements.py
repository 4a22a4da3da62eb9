"""requirements/VERSION.yaml <-> the cases that a version of a pack requires. May not judge.

Such a file is written once, by `harness freeze`. What a certificate of that version rests on is
then the same for good: a case that is added later joins the requirements of the next version.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from harness.load import files
from harness.load.files import Problems
from harness.model import Case, Pack, Place
from harness.model.cases import Requirements

TIERS: Final = ("core", "extended", "opt-in")
HEAD: Final = (
    "# Written by `harness freeze`: the cases that this version requires. A case that is added\n"
    "# later is no part of it; when this list has to change, the pack gets a new version.\n"
)


def path_of(folder: str | Path, version: str) -> Path:
    return Path(folder) / "requirements" / f"{version}.yaml"


def requirements_of(
    folder: Path, name: str, version: str, problems: Problems
) -> Requirements | None:
    """None where this version is not frozen."""
    path = path_of(folder, version)
    if not path.is_file():
        return None
    file = files.read(path)
    right = not file.problems and files.check(file, "requirements")
    if right:
        for key, said in (("pack", name), ("version", version)):
            if file.data[key] != said:
                file.wrong(f"/{key}", f"this is `{file.data[key]}`, and the pack is `{said}`")
    problems += file.problems
    if file.problems:
        return None
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    profiles = {
        tier: {feature: tuple(cases) for feature, cases in features.items()}
        for tier, features in file.data["profiles"].items()
    }
    return Requirements(digest=f"sha256:{digest}", profiles=profiles)


def profiles_of(pack: Pack) -> dict[str, dict[str, list[str]]]:
    """All cases of a pack as they are now: tier -> feature -> ids."""
    made: dict[str, dict[str, list[str]]] = {tier: {} for tier in TIERS}
    for case in pack.cases:
        made[tier_of(pack.features, case)].setdefault(case.feature, []).append(case.id)
    return {tier: features for tier, features in made.items() if features}


def tier_of(features: Mapping[str, str], case: Case) -> str:
    return features.get(case.feature, "core" if case.feature == "core" else "extended")


def text_of(pack: Pack) -> str:
    """One case a line, quoted: `n` alone is no text to YAML."""
    lines = [f"pack: {pack.id}", f"version: {pack.version}", "profiles:"]
    for tier, features in profiles_of(pack).items():
        lines.append(f"  {tier}:")
        for feature, cases in features.items():
            lines.append(f"    {feature}:")
            lines += [f"      - {json.dumps(case)}" for case in cases]
    return HEAD + "\n".join(lines) + "\n"


def amiss(pack: Pack) -> Iterator[tuple[Place, str]]:
    """What the version that is frozen requires, and the pack no longer has as it was."""
    if pack.frozen is None:
        return
    place = Place(files.shown(path_of(pack.folder, pack.version)), 1)
    now = {
        case: (tier, feature)
        for tier, features in profiles_of(pack).items()
        for feature, cases in features.items()
        for case in cases
    }
    for tier, feature, case in required(pack.frozen):
        if case not in now:
            yield place, f"`{case}` is required and has gone: keep it, or raise the version"
        elif now[case] != (tier, feature):
            moved = f"`{case}` is required as {tier}, {feature}, and now is {', '.join(now[case])}"
            yield place, f"{moved}: put it back, or raise the version"


def required(frozen: Requirements) -> Iterator[tuple[str, str, str]]:
    """(tier, feature, case)."""
    for tier, features in frozen.profiles.items():
        for feature, cases in features.items():
            yield from ((tier, feature, case) for case in cases)


def later(pack: Pack) -> Sequence[str]:
    """The cases that were added since this version was frozen."""
    if pack.frozen is None:
        return ()
    known = {case for _, _, case in required(pack.frozen)}
    return [case.id for case in pack.cases if case.id not in known]
