"""Mutants of resold Chat Completions endpoints: they add, cut, rename or count in secret."""

from __future__ import annotations

import json

from harness.testbed.base import Mutant
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.mutants.combinations import escaped
from harness.testbed.mutants.openai.operators import Body, answers, call, loses, misreads
from harness.testbed.mutants.request_cuts import cut_middle, drop_old_turns, with_hidden_prompt
from harness.testbed.mutation.rows import mutants_in

CALL = "body $.choices[0].message.tool_calls[*].function"


def drop_prefix(item: Body) -> None:
    item["function"]["name"] = item["function"]["name"].rpartition("__")[2]


def escape_markup(item: Body) -> None:
    arguments = json.loads(item["function"]["arguments"])
    item["function"]["arguments"] = json.dumps(escaped(arguments))


def charges_equal_prompts_twice() -> Overrides:
    """Adds the cached tokens of a prompt to its tokens, each second time that it comes."""
    known: set[str] = set()

    def change(body: Body, whole: Body) -> None:
        prompt = json.dumps(body["messages"])
        if prompt in known and len(prompt) > 5000:
            used = whole["usage"]
            used["prompt_tokens"] *= 2
            used["total_tokens"] = used["prompt_tokens"] + used["completion_tokens"]
        known.symmetric_difference_update({prompt})

    return answers(change)


def chat(name: str, description: str, case: str, rule: str, override: Overrides) -> Mutant:
    return Mutant(f"integrity.{name}", description, f"openai-chat/integrity.{case}", rule, override)


INTEGRITY = (
    *mutants_in("openai/integrity"),
    chat("hidden", "puts a hidden prompt before the caller's", "prompt.size",
         "body $.usage.prompt_tokens", misreads(system=with_hidden_prompt)),
    chat("old-turns", "drops the earlier turns of a long conversation", "context.first", "any_of",
         loses(drop_old_turns)),
    chat("middle", "cuts out the middle of a long message", "context.middle", "any_of",
         loses(cut_middle)),
    chat("prefix", "drops the prefix of a tool's name", "tools.prefix", f"{CALL}.name",
         call(drop_prefix)),
    chat("escaped", "escapes markup in arguments", "tools.arguments", f"{CALL}.arguments",
         call(escape_markup)),
    chat("cache", "adds the cached tokens of a prompt to its tokens", "cache", "steps_agree",
         charges_equal_prompts_twice()),
)  # fmt: skip
