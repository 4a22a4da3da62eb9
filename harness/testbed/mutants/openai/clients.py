"""Mutants that fail the requests of Codex, Cline, GitHub Copilot and Zed."""

from __future__ import annotations

from harness.testbed.base import Mutant
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.mutants.openai.operators import (
    Body,
    loses,
    refuses,
    values_at,
)
from harness.testbed.mutation.rows import mutants_in

ANY_OF = "any_of"


def client(case: str, name: str, description: str, rule: str, override: Overrides) -> Mutant:
    case = f"client.{case}"
    return Mutant(f"chat.{case}-{name}", description, f"openai-chat/{case}", rule, override)


def lose_first_question(body: Body) -> None:
    """Drops the first of several messages of the user."""
    users = [message for message in body["messages"] if message["role"] == "user"]
    if len(users) > 1:
        body["messages"].remove(users[0])


def has_long_description(body: Body) -> bool:
    texts = values_at(body, "tools", "*", "function", "description")
    return any(len(text or "") > 1024 for text in texts)


CLIENTS: tuple[Mutant, ...] = (
    *mutants_in("openai/clients"),
    client("codex-chat.call", "stop", "reports stop after a call", ANY_OF,
        {"finish_reason": lambda original, reply: "stop" if reply.calls else original(reply)}),
    client("codex-chat.usage", "lost", "streams no usage", "body $.usage.total_tokens",
        {"wants_usage": lambda original, body: False}),
    client("zed.description", "length", "refuses descriptions of over 1,024 characters", "status",
        refuses(has_long_description, "tools")),
    client("cline.history", "lost", "drops the first question of several", ANY_OF,
        loses(lose_first_question)),
)  # fmt: skip
