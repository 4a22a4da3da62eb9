"""Mutants that drop, change or reject messages of a Messages request."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from harness.testbed.gateway.gateway import Overrides
from harness.testbed.mutants.anthropic.operators import (
    block,
    loses,
    mutant,
    refuses,
)
from harness.testbed.mutants.openai.operators import Body

TEXT = "body $.content[?@.type=='text'].text"


def messages(change: Callable[[list[Body]], list[Body]]) -> Overrides:
    """Changes the messages that reach the model."""
    return loses(lambda body: body.update(messages=change(body["messages"])))


def last_of_role(sent: list[Body]) -> list[Body]:
    """Keeps the last of consecutive messages of one role."""
    after = [*sent[1:], {"role": ""}]
    return [m for m, following in zip(sent, after, strict=True) if m["role"] != following["role"]]


def same_role(body: Body) -> bool:
    roles = [m.get("role") for m in body["messages"]]
    return any(one == other for one, other in pairwise(roles))


def decode_as_latin_1(item: Body) -> None:
    """Decodes UTF-8 as Latin-1."""
    item["text"] = item["text"].encode().decode("latin-1")


ANTHROPIC_MESSAGES = (
    mutant("same-role.last", "keeps the last message of a turn", "messages.same-role", "any_of",
           messages(last_of_role)),
    mutant("same-role.refused", "requires alternating roles", "messages.same-role", "status",
           refuses(same_role, "messages")),
    mutant("same-role.assistant", "keeps the last message of a turn",
           "messages.same-role.assistant", "any_of", messages(last_of_role)),
    mutant("unicode.latin", "reads UTF-8 as Latin-1", "messages.unicode", TEXT,
           block("text", decode_as_latin_1)),
)  # fmt: skip
