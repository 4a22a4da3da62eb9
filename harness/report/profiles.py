"""Packs, what was judged -> the result per profile, `core` and `extended`. May not load anything.

A profile's result rests on the cases that its pack's version requires, and on no others: a case
that was added later counts in the totals, and not here. Where a version is not frozen, all cases
of the pack count.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from harness.model import OUTCOMES, Pack
from harness.report.entries import Entry

TIERS: Final[Mapping[str, Sequence[str]]] = {"core": ("core",), "extended": ("extended", "opt-in")}
SHOWN: Final = ("pass", "warn")
MISSING: Final = "missing"
Features = dict[str, list[str]]


def profiles(
    packs: Iterable[Pack], cases: Sequence[Entry], left_out: Sequence[Entry]
) -> list[Entry]:
    """Those of each pack that have a case."""
    found = []
    for pack in packs:
        judged = {case["id"]: word(case) for case in cases if case["pack"] == pack.id}
        known = [case for case in (*cases, *left_out) if case["pack"] == pack.id]
        for name in TIERS:
            features = required(pack, name, known)
            if features:
                found.append(profile(pack, name, features, judged))
    return found


def required(pack: Pack, name: str, known: Iterable[Entry]) -> Features:
    """The profile's features, and the cases of each."""
    made: Features = {}
    if pack.frozen is not None:
        for tier in TIERS[name]:
            for feature, cases in pack.frozen.profiles.get(tier, {}).items():
                made.setdefault(feature, []).extend(cases)
        return made
    for case in known:
        if case["tier"] in TIERS[name]:
            made.setdefault(case["feature"], []).append(case["id"])
    return made


def word(case: Entry) -> str:
    """Its outcome; a deviation that was only claimed is not shown."""
    claimed = any(finding["rule"] == "claim.deviates" for finding in case["findings"])
    return "claimed" if claimed and case["outcome"] in SHOWN else str(case["outcome"])


def profile(pack: Pack, name: str, features: Features, judged: Mapping[str, str]) -> Entry:
    """`not_claimed`: the target says that it lacks it, or nobody asked for it.

    What is core is required all the same; of what is extended nothing is, then.
    """
    words = {
        feature: [judged.get(case, MISSING) for case in cases]
        for feature, cases in features.items()
    }
    absent = [feature for feature, said in words.items() if unclaimed(said, name)]
    claimed = [feature for feature in words if feature not in absent]
    shown = [feature for feature in claimed if all(said in SHOWN for said in words[feature])]
    due = [feature for feature in words if name == "core" or feature in claimed]
    said = [one for feature in due for one in words[feature]]
    return {
        "pack": pack.id,
        "version": pack.version,
        "profile": name,
        "requirements": pack.frozen.digest if pack.frozen else "",
        "result": result(name, said, claimed, shown, absent),
        "required": len(said),
        "totals": {**{one: said.count(one) for one in OUTCOMES}, **counted(said)},
        "claimed": claimed,
        "shown": shown,
        "not_claimed": absent,
    }


def counted(said: Sequence[str]) -> dict[str, int]:
    return {"warn": said.count("warn") + said.count("claimed"), MISSING: said.count(MISSING)}


def unclaimed(said: Sequence[str], name: str) -> bool:
    """Of what is core nobody may be silent: that is missing, and not unclaimed."""
    absent = "skip" in said or (name != "core" and set(said) == {MISSING})
    return absent and "fail" not in said


def result(name: str, said: Sequence[str], *lists: Sequence[str]) -> str:
    """A fail counts wherever it is. Where nothing at all is claimed, nothing was shown."""
    claimed, shown, absent = lists
    if "fail" in said:
        return "non-conformant"
    whole = claimed == shown and bool(claimed) and not (name == "core" and absent)
    return "conformant" if whole else "partial"


def overall(found: Iterable[Mapping[str, Any]]) -> str:
    """Of all profiles: core must be whole, and nothing may fail."""
    known = list(found)
    if any(one["result"] == "non-conformant" for one in known):
        return "non-conformant"
    core = [one["result"] for one in known if one["profile"] == "core"]
    return "conformant" if core and set(core) == {"conformant"} else "partial"
