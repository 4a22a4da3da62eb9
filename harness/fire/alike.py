"""Requests that several cases of a run send alike, which are sent once.

A later case gets a copy of the exchanges of the first. Only answers that are complete and small,
and came at the first attempt, are copied; otherwise each case sends its own requests. Within a case
nothing is copied: a case that sends a request twice compares the two answers.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from harness.fire.results import size_of
from harness.fire.script_runner import ScriptRunner
from harness.model import Exchange, Script, Shot
from harness.util.serialization import to_builtins

Key = tuple[str, int]  # the digest of what is sent, and which of its case's equal scripts it is
LARGEST: Final = 64 * 1024  # bytes of exchanges that are kept for a later case, and
KEPT: Final = 8 * 1024 * 1024  # of all that are kept
OBJECT: Final = 4 * 1024  # bytes of an exchange in memory, besides its answer


@dataclass
class AlikeScripts:
    """Exchanges of scripts that later cases may send alike.

    Attributes:
        cases: How many cases plan to send each content; no copy is kept beyond the last of them.
            None if that is not known.
        done: The exchanges to copy.
        copied: How many copies of an answer there are.
        waiting: Positions and scripts that wait for an equal script in flight.
        apart: The keys whose first answer is not copied, so that no script waits for another one.
        keys: The key of each script that waits or is in flight, by its id.
        sent: How many scripts of a case send the same content.
        size: The bytes of all exchanges to copy.
    """

    cases: Mapping[str, int] | None = None
    done: dict[Key, Sequence[Exchange]] = field(default_factory=dict)
    copied: Counter[Key] = field(default_factory=Counter)
    waiting: dict[Key, list[tuple[int, Script]]] = field(default_factory=dict)
    apart: set[Key] = field(default_factory=set)
    keys: dict[str, Key] = field(default_factory=dict)
    sent: Counter[tuple[str, ...]] = field(default_factory=Counter)
    size: int = 0

    def must_wait(self, item: int, script: Script) -> bool:
        """Return whether a script waits for an equal one in flight; if not, others wait for it."""
        key = self.key(script)
        if key in self.waiting:
            self.waiting[key].append((item, script))
            return True
        if key and key not in self.apart:
            self.waiting[key] = []
        return False

    def copies(self, script: Script) -> list[Exchange]:
        """Return the exchanges of an equal script as those of this one; without one, none."""
        key = self.key(script)
        if key is None or key not in self.done:
            return []
        copies = [
            replace(exchange, shot=shot.id, same_as=exchange.same_as or exchange.shot)
            for shot, exchange in zip(script.shots, self.done[key], strict=True)
        ]
        self.keys.pop(script.id)
        self.copied[key] += 1
        if self.cases is not None and self.copied[key] + 1 >= self.cases[key[0]]:
            self.size -= memory_of(self.done.pop(key))
            del self.copied[key]
        return copies

    def end(
        self, script: Script, exchanges: Sequence[Exchange], is_final: bool
    ) -> list[tuple[int, Script]]:
        """Keep exchanges that equal scripts may have; return what waited for them."""
        key = self.key(script)
        self.keys.pop(script.id, None)
        if key is None or key not in self.waiting:
            return []
        size = self.size + memory_of(exchanges)
        if is_final and may_be_copied(exchanges) and size <= KEPT:
            self.done[key], self.size = exchanges, size
        else:
            self.apart.add(key)
        return self.waiting.pop(key)

    def key(self, script: Script) -> Key | None:
        """Return what equal scripts of several cases have in common; None if it is sent anyway."""
        if script.id not in self.keys:
            content = content_of(script)
            if not content or (self.cases is not None and self.cases.get(content, 0) < 2):
                return None
            own = (*case_of(script), content)
            self.sent[own] += 1
            self.keys[script.id] = (content, self.sent[own])
        return self.keys[script.id]


def distinct(scripts: Iterable[Script]) -> Iterator[Script]:
    """Yield the scripts of a run that are sent if each answer can be copied, in their order."""
    alike, keys = AlikeScripts(), set[Key | None]()
    for script in scripts:
        key = alike.key(script)
        if key is None or key not in keys:
            yield script
        keys.add(key)


def take(runner: ScriptRunner, script: Script, copies: Sequence[Exchange]) -> list[Exchange]:
    """Record a script's copies, and return them; what an earlier run has of it stays."""
    taken = []
    for shot, copy in zip(script.shots, copies, strict=True):
        own = runner.earlier_exchange(shot)
        if own is None:
            runner.record(copy)
        taken.append(own or copy)
    return taken


def shared_contents(scripts: Iterable[Script]) -> Counter[str]:
    """Return the contents that several cases send, and how many cases do."""
    pairs = {(case_of(script), content_of(script)) for script in scripts}
    cases = Counter(content for _, content in pairs if content)
    return Counter({content: number for content, number in cases.items() if number > 1})


def memory_of(exchanges: Sequence[Exchange]) -> int:
    """Return the bytes that exchanges take in memory, about."""
    return sum(size_of(each) + OBJECT for each in exchanges)


def may_be_copied(exchanges: Sequence[Exchange]) -> bool:
    """Return whether all answers are complete, came at the first attempt, and are small."""
    size = sum(map(size_of, exchanges))
    usual = all(each.end == "complete" and len(each.attempts) == 1 for each in exchanges)
    return bool(exchanges) and usual and size <= LARGEST


def case_of(script: Script) -> tuple[str, ...]:
    """Return the pack and the case of a script's id."""
    return tuple(script.id.split("/", 2)[:2])


def content_of(script: Script) -> str:
    """Return a digest of what a script sends; "" if it is sent in any case.

    Controls and sample answers are shared by their ids. Requests of SDKs, with the key that has a
    low limit, and with a reply for the provider are for their own case.
    """
    if script.shared or any(map(is_special, script.shots)):
        return ""
    parts = [
        [shot.id.removeprefix(script.id), shot.mode, shot.capture, to_builtins(shot.call)]
        for shot in script.shots
    ]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def is_special(shot: Shot) -> bool:
    """Return whether a request is for its own case, whatever it contains."""
    call = shot.call
    return bool(call.client or call.reply) or call.auth == "limited"
