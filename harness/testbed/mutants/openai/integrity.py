"""Mutants of resold Chat Completions endpoints: they add, cut, rename or count in secret."""

from __future__ import annotations

import json

from harness.testbed.base import Mutant
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.mutants.openai.operators import Body, answers, misreads
from harness.testbed.mutants.request_cuts import with_hidden_prompt


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
    chat("hidden", "puts a hidden prompt before the caller's", "prompt.size",
         "body $.usage.prompt_tokens", misreads(system=with_hidden_prompt)),
    chat("cache", "adds the cached tokens of a prompt to its tokens", "cache", "steps_agree",
         charges_equal_prompts_twice()),
)  # fmt: skip
