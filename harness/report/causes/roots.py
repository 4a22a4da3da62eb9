"""Separates the causes in one answer from what follows from them there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from harness.model import LEVELS
from harness.report.causes.members import Member
from harness.report.causes.topics import Topic, topic

# The order in which findings of one answer are considered as its cause, by kind.
ORDER: Final = (
    *("transport", "forwarded", "status", "http", "stream", "schema", "field", "answer"),
    *("header", "claim"),
)
ALL: Final = ("",)  # the beginning of every rule
OF_ANSWER: Final = (
    *("body", "events", "any_of", "sum", "same", "unique", "present", "always", "more_than"),
    *("steps_agree", "schema"),
)
# What follows from a broken rule in the same answer: the beginnings of the rules, the most
# fundamental first. Without its data nothing of an answer can be right.
FOLLOWS: Final[Mapping[str, Sequence[str]]] = {
    "http.coding": ALL,
    "stream.content-type": ALL,
    "stream.framing": ALL,
    "stream.json": ALL,
    "stream.size": ALL,
    "stream.error": ("stream.", *OF_ANSWER),
    "stream.event-name": ("stream.", *OF_ANSWER),
    "stream.start": ("stream.", *OF_ANSWER),
    "stream.block-index": ("stream.", *OF_ANSWER),
    "stream.block-open": ("stream.", *OF_ANSWER),
    "stream.stop": ("stream.", *OF_ANSWER),
    "stream.finish-once": ("stream.", *OF_ANSWER),
    "stream.item": ("stream.item", "stream.delta-done", "stream.output", *OF_ANSWER),
    "stream.tool-index": ("stream.tool-arguments", *OF_ANSWER),
    "stream.": OF_ANSWER,
}
# Marks of the end of a stream. If several are missing in one answer, it ends early.
END_MARKS: Final[Mapping[str, str]] = {
    "stream.finish-once": "a finish_reason",
    "stream.done": "data: [DONE] at the end",
    "stream.stop": "message_stop at the end",
    "stream.stop-reason": "a stop_reason in",
    "stream.message-delta": "message_delta before",
    "stream.block-open": "content_block_stop",
}
ENDS_EARLY: Final = Topic("stream", ("ends early",))
Cause = tuple[Member, Topic]


def roots(members: Sequence[Member]) -> Iterator[Cause]:
    """Yield the causes among the failed findings of one answer, each with what follows from it."""
    rest = sorted(((member, topic(member)) for member in members), key=rank)
    if len({member.rule for member, _ in rest if is_end_mark(member)}) > 1:
        rest = [(m, ENDS_EARLY if is_end_mark(m) else what) for m, what in rest]
        rest.sort(key=lambda each: each[1] != ENDS_EARLY)
    while rest:
        first, *others = rest
        follows = [other for other in others if is_consequence(first, other)]
        yield replace(first[0], also=tuple(member.finding for member, _ in follows)), first[1]
        rest = [other for other in others if other not in follows]


def rank(each: Cause) -> tuple[int, int, bool, int]:
    """Musts come first: what only should hold is never the cause of what must."""
    member, what = each
    order = list(FOLLOWS)
    fundamental = order.index(member.rule) if member.rule in order else len(order)
    return (
        LEVELS.index(member.finding["level"]),
        ORDER.index(what.kind),
        not what.own,
        fundamental,
    )


def is_end_mark(member: Member) -> bool:
    """Whether a mark of the end of a stream is missing."""
    start = END_MARKS.get(member.rule)
    return start is not None and member.finding["expected"].startswith(start)


def is_consequence(root: Cause, other: Cause) -> bool:
    """Whether a finding follows from another one in the same answer, or has the same cause."""
    (member, what), (later, others) = root, other
    if LEVELS.index(member.finding["level"]) > LEVELS.index(later.finding["level"]):
        return False
    if what == others or others.kind == "claim":
        return True
    if what.kind in ("transport", "status"):
        return True
    if what.kind == "forwarded":
        refused = others.kind == "status" and bool(later.error["provider"])
        return refused or others.kind in ("forwarded", "field", "answer")
    if what.kind in ("http", "stream"):
        return later.rule.startswith(tuple(following(what, member.rule)))
    if what.kind == "schema" and member.is_error:
        surplus = others.key[-1] == "extra"  # such as a key in whatever the error is written in
        return others.kind in ("schema", "answer", "field") and not surplus
    apart = what.key[-1] == others.key[-1] == "missing"  # two values, each missing by itself
    return overlaps(what, others) or (what.own and others.own and not apart)


def following(what: Topic, rule: str) -> Sequence[str]:
    """Return the beginnings of the rules that fail because a rule of streams or HTTP does."""
    if what == ENDS_EARLY:
        return FOLLOWS["stream.finish-once"]
    exact = FOLLOWS.get(rule)
    return exact if exact is not None else FOLLOWS["stream."] if rule.startswith("stream.") else ()


def overlaps(one: Topic, other: Topic) -> bool:
    """Whether one place is in the other: a value that is missing has no members either."""
    if {one.kind, other.kind} - {"schema", "answer"} or len(one.key) != 2 or len(other.key) != 2:
        return False
    return f"{other.key[0]}/".startswith(f"{one.key[0]}/")
