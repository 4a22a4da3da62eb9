"""Mutants of messages: hoisted, stripped and forwarded content."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from harness.testbed.base import Mutant
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.model_types import Part, Text
from harness.testbed.mutants.openai.operators import (
    Body,
    Test,
    crashes,
    has,
    loses,
    refuses,
    values_at,
)
from harness.testbed.mutation.rows import mutants_in

SYSTEM = ("system", "developer")
REFUSED, LOST, TOKENS = "hoisted.refused", "hoisted.lost", "hoisted.tokens"
CONTENT = "body $.choices[0].message.content"


def joins_with(joint: str) -> Overrides:
    """Joins system messages with another separator."""

    def hoist(original: Callable[[list[Body]], str], messages: list[Body]) -> str:
        return joint.join(original([m]) for m in messages if m["role"] in SYSTEM)

    return {"hoist": hoist}


def keep(test: Callable[[int, Body], bool]) -> Overrides:
    """Drops messages that fail the test, but never all of them."""

    def lose(body: Body) -> None:
        kept = [m for number, m in enumerate(body["messages"]) if test(number, m)]
        body["messages"] = kept or body["messages"]

    return loses(lose)


def first_system(original: Callable[[list[Body]], str], messages: list[Body]) -> str:
    return original([m for m in messages if m["role"] in SYSTEM][:1])


def system_as_user(body: Body) -> None:
    """Moves system messages to the end as user messages."""
    moved = [m for m in body["messages"] if m["role"] in SYSTEM]
    rest = [m for m in body["messages"] if m["role"] not in SYSTEM]
    body["messages"] = [*({**m, "role": "user"} for m in moved), *rest]


HOISTING = (
    Mutant("hoist.late-lost", "drops system messages after the first message",
           "message.system.content", LOST,
           keep(lambda n, m: n == 0 or m["role"] not in SYSTEM)),
    Mutant("hoist.first-only", "keeps only the first system message", "behaviour.hoist", LOST,
           {"hoist": first_system}),
    Mutant("hoist.blank", "joins system messages with a space", "behaviour.hoist", TOKENS,
           joins_with(" ")),
    Mutant("hoist.nothing", "joins system messages without a separator", "behaviour.hoist", TOKENS,
           joins_with("")),
    Mutant("hoist.two-lines", "joins system messages with an empty line", "behaviour.hoist", TOKENS,
           joins_with("\n\n")),
    Mutant("hoist.three", "keeps at most two system messages", "behaviour.hoist.three", TOKENS,
           {"hoist": lambda original, ms: original([m for m in ms if m["role"] in SYSTEM][:2])}),
    Mutant("hoist.late-developer", "drops developer messages after the first message",
           "behaviour.hoist.three", LOST,
           keep(lambda n, m: n == 0 or m["role"] != "developer")),
    Mutant("system.as-user", "sends system messages as user messages",
           "messages.system.obeyed", CONTENT, loses(system_as_user)),
)  # fmt: skip

PART: Mapping[str, Any] = {"type": "input_audio"}
AUDIO = ("messages", "*", "content", PART)
FILE = ("messages", "*", "content", {"type": "file"})
REFUSAL = ("messages", "*", "content", {"type": "refusal"})


def reads_part(kind: str) -> Overrides:
    """Reads a part that must be ignored as text."""

    def part(original: Callable[[Body], Part | None], piece: Body) -> Part | None:
        return Text(f"[{kind} attached]") if piece["type"] == kind else original(piece)

    return {"part": part}


def has_only(kind: str) -> Test:
    return lambda body: any(
        isinstance(content, list) and all(piece["type"] == kind for piece in content)
        for content in values_at(body, "messages", "*", "content")
    )


def stripping_mutants(name: str, case: str, path: Any, kind: str) -> tuple[Mutant, ...]:
    return (
        Mutant(f"{name}.refused", f"rejects {kind}", case, "stripped.refused",
               refuses(has(*path), kind)),
        Mutant(f"{name}.read", f"forwards {kind} to the model", case, "stripped.tokens",
               reads_part(kind)),
    )  # fmt: skip


STRIPPING = (
    *stripping_mutants("part.audio", "message.user.content.input_audio", AUDIO, "input_audio"),
    *stripping_mutants("part.file", "message.user.content.file", FILE, "file"),
    *stripping_mutants("part.refusal", "message.assistant.content.refusal", REFUSAL, "refusal"),
    Mutant("part.audio.alone", "returns a 500 for a message with only audio",
           "message.user.content.input_audio.alone", "status",
           crashes(has_only("input_audio"))),
    Mutant("part.refusal.alone", "returns a 500 for a message with only a refusal",
           "message.assistant.content.refusal.alone", "status", crashes(has_only("refusal"))),
)  # fmt: skip

MESSAGES = (*mutants_in("openai/messages"), *HOISTING, *STRIPPING)
