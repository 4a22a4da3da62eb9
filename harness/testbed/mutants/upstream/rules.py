"""Mutants of both endpoints that break a rule for every forwarded request."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import partial
from typing import Any

from harness.testbed.base import Mutant
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.model_types import Json, ModelReply, ModelRequest
from harness.testbed.mutants.upstream.operators import (
    TO_ANTHROPIC,
    TO_OPENAI,
    Body,
    MutantFactory,
    changes_request,
    compat,
    drops,
    messages,
    mutant_factory,
    sends_twice,
    sets,
)
from harness.testbed.mutants.upstream.provider_failures import leaks
from harness.testbed.mutants.upstream.request_changes import (
    add_advice,
    add_tool,
    double,
    drop_first_turn,
    drop_last_tool,
    halve_temperature,
    is_forced,
    is_named,
    swap_results,
    swap_turns,
)

chat = mutant_factory("openai-chat", "chat.upstream")
PARAMETERS = {"type": "object", "properties": {"command": {"type": "string"}}}
BASH: dict[str, Body] = {
    "anthropic": {"name": "Bash", "description": "Run a command.", "input_schema": PARAMETERS},
    "openai": {
        "type": "function",
        "function": {"name": "Bash", "description": "Run a command.", "parameters": PARAMETERS},
    },
}
EFFORT: dict[str, Body] = {
    "anthropic": {"max_tokens": 4000, "thinking": {"type": "enabled", "budget_tokens": 1024}},
    "openai": {"reasoning_effort": "high"},
}
ANY: dict[str, Json] = {"anthropic": "required", "openai": "any"}
AUTO: dict[str, Json] = {"anthropic": {"type": "auto"}, "openai": "auto"}
LIMIT = {"anthropic": "max_tokens", "openai": "max_completion_tokens"}
STOP = {"anthropic": "stop_sequences", "openai": "stop"}


def counts_by_completion(side: str) -> Overrides:
    """Counts tokens by a completion."""

    def count(original: Callable[[ModelRequest], int], request: ModelRequest) -> int:
        client: Any = original.__self__  # type: ignore[attr-defined]
        reply: ModelReply = client.complete(request)
        return reply.input_tokens

    return {f"{side}.count": count}


def added(make: MutantFactory, side: str) -> tuple[Mutant, ...]:
    """Creates mutants of one endpoint that add something; `side` are its provider hooks."""
    to, change = side.rpartition(".")[2], partial(changes_request, side)

    def mutant(name: str, description: str, override: Overrides) -> Mutant:
        return make(name, description, "upstream.additions", "forward.additions", override)

    return (
        mutant("adds-temperature", "adds a temperature",
               change(lambda body: body.setdefault("temperature", 0.7))),
        mutant("adds-default", "adds the default temperature",
               change(lambda body: body.setdefault("temperature", 1.0))),
        mutant("adds-tool", "adds a tool of its own", change(add_tool(BASH[to]))),
        mutant("adds-tool-to-tools", "adds a tool to those of the caller",
               change(add_tool(BASH[to]), lambda body: body.get("tools"))),
        mutant("adds-text", "adds a text to the last message", change(add_advice)),
        mutant("adds-effort", "enables reasoning", change(sets(**copy.deepcopy(EFFORT[to])))),
        mutant("adds-stop", "adds a stop sequence",
               change(lambda body: body.setdefault(STOP[to], ["Human:"]))),
    )  # fmt: skip


def changed(make: MutantFactory, side: str) -> tuple[Mutant, ...]:
    """Creates mutants of one endpoint that lose or change something, or send it twice."""
    to, change = side.rpartition(".")[2], partial(changes_request, side)

    def mutant(name: str, description: str, case: str, override: Overrides) -> Mutant:
        return make(name, description, f"upstream.{case}", f"forward.{case}", override)

    return (
        mutant("loses-history", "forwards the last message only", "lost", change(drop_first_turn)),
        mutant("swaps-turns", "swaps the first and the last turn", "lost", change(swap_turns)),
        mutant("swaps-results", "swaps two tool results", "lost", change(swap_results)),
        mutant("loses-tool", "forwards one tool only", "lost", change(drop_last_tool)),
        mutant("choice-untranslated", "forwards another protocol's word for a forced call",
               "values", change(sets(tool_choice=ANY[to]), is_forced)),
        mutant("choice-weakened", "lets the model choose instead of forcing a call",
               "values", change(sets(tool_choice=AUTO[to]), is_forced)),
        mutant("choice-unnamed", "lets the model choose instead of forcing a named call",
               "values", change(sets(tool_choice=AUTO[to]), is_named)),
        mutant("limit-doubled", "doubles the limit", "values", change(double(LIMIT[to]))),
        mutant("temperature-halved-always", "halves temperatures", "values",
               change(halve_temperature)),
        mutant("answers-twice", "sends every request twice", "once", sends_twice(side)),
    )  # fmt: skip


FORWARDED = "honoured_or_refused.forwarded"
RULES = (
    *added(chat, TO_ANTHROPIC),
    *changed(chat, TO_ANTHROPIC),
    *added(messages, TO_OPENAI),
    *changed(messages, TO_OPENAI),
    *leaks(chat, TO_ANTHROPIC),
    *leaks(messages, TO_OPENAI),
    chat("temperature-lost", "answers requests with a temperature without forwarding it",
         "sampling.temperature", FORWARDED, changes_request(TO_ANTHROPIC, drops("temperature"))),
    chat("top_p-lost", "answers requests with a top_p without forwarding it",
         "sampling.top_p", FORWARDED, changes_request(TO_ANTHROPIC, drops("top_p"))),
    chat("temperature-same", "forwards every temperature as 0.5", "sampling.temperature",
         "forward.values", changes_request(
             TO_ANTHROPIC, sets(temperature=0.5), lambda body: "temperature" in body)),
    compat("asks-twice", "sends every request twice", "upstream.once", "forward.once",
           sends_twice(TO_ANTHROPIC)),
    messages("counts-by-completion", "counts tokens by a completion",
             "upstream.once.count_tokens", "forward.once", counts_by_completion(TO_OPENAI)),
)  # fmt: skip
