"""Ask -> Said: the model under a provider's rules: limit, stop, usage. May not know HTTP."""

from __future__ import annotations

import json

from harness.testbed.gateway import tokenizer, toy_model
from harness.testbed.gateway.model_types import Ask, Image, Part, Result, Said, Text, Tool, Why

IMAGE_TOKENS = 100


def answer(ask: Ask) -> Said:
    """One completed answer. A tool call that does not fit into the limit is not made at all."""
    said = toy_model.say(ask)
    thought = "The user wants something; let me think." if thinks(ask) else ""
    if isinstance(said, tuple):
        wrote = sum(tokenizer.count(name) + tokenizer.count(arguments) for name, arguments in said)
        if ask.limit is not None and wrote > ask.limit:
            return Said("", (), "length", weigh(ask), ask.limit, thought)
        return Said("", said, "calls", weigh(ask), wrote, thought)
    text, why, met = finish(carry_on(ask, said or ""), ask.limit, ask.stop)
    return Said(text, (), why, weigh(ask), tokenizer.count(text), thought, met)


def thinks(ask: Ask) -> bool:
    return isinstance(ask.thinking, dict) and ask.thinking.get("type") != "disabled"


def carry_on(ask: Ask, text: str) -> str:
    """What is left to say where the caller has begun the answer."""
    last = ask.turns[-1] if ask.turns else None
    return text.removeprefix(last.text) if last and last.role == "assistant" else text


def finish(text: str, limit: int | None, stop: tuple[str, ...]) -> tuple[str, Why, str]:
    """The text up to its limit, or up to the first stop sequence, which is not part of it."""
    why: Why = "end"
    if limit is not None and tokenizer.count(text) > limit:
        text, why = tokenizer.cut(text, limit), "length"
    met = [(text.find(sequence), sequence) for sequence in stop if sequence in text]
    return (text[: min(met)[0]], "stop", min(met)[1]) if met else (text, why, "")


def weigh(ask: Ask) -> int:
    """Tokens of everything the model reads; what never reaches it weighs nothing."""
    total = 3
    if ask.system:
        total += 4 + tokenizer.count(ask.system)
    for turn in ask.turns:
        total += 4 + sum(_part(part) for part in turn.parts)
    return total + sum(_tool(tool) for tool in ask.tools)


def _part(part: Part) -> int:
    if isinstance(part, Text):
        return tokenizer.count(part.text)
    if isinstance(part, Image):
        return IMAGE_TOKENS
    if isinstance(part, Result):
        return 2 + tokenizer.count(part.text)
    return 4 + tokenizer.count(part.name) + tokenizer.count(part.arguments)


def _tool(tool: Tool) -> int:
    schema = json.dumps(tool.parameters, ensure_ascii=False)
    return (
        8 + tokenizer.count(tool.name) + tokenizer.count(tool.description) + tokenizer.count(schema)
    )
