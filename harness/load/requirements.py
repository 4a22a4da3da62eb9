"""Reads and writes requirements/VERSION.yaml: the cases that a version of a pack requires.

`harness freeze` writes the file once per version. A certificate of that version always rests on
the same cases; a case that is added later belongs to the requirements of the next version.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from harness.load import files
from harness.load.files import Problems
from harness.model import Pack, Place
from harness.model.cases import Requirements

Profiles = Mapping[str, Mapping[str, Sequence[str]]]  # case ids by tier and feature
TIERS: Final = ("core", "extended", "opt-in")
HEAD: Final = (
    "# Written by `harness freeze`: the cases that this version requires. A case that is added\n"
    "# later is no part of it; when this list has to change, the pack gets a new version.\n"
)


def requirements_path(folder: str | Path, version: str) -> Path:
    """Return the path of the requirements of a version."""
    return Path(folder) / "requirements" / f"{version}.yaml"


def load_requirements(
    folder: Path, name: str, version: str, problems: Problems
) -> Requirements | None:
    """Return what a version of a pack requires; None if it is not frozen. Adds to `problems`."""
    path = requirements_path(folder, version)
    if not os.path.lexists(path):
        return None
    file = files.read(path, folder)
    if not file.problems and files.validate(file, "requirements"):
        for key, expected in (("pack", name), ("version", version)):
            if file.data[key] != expected:
                message = f"`{file.data[key]}` should be `{expected}`, as in pack.yaml"
                file.add_problem(f"/{key}", message)
    problems += file.problems
    if file.problems:
        return None
    digest = hashlib.sha256(path.read_bytes()).hexdigest()  # `files.read` has checked it
    return Requirements(f"sha256:{digest}", file.data["profiles"])


def current_profiles(pack: Pack) -> dict[str, dict[str, list[str]]]:
    """Return the ids of the pack's present cases by tier and feature."""
    profiles: dict[str, dict[str, list[str]]] = {tier: {} for tier in TIERS}
    tiers = {"core": "core", **pack.features}
    for case in pack.cases:
        tier = tiers.get(case.feature, "extended")
        profiles[tier].setdefault(case.feature, []).append(case.id)
    return {tier: features for tier, features in profiles.items() if features}


def requirements_text(pack: Pack) -> str:
    """Return the text of the requirements file for the pack's present cases."""
    lines = [f"pack: {pack.id}", f"version: {pack.version}", "profiles:"]
    for tier, features in current_profiles(pack).items():
        lines.append(f"  {tier}:")
        for feature, cases in features.items():
            lines.append(f"    {feature}:")
            # Ids are quoted because YAML 1.1 reads some of them, such as `n`, as booleans.
            lines += [f"      - {json.dumps(case)}" for case in cases]
    return HEAD + "\n".join(lines) + "\n"


def requirement_problems(pack: Pack) -> Iterator[tuple[Place, str]]:
    """Yield every required case that the pack no longer has in the same place."""
    if pack.frozen is None:
        return
    place = Place(files.display_path(requirements_path(pack.folder, pack.version)), 1)
    current = {case: names for *names, case in cases_in(current_profiles(pack))}
    for tier, feature, case in cases_in(pack.frozen.profiles):
        if case not in current:
            yield place, f"the required case `{case}` is gone: restore it, or raise the version"
        elif current[case] != [tier, feature]:
            now = ", ".join(current[case])
            message = f"`{case}` is required as {tier}, {feature}, but is {now} now"
            yield place, f"{message}: change it back, or raise the version"


def cases_in(profiles: Profiles) -> Iterator[tuple[str, str, str]]:
    """Yield (tier, feature, case id) of every case in some profiles."""
    for tier, features in profiles.items():
        for feature, cases in features.items():
            yield from ((tier, feature, case) for case in cases)


def cases_added_since(pack: Pack) -> Sequence[str]:
    """Return the ids of the cases that were added after this version was frozen."""
    if pack.frozen is None:
        return ()
    required_ids = {case for _, _, case in cases_in(pack.frozen.profiles)}
    return [case.id for case in pack.cases if case.id not in required_ids]
