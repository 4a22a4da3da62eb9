"""Mutants that lose, bend or refuse what is said in Messages: turns, blocks, letters."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from harness.testbed.gateway.anthropic.message_validation import ASSISTANT as ASSISTANT_BLOCKS
from harness.testbed.gateway.anthropic.message_validation import USER as USER_BLOCKS
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.model_types import Part, Text
from harness.testbed.mutants.anthropic.operators import (
    block,
    crashes,
    default,
    loses,
    mends,
    mutant,
    refuses,
    wrong,
)
from harness.testbed.mutants.anthropic.request_fields import CRASHED, REFUSED, TEXT
from harness.testbed.mutants.openai.operators import Body, Test, found, has

ASSISTANT = ("messages", {"role": "assistant"})
BLOCK = ("messages", "*", "content", "*")


def messages(change: Callable[[list[Body]], list[Body]]) -> Overrides:
    """Changes what of the messages reaches the model."""
    return loses(lambda body: body.update(messages=change(body["messages"])))


def strings_lost(sent: list[Body]) -> list[Body]:
    return [{**m, "content": m["content"][:3]} if is_text(m) else m for m in sent]


def is_text(message: Body) -> bool:
    return isinstance(message["content"], str)


def first_blocks(sent: list[Body]) -> list[Body]:
    return [m if is_text(m) else {**m, "content": m["content"][:1]} for m in sent]


def last_of_role(sent: list[Body]) -> list[Body]:
    """Of several messages of one role in a row the last is left."""
    after = [*sent[1:], {"role": ""}]
    return [m for m, following in zip(sent, after, strict=True) if m["role"] != following["role"]]


def same_role(body: Body) -> bool:
    roles = [m.get("role") for m in body["messages"]]
    return any(one == other for one, other in pairwise(roles))


def in_blocks(role: str) -> Test:
    return lambda body: any(
        isinstance(content, list) for content in found(body, "messages", {"role": role}, "content")
    )


def in_text(role: str) -> Test:
    return lambda body: any(
        isinstance(content, str) for content in found(body, "messages", {"role": role}, "content")
    )


def nth_role(place: int, role: str) -> Test:
    """Whether the first (0) or last (-1) of several messages has a role."""
    return lambda body: len(body["messages"]) > 1 and body["messages"][place].get("role") == role


def known_blocks(body: Body) -> None:
    """Drops what is no block of a known kind, without a word."""
    for message in found(body, "messages", "*"):
        content = message.get("content") if isinstance(message, dict) else None
        if isinstance(content, list):
            known = (*USER_BLOCKS, *ASSISTANT_BLOCKS)
            message["content"] = [
                item for item in content if isinstance(item, dict) and item.get("type") in known
            ] or "?"


def no_text(body: Body) -> bool:
    texts = [*found(body, "messages", "*", "content"), *found(body, *BLOCK, "text")]
    return "" in texts


def any_role(body: Body) -> None:
    """Whoever is neither the user nor the assistant is taken for the user."""
    for message in found(body, "messages", "*"):
        if isinstance(message, dict) and message.get("role") not in ("user", "assistant"):
            message["role"] = "user"


def a_greeting(body: Body) -> None:
    if body.get("messages") == []:
        body["messages"] = [{"role": "user", "content": "Hi"}]


def weighty(original: Callable[[Body], tuple[Part, ...]], message: Body) -> tuple[Part, ...]:
    """A list of blocks weighs more than the same text."""
    extra = () if is_text(message) else (Text("[block]"),)
    return (*original(message), *extra)


def recoded(item: Body) -> None:
    """UTF-8 is read as Latin-1."""
    item["text"] = item["text"].encode().decode("latin-1")


def ascii_only(item: Body) -> None:
    item["text"] = item["text"].encode("ascii", "ignore").decode() or "?"


ANTHROPIC_MESSAGES = (
    mutant("text.lost", "hands on the first letters of a text only", "messages.string", "any_of",
           messages(strings_lost)),
    mutant("blocks.refused", "refuses a text in blocks", "messages.blocks", "status",
           refuses(in_blocks("user"), "content")),
    mutant("blocks.weigh", "counts more for a text in a block", "messages.blocks", "same_as",
           {"anthropic.parts": weighty}),
    mutant("blocks.first", "hands on the first block only", "messages.blocks.several", "any_of",
           messages(first_blocks)),
    mutant("blocks.unknown", "drops blocks of an unknown kind", "messages.blocks.unknown", REFUSED,
           mends(known_blocks)),
    mutant("blocks.empty-text", "breaks over an empty text", "messages.blocks.empty-text",
           "status", crashes(no_text)),
    mutant("content.crash", "breaks over a content that is none", "messages.content.wrong-type",
           CRASHED, crashes(lambda body: wrong("messages")(body) and any(
               not isinstance(c, str | list) for c in found(body, "messages", "*", "content")))),
    mutant("messages.default", "greets itself where there are no messages", "messages.missing",
           "required.refused", default("messages", [{"role": "user", "content": "Hi"}])),
    mutant("messages.crash", "breaks over messages that are no list", "messages.wrong-type",
           CRASHED, crashes(lambda body: not isinstance(body.get("messages"), list))),
    mutant("messages.empty", "greets itself where the list is empty", "messages.empty", REFUSED,
           mends(a_greeting)),
    mutant("role.any", "takes an unknown role for the user's", "messages.role.unknown", REFUSED,
           mends(any_role)),
    mutant("role.missing", "takes a message without a role for the user's",
           "messages.role.missing", "required.refused", mends(any_role)),
    mutant("role.system-crash", "breaks over a system message", "messages.role.system", "status",
           crashes(has("messages", {"role": "system"}))),
    mutant("history.lost", "hands on the last message only", "messages.history", "any_of",
           messages(lambda sent: sent[-1:])),
    mutant("history.forgotten", "hands on the last message only", "messages.history.played", TEXT,
           messages(lambda sent: sent[-1:])),
    mutant("history.string", "refuses an assistant's text that is no block",
           "messages.history.played", "status", refuses(in_text("assistant"), "content")),
    mutant("history.blocks", "refuses its own blocks when they come back",
           "messages.history.blocks", "status", refuses(in_blocks("assistant"), "content")),
    mutant("history.keys", "refuses keys of its own answers", "messages.history.keys", "status",
           refuses(has(*BLOCK, "citations"), "citations")),
    mutant("history.user", "loses what the user said before", "messages.user", "any_of",
           messages(lambda sent: [m for m in sent[:-1] if m["role"] != "user"] + sent[-1:])),
    mutant("history.assistant", "loses what the model said", "messages.assistant", "any_of",
           messages(lambda sent: [m for m in sent if m["role"] != "assistant"])),
    mutant("same-role.last", "keeps the last message of a turn", "messages.same-role", "any_of",
           messages(last_of_role)),
    mutant("same-role.refused", "asks that the roles alternate", "messages.same-role", "status",
           refuses(same_role, "messages")),
    mutant("same-role.assistant", "keeps the last message of a turn",
           "messages.same-role.assistant", "any_of", messages(last_of_role)),
    mutant("first-assistant.crash", "breaks where the assistant speaks first",
           "messages.first-assistant", "status", crashes(nth_role(0, "assistant"))),
    mutant("prefill.crash", "breaks where the answer is begun", "messages.prefill", "status",
           crashes(nth_role(-1, "assistant"))),
    mutant("thinking.replayed", "refuses its own thoughts when they come back",
           "messages.thinking.replayed", "status",
           refuses(has(*ASSISTANT, "content", {"type": "thinking"}), "thinking")),
    mutant("unicode.latin", "reads UTF-8 as Latin-1", "messages.unicode", TEXT,
           block("text", recoded)),
    mutant("unicode.ascii", "leaves out what is no ASCII", "messages.unicode", TEXT,
           block("text", ascii_only)),
)  # fmt: skip
