"""Mutants that drop, change or reject messages of a Messages request."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from harness.testbed.gateway.anthropic.message_validation import KINDS
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.model_types import Part, Text
from harness.testbed.mutants.anthropic.operators import (
    block,
    crashes,
    loses,
    mutant,
    refuses,
    repairs,
)
from harness.testbed.mutants.anthropic.request_fields import CRASHED, REFUSED, TEXT
from harness.testbed.mutants.openai.operators import Body, Test, values_at
from harness.testbed.mutation.rows import mutants_in

BLOCK = ("messages", "*", "content", "*")


def messages(change: Callable[[list[Body]], list[Body]]) -> Overrides:
    """Changes the messages that reach the model."""
    return loses(lambda body: body.update(messages=change(body["messages"])))


def strings_lost(sent: list[Body]) -> list[Body]:
    return [{**m, "content": m["content"][:3]} if is_text(m) else m for m in sent]


def lines_lost(sent: list[Body]) -> list[Body]:
    return [{**m, "content": m["content"].partition("\n")[0]} if is_text(m) else m for m in sent]


def is_text(message: Body) -> bool:
    return isinstance(message["content"], str)


def last_of_role(sent: list[Body]) -> list[Body]:
    """Keeps the last of consecutive messages of one role."""
    after = [*sent[1:], {"role": ""}]
    return [m for m, following in zip(sent, after, strict=True) if m["role"] != following["role"]]


def same_role(body: Body) -> bool:
    roles = [m.get("role") for m in body["messages"]]
    return any(one == other for one, other in pairwise(roles))


def nth_role(place: int, role: str) -> Test:
    """Tests the role of the first (0) or last (-1) of several messages."""

    def test(body: Body) -> bool:
        messages = body.get("messages", [])
        return len(messages) > 1 and messages[place].get("role") == role

    return test


def known_blocks(body: Body) -> None:
    """Removes blocks of an unknown type."""
    for message in values_at(body, "messages", "*"):
        content = message.get("content") if isinstance(message, dict) else None
        if isinstance(content, list):
            known = {kind for kinds in KINDS.values() for kind in kinds}
            message["content"] = [
                item for item in content if isinstance(item, dict) and item.get("type") in known
            ] or "?"


def has_empty_text(body: Body) -> bool:
    texts = [*values_at(body, "messages", "*", "content"), *values_at(body, *BLOCK, "text")]
    return "" in texts


def add_block_text(original: Callable[[Body], tuple[Part, ...]], message: Body) -> tuple[Part, ...]:
    """Counts more tokens for blocks than for the same text."""
    extra = () if is_text(message) else (Text("[block]"),)
    return (*original(message), *extra)


def decode_as_latin_1(item: Body) -> None:
    """Decodes UTF-8 as Latin-1."""
    item["text"] = item["text"].encode().decode("latin-1")


def drop_non_ascii(item: Body) -> None:
    item["text"] = item["text"].encode("ascii", "ignore").decode() or "?"


ANTHROPIC_MESSAGES = (
    *mutants_in("anthropic/messages"),
    mutant("text.lost", "forwards only the first characters of a text",
           "response.usage.input_tokens.grow", "more_than", messages(strings_lost)),
    mutant("text.lines-lost", "forwards only the first line of a text", "messages.string",
           "any_of", messages(lines_lost)),
    mutant("blocks.weigh", "counts more tokens for a text in a block", "messages.blocks", "same_as",
           {"anthropic.parts": add_block_text}),
    mutant("blocks.unknown", "ignores blocks of an unknown type", "messages.blocks.unknown",
           REFUSED, repairs(known_blocks)),
    mutant("blocks.empty-text", "returns a 500 for an empty text", "messages.blocks.empty-text",
           "status", crashes(has_empty_text)),
    mutant("messages.crash", "returns a 500 if messages is not a list", "messages.wrong-type",
           CRASHED, crashes(lambda body: not isinstance(body.get("messages", []), list))),
    mutant("history.user", "drops earlier user messages", "messages.user", "any_of",
           messages(lambda sent: [m for m in sent[:-1] if m["role"] != "user"] + sent[-1:])),
    mutant("same-role.last", "keeps the last message of a turn", "messages.same-role", "any_of",
           messages(last_of_role)),
    mutant("same-role.refused", "requires alternating roles", "messages.same-role", "status",
           refuses(same_role, "messages")),
    mutant("same-role.assistant", "keeps the last message of a turn",
           "messages.same-role.assistant", "any_of", messages(last_of_role)),
    mutant("first-assistant.crash", "returns a 500 if the assistant is first",
           "messages.first-assistant", "status", crashes(nth_role(0, "assistant"))),
    mutant("prefill.crash", "returns a 500 for a prefilled answer", "messages.prefill", "status",
           crashes(nth_role(-1, "assistant"))),
    mutant("unicode.latin", "reads UTF-8 as Latin-1", "messages.unicode", TEXT,
           block("text", decode_as_latin_1)),
    mutant("unicode.ascii", "omits characters outside ASCII", "messages.unicode", TEXT,
           block("text", drop_non_ascii)),
)  # fmt: skip
