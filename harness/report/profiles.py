"""The result of each pack for the profiles `core` and `extended`.

A profile's result depends only on the cases that the pack's version requires: a case that was
added later counts in the totals, not here. If a version is not frozen, all cases of the pack count.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from harness.model import OUTCOMES, Pack
from harness.report.case_types import CaseData, CaseIdentity, UnselectedData
from harness.report.credit import POSITIVE, all_refused, is_demonstrated, is_refused
from harness.report.data import PackKeys, ProfileData, ProfileName, Result

TIERS: Final[Mapping[ProfileName, Sequence[str]]] = {
    "core": ("core",),
    "extended": ("extended", "opt-in"),
}
MISSING: Final = "missing"
CLAIMED: Final = "claimed"
Features = dict[str, list[str]]


def profiles(
    packs: Iterable[Pack], cases: Sequence[CaseData], unselected: Sequence[UnselectedData]
) -> list[ProfileData]:
    """The profiles of each pack that require a case."""
    results = []
    for pack in packs:
        judged = {case["id"]: case for case in cases if case["pack"] == pack.id}
        own = [case for case in (*cases, *unselected) if case["pack"] == pack.id]
        by_name = {name: required_cases(pack, name, own) for name in TIERS}
        results += [profile(pack, name, ids, judged) for name, ids in by_name.items() if ids]
    return results


def required_cases(pack: Pack, name: ProfileName, cases: Iterable[CaseIdentity]) -> Features:
    """The profile's features, and the ids of the required cases of each."""
    features: Features = {}
    if pack.frozen is not None:
        for tier in TIERS[name]:
            for feature, ids in pack.frozen.profiles.get(tier, {}).items():
                features.setdefault(feature, []).extend(ids)
        return features
    for case in cases:
        if case["tier"] in TIERS[name]:
            features.setdefault(case["feature"], []).append(case["id"])
    return features


def case_status(case: CaseData) -> str:
    """The case's outcome, or `claimed` if the target only declared a deviation."""
    claimed = any(finding["rule"] == "claim.deviates" for finding in case["findings"])
    return CLAIMED if claimed and case["outcome"] in POSITIVE else case["outcome"]


def profile(
    pack: Pack, name: ProfileName, features: Features, judged: Mapping[str, CaseData]
) -> ProfileData:
    """Return the result of a profile. Core features are required, extended ones only if claimed."""
    by_feature = statuses_by_feature(features, judged)
    absent = [feature for feature, statuses in by_feature.items() if is_absent(statuses, name)]
    claimed = [feature for feature in by_feature if feature not in absent]
    passed = [feature for feature in claimed if {*by_feature[feature]} <= {*POSITIVE}]
    refused = [each for each in passed if is_feature_refused(name, features[each], judged)]
    answered = [feature for feature in passed if feature not in refused]
    shown = [each for each in answered if is_demonstrated(cases_of(features[each], judged))]
    required = [*by_feature] if name == "core" else claimed
    statuses = [status for feature in required for status in by_feature[feature]]
    complete = answered and claimed == passed and not (name == "core" and absent)
    positive: Result = "conformant" if complete else "partial"
    return {
        **pack_keys(pack, name),
        "result": "non-conformant" if "fail" in statuses else positive,
        "required": len(statuses),
        "totals": count_statuses(statuses) | count_refused(features, required, judged),
        "claimed": claimed,
        "shown": shown,
        "refused": refused,
        "not_claimed": absent,
    }


def cases_of(ids: Iterable[str], judged: Mapping[str, CaseData]) -> list[CaseData]:
    return [judged[case] for case in ids if case in judged]


def statuses_by_feature(features: Features, judged: Mapping[str, CaseData]) -> dict[str, list[str]]:
    return {
        feature: [case_status(judged[case]) if case in judged else MISSING for case in ids]
        for feature, ids in features.items()
    }


def pack_keys(pack: Pack, name: ProfileName) -> PackKeys:
    digest = pack.frozen.digest if pack.frozen else ""
    return {"pack": pack.id, "version": pack.version, "profile": name, "requirements": digest}


def count_refused(
    features: Features, required: Iterable[str], judged: Mapping[str, CaseData]
) -> dict[str, int]:
    """Return the number of positive cases that were only refused, if there are any."""
    ids = [case for feature in required for case in features[feature]]
    number = sum(map(is_refused, cases_of(ids, judged)))
    return {"refused": number} if number else {}


def is_feature_refused(
    name: ProfileName, cases: Iterable[str], judged: Mapping[str, CaseData]
) -> bool:
    """Whether a feature is not shown because the target refused it, which is permitted.

    Such a feature does not lower the result of its profile.
    A feature beyond core is one thing, of which no row may be missing, such as thinking.
    """
    by_row: dict[str, list[CaseData]] = {}
    for case in cases_of(cases, judged):
        by_row.setdefault("" if name == "core" else case["row"], []).append(case)
    return any(map(all_refused, by_row.values()))


def count_statuses(statuses: Sequence[str]) -> dict[str, int]:
    totals = {outcome: statuses.count(outcome) for outcome in (*OUTCOMES, MISSING)}
    totals["warn"] += statuses.count(CLAIMED)
    return totals


def is_absent(statuses: Sequence[str], name: ProfileName) -> bool:
    """Whether the target lacks a feature, or an extended feature was not selected.

    Core features cannot be left unclaimed: an absent core case counts as missing.
    """
    absent = "skip" in statuses or (name != "core" and set(statuses) == {MISSING})
    return absent and "fail" not in statuses


def overall_result(profiles: Iterable[ProfileData]) -> Result:
    """The result over all profiles: every core profile is conformant, and nothing fails."""
    results = {(each["profile"], each["result"]) for each in profiles}
    if any(result == "non-conformant" for _, result in results):
        return "non-conformant"
    core = {result for name, result in results if name == "core"}
    return "conformant" if core == {"conformant"} else "partial"
