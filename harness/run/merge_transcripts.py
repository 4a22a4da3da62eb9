"""Merge of the transcripts of a run's shards.

Each shard sends its own controls. They keep ids of their own (`/s2`), so that every case is judged
with the controls of its shard.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from harness.model import Exchange, Json, Plan
from harness.model.exchanges import is_shared
from harness.plan.repetitions import rename_scripts, repeat_plan
from harness.run import transcript
from harness.run.header import resolved
from harness.run.replay import repetitions
from harness.util import serialization
from harness.util.errors import UsageError

# Parts that the shards of a run share. The reference gateway has another address in each run.
COMMON = ("packs", "repeat")
Header = Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Shard:
    """One shard; `number` counts from 1, `of` is the total."""

    path: str
    number: int
    of: int
    header: Header
    exchanges: Sequence[Exchange]
    footer: Header


def shard(path: str) -> Shard:
    """Read the transcript of a shard. Raises UsageError if it is not a complete shard."""
    header, exchanges, footer = transcript.read(path)
    told = (header["run"].get("selection") or {}).get("shard", "")
    number, _, of = str(told).partition("/")
    if not (number.isdecimal() and of.isdecimal()):
        raise UsageError(
            f"{path}: it is not a shard of a run; `harness run --shard I/N` writes shards"
        )
    if footer is None:
        raise UsageError(f"{path}: the run has not ended; `harness run --resume` continues it")
    return Shard(path, int(number), int(of), header, exchanges, footer)


def check(shards: Sequence[Shard]) -> None:
    """Raises UsageError unless these are all shards of one run."""
    first = shards[0]
    for other in shards[1:]:
        what = next(differences(first.header, other.header), "")
        what = what or ("number of shards" if other.of != first.of else "")
        if what:
            raise UsageError(f"{other.path}: another {what} than in {first.path}")
    have = sorted(each.number for each in shards)
    if have != list(range(1, first.of + 1)):
        wanted = ", ".join(f"{n}/{first.of}" for n in range(1, first.of + 1) if n not in have)
        raise UsageError(
            f"shard {wanted} is missing" if wanted else f"a shard of {first.path} is given twice"
        )


def differences(one: Header, other: Header) -> Iterator[str]:
    for key in COMMON:
        if one.get(key) != other.get(key):
            yield key.removesuffix("s")
    if target_of(one) != target_of(other):
        yield "target"
    if chosen(one) != chosen(other):
        yield "selection"


def target_of(header: Header) -> Mapping[str, Any]:
    """Return the target, without the address of a reference gateway, which changes."""
    target = dict(header["target"])
    if target.get("builtin"):
        target["endpoints"] = {
            name: {**endpoint, "base_url": ""} for name, endpoint in target["endpoints"].items()
        }
    return target


def chosen(header: Header) -> dict[str, Any]:
    """Return the selection without the shard."""
    told = header["run"].get("selection") or {}
    return {key: value for key, value in told.items() if key != "shard"}


def merge(paths: Iterable[str], out: Path) -> None:
    """Write the merged transcript. Raises UsageError."""
    shards = sorted(map(shard, paths), key=lambda each: each.number)
    if not shards:
        raise UsageError("there is nothing to merge")
    check(shards)
    plans = {each.number: plans_of(each) for each in shards}
    with transcript.Writer(out) as writer:
        writer.header(header(shards, plans))
        for each in shards:
            names = renamings(each, plans[each.number])
            for exchange in each.exchanges:
                name = names.get(exchange.shot, own(exchange.shot, each.number))
                writer.exchange(replace(exchange, shot=name))
        writer.footer(footer(shards))


def plans_of(each: Shard) -> list[Plan]:
    return [serialization.from_json(Plan, plan) for plan in each.header["plans"]]


def own(name: str, number: int) -> str:
    """Return the merged id of a shot; controls of the first shard keep theirs."""
    return f"{name}/s{number}" if is_shared(name) and number > 1 else name


def relabel(plan: Plan, number: int) -> Plan:
    return rename_scripts(plan, lambda name: own(name, number))


def renamings(each: Shard, plans: Iterable[Plan]) -> dict[str, str]:
    """Return the merged id of every shot of a shard, in all repetitions."""
    return {
        before.id: after.id
        for plan in plans
        for turn in range(1, repetitions(each.header) + 1)
        for before, after in zip(
            repeat_plan(plan, turn).shots,
            repeat_plan(relabel(plan, each.number), turn).shots,
            strict=True,
        )
    }


def header(shards: Sequence[Shard], plans: Mapping[int, Sequence[Plan]]) -> dict[str, Any]:
    first = shards[0].header
    ran = {
        plan.case.name: relabel(plan, each.number) for each in shards for plan in plans[each.number]
    }
    packs = [pack["id"] for pack in first["packs"]]

    def order(plan: Plan) -> tuple[int, str, int]:
        place = plan.case.place
        return packs.index(plan.case.pack), place.path, place.line

    run = dict(first["run"])
    run["selection"] = chosen(first) or None
    run["not_selected"] = [
        one for one in run["not_selected"] if f"{one['pack']}/{one['id']}" not in ran
    ]
    started = min(str(each.header["started"]) for each in shards)
    return {
        **first,
        "run": run,
        "started": started,
        "plans": [resolved(plan) for plan in sorted(ran.values(), key=order)],
    }


def footer(shards: Sequence[Shard]) -> dict[str, Any]:
    ends = [each.footer for each in shards]
    reasons = dict.fromkeys(str(end["reason"]) for end in ends if end["reason"])
    peers: dict[str, list[str]] = {}
    for end in ends:
        for name, seen in end.get("peers", {}).items():
            peers[name] = [*dict.fromkeys((*peers.get(name, ()), *seen))]
    return {
        **ends[0],
        "finished": max(str(end["finished"]) for end in ends),
        "requests": sum(int(end["requests"]) for end in ends),
        "reason": "; ".join(reasons),
        "unjudged": [name for end in ends for name in end["unjudged"]],
        "peers": peers,
        "unexpected": [one for end in ends for one in end.get("unexpected", ())],
    }
