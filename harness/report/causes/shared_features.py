"""The features of requests that explain faults: what all of them have, and no good one has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from harness.report.causes.members import Member
from harness.report.causes.request_features import feature_name

Features = Mapping[str, frozenset[str]]  # by protocol
# What a stream has in common with all streams is the cause only if nothing else is.
MODE: Final = ("stream",)


def explain(
    members: Sequence[Member], good: frozenset[str], fewest: int = 2
) -> tuple[list[tuple[str, list[Member]]], list[Member]]:
    """Return the names that explain parts of some failures, and the failures that are left.

    A name is that of a member, an endpoint or a header with something that no good request has.
    The one with most cases comes first; its failures are taken away, and so on.

    Args:
        good: All features of requests that were answered as they should be.
        fewest: The number of cases that a name must have to be the cause.
    """
    parts: list[tuple[str, list[Member]]] = []
    rest = list(members)
    while name := best_name(rest, good):
        having = [member for member in rest if name in names(member, good)]
        if len({member.case_name for member in having}) < fewest:
            break
        parts.append((name, having))
        rest = [member for member in rest if name not in names(member, good)]
    return parts, rest


def names(member: Member, good: frozenset[str]) -> set[str]:
    return {feature_name(feature) for feature in member.request - good}


def best_name(members: Sequence[Member], good: frozenset[str]) -> str:
    """Return the name that most cases have, or "".

    Of several, one that the answers mention is best, then a short one: `stream_options` rather
    than `stream_options.include_usage`.
    """
    cases: dict[str, set[str]] = {}
    for member in members:
        for name in names(member, good):
            cases.setdefault(name, set()).add(member.case_name)
    words = " ".join({f"{m.error['message']} {m.error['provider']}".lower() for m in members})

    def preference(name: str) -> tuple[int, bool, bool, int, int, str]:
        last = name.rpartition(".")[2].lower()
        depth = name.count(".") + name.count("[*]")
        return -len(cases[name]), last not in words, name in MODE, depth, len(name), name

    return min(cases, key=preference, default="")


def features_of(name: str, members: Sequence[Member], good: frozenset[str]) -> list[str]:
    """Return the features with a name that the requests of some failures have.

    If no good request has the member at all, the type of its value is nothing that explains it.
    """
    every = {f for member in members for f in member.request - good if feature_name(f) == name}
    if name in every:
        return sorted(f for f in every if f.startswith(f"{name}: ")) or [name]
    return sorted(every)
