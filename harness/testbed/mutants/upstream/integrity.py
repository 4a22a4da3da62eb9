"""Mutants of resold endpoints that only the provider sees: what they add, cut and rename."""

from __future__ import annotations

from collections.abc import Callable

from harness.testbed.base import Mutant
from harness.testbed.mutants.upstream.operators import (
    TO_ANTHROPIC,
    TO_OPENAI,
    Body,
    changes_request,
    messages,
    mutant_factory,
)
from harness.testbed.mutants.upstream.request_changes import drop_first_turn

chat = mutant_factory("openai-chat", "chat.upstream")
PARROT = "forwarded $..[?search(@, 'called Quillard')]"
HIDDEN = "You are a resold model."


def hide_prompt(body: Body) -> None:
    """Puts a prompt before that of the caller."""
    if "system" in body:
        body["system"] = f"{HIDDEN}\n{body['system']}"
    elif body["messages"][0]["role"] == "system":
        first, *others = body["messages"]
        body["messages"] = [{**first, "content": f"{HIDDEN}\n{first['content']}"}, *others]


def lower_names(body: Body) -> None:
    for tool in body.get("tools") or ():
        owner = tool.get("function", tool)
        owner["name"] = owner["name"].lower()


def both(name: str, description: str, case: str, rules: tuple[str, str],
         change: Callable[[Body], None]) -> tuple[Mutant, Mutant]:  # fmt: skip
    """Creates a mutant of each endpoint, before a provider of the other protocol."""
    to_anthropic, to_openai = rules
    return (
        chat(name, description, case, to_anthropic, changes_request(TO_ANTHROPIC, change)),
        messages(name, description, case, to_openai, changes_request(TO_OPENAI, change)),
    )


INTEGRITY: tuple[Mutant, ...] = (
    *both("hidden", "forwards a prompt of its own as well", "integrity.prompt.size",
          ("forwarded $.system", "forwarded $.messages[0].content"), hide_prompt),
    *both("turns", "forwards only the last turn", "integrity.context.first", (PARROT, PARROT),
          drop_first_turn),
    *both("names", "forwards names of tools in small letters", "integrity.tools.client-name",
          ("forwarded $.tools[0].name", "forwarded $.tools[0].function.name"), lower_names),
)  # fmt: skip
