"""Joins groups of findings that have the same cause although they fail in unlike ways."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from harness.report.causes.group import Group
from harness.report.causes.join_errors import join_errors
from harness.report.causes.members import Member, normalise
from harness.report.causes.roots import overlaps
from harness.report.causes.shared_features import Features, explain, features_of
from harness.report.causes.topics import actual_value, row_of

BEHAVIOURS: Final = ("hoisted", "stripped", "ignored", "clamped", "honoured_or_refused")
# Features of many conversations that are no cause by themselves.
LATE: Final = "a late system message"
GENERAL: Final = ("several messages", "several system messages")
# Stream rules without which the end of an answer, or all of it, is missing.
ENDS: Final = (
    *("stream.json", "stream.framing", "stream.content-type", "stream.error", "stream.event-name"),
    *("ends early", "stream.finish-once", "stream.stop", "stream.block-open", "stream.start"),
)


def join(groups: Sequence[Group], good: Features) -> list[Group]:
    """Return the groups; those of one cause are one.

    Args:
        good: All features of requests of cases that passed, by protocol.
    """
    joined = join_provider_refusals(groups)
    joined = join_values(join_siblings(join_places(joined)))
    joined = join_broken_streams(joined)
    return join_requests(join_errors(joined), good)


def join_provider_refusals(groups: Sequence[Group]) -> list[Group]:
    """Join errors with the wrong forwarded requests that the provider refused in the same words."""
    by_words: dict[tuple[str, ...], Group] = {}
    for group in groups:
        if group.topic.kind == "forwarded":
            for text in provider_words(group):
                by_words.setdefault((*group.scope, text), group)
    kept = []
    for group in groups:
        words = provider_words(group) if group.topic.kind == "status" else []
        target = by_words.get((*group.scope, words[0])) if len(words) == 1 else None
        if target is None:
            kept.append(group)
        else:
            target.members += group.members
    return kept


def provider_words(group: Group) -> list[str]:
    """Return the messages with which the provider refused the requests of a group."""
    errors = (member.error["provider"] for member in group.members)
    return list(dict.fromkeys(normalise(words) for words in errors if words))


def join_places(groups: Sequence[Group]) -> list[Group]:
    """Join what is wrong within a place with what is wrong with the whole of it."""
    kept: list[Group] = []
    for group in sorted(groups, key=lambda g: len(g.topic.key[0])):
        outer = next((g for g in kept if is_around(g, group)), None)
        if outer is None:
            kept.append(group)
        else:
            outer.members += group.members
    return [group for group in groups if group in kept]


def is_around(outer: Group, inner: Group) -> bool:
    """Whether a place is missing or has a wrong type in the same kind of answers as the other."""
    return (
        outer.scope == inner.scope
        and outer.topic.key[-1] in ("missing", "type", "not JSON")
        and overlaps(outer.topic, inner.topic)
        and all(m.is_error for m in inner.members) == all(m.is_error for m in outer.members)
    )


def join_siblings(groups: Sequence[Group]) -> list[Group]:
    """Join the members of one object that are missing in the same answers."""
    objects: dict[tuple[object, ...], Group] = {}
    kept = []
    for group in groups:
        parent = group.topic.key[0].rpartition("/")[0]
        if parent and group.topic.key[-1] == "missing":
            answers = frozenset(member.answer for member in group.members)
            same = objects.setdefault((*group.scope, parent, answers), group)
            if same is not group:
                same.members += group.members
                continue
        kept.append(group)
    return kept


def join_values(groups: Sequence[Group]) -> list[Group]:
    """Join a value that none of several permitted ones is with the same value instead of one."""
    kept = []
    for group in groups:
        value = group.topic.key[-1]
        same = [g for g in groups if value.startswith("is ") and is_same(g, group)]
        if len(same) == 1:
            same[0].members += group.members
        else:
            kept.append(group)
    return kept


def is_same(constant: Group, group: Group) -> bool:
    """Whether a group about one permitted value has the value of the other group only."""
    place, value = group.topic.key[0], group.topic.key[-1].removeprefix("is ")
    return (
        constant.scope == group.scope
        and constant.topic.key[0] == place
        and constant.topic.key[-1].startswith("not ")
        and {actual_value(member) for member in constant.members} == {value}
    )


def join_broken_streams(groups: Sequence[Group]) -> list[Group]:
    """Join what is wrong in streams only with the rule whose violation takes it away."""
    ends: dict[tuple[str, ...], Group] = {}
    for group in groups:
        if group.topic.kind == "stream" and group.topic.key[0] in ENDS:
            ends.setdefault(group.scope, group)
    kept = []
    for group in groups:
        target = ends.get(group.scope)
        if target is None or target is group or not is_only_in_streams(group):
            kept.append(group)
        else:
            target.members += group.members
    return kept


def is_only_in_streams(group: Group) -> bool:
    """Whether the group is about values of answers, all of them streams."""
    about = group.topic.kind in ("answer", "field", "schema")
    return about and all(member.is_stream for member in group.members)


def join_requests(groups: Sequence[Group], good: Features) -> list[Group]:
    """Join groups about related fields whose requests have what no case that passed has."""
    kept = list(groups)
    for scope in dict.fromkeys(group.scope for group in groups):
        own = [group for group in groups if group.scope == scope and group.topic.own]
        reference = good[scope[1]] | {*GENERAL}
        parts, _ = explain([member for group in own for member in group.members], reference)
        for name, members in parts:
            explained = set(map(id, members))
            whole = [g for g in own if g in kept and explained.issuperset(map(id, g.members))]
            first, others = (
                whole[:1],
                [g for g in whole[1:] if name == LATE or is_related(whole[0], g)],
            )
            if others:
                first[0].sent = tuple(features_of(name, members, reference))
                first[0].members += [member for group in others for member in group.members]
                kept = [group for group in kept if group not in others]
    return kept


def is_related(one: Group, other: Group) -> bool:
    """Whether two groups have a behaviour or a top-level field in common."""
    families = [{m.family for m in group.members} & {*BEHAVIOURS} for group in (one, other)]
    fields = [{field_of(m) for m in group.members} for group in (one, other)]
    return bool(families[0] & families[1] or fields[0] & fields[1])


def field_of(member: Member) -> str:
    """Return the top-level field of a member's row; of a message, the row itself."""
    name = re.split(r"[.\[ (]", row_of(member), maxsplit=1)[0]
    return name if name not in ("messages", "") else member.case["row"]
