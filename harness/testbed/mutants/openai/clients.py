"""Mutants that fail the requests of Codex, Cline, GitHub Copilot and Zed."""

from __future__ import annotations

from harness.testbed.base import Mutant
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.mutants.openai.operators import (
    Body,
    crashes,
    has,
    has_value,
    loses,
    refuses,
    values_at,
)
from harness.testbed.mutants.openai.tool_results import drops_content

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
    client("codex-chat.turn", "strict", "refuses an explicit strict false", "status",
        refuses(has_value("tools", "*", "function", "strict", value=False), "tools")),
    client("codex-chat.call", "stop", "reports stop after a call", ANY_OF,
        {"finish_reason": lambda original, reply: "stop" if reply.calls else original(reply)}),
    client("codex-chat.results", "null", "refuses null as the content beside a call", "status",
        refuses(has_value("messages", "*", "content", value=None), "messages")),
    client("codex-chat.results", "lost", "drops tool results", ANY_OF, drops_content("tool")),
    client("codex-chat.usage", "lost", "streams no usage", "body $.usage.total_tokens",
        {"wants_usage": lambda original, body: False}),
    client("copilot.choices", "default", "refuses the default number of choices", "status",
        refuses(has("n"), "n")),
    client("copilot.strict", "null", "refuses null as strict", "status",
        refuses(has_value("tools", "*", "function", "strict", value=None), "tools")),
    client("copilot.refusal", "null", "refuses null as an earlier refusal", "status",
        refuses(has_value("messages", "*", "refusal", value=None), "messages")),
    client("zed.cache-key", "crash", "crashes on the key of a cache",
        "honoured_or_refused.status", crashes(has("prompt_cache_key"))),
    client("zed.limit", "crash", "crashes on a limit of over 8,192 tokens",
        "honoured_or_refused.status",
        crashes(lambda body: body.get("max_completion_tokens", 0) > 8192)),
    client("zed.description", "length", "refuses descriptions of over 1,024 characters", "status",
        refuses(has_long_description, "tools")),
    client("cline.turn", "zero", "crashes on the temperature 0", "honoured_or_refused.status",
        crashes(has_value("temperature", value=0))),
    client("cline.history", "lost", "drops the first question of several", ANY_OF,
        loses(lose_first_question)),
)  # fmt: skip
