"""Mutants of resold Messages endpoints: they add, cut, rename or count in secret."""

from __future__ import annotations

from typing import Any

from harness.testbed.mutants.anthropic.operators import (
    answers,
    block,
    loses,
    misreads,
    mutant,
    refuses,
)
from harness.testbed.mutants.combinations import escaped
from harness.testbed.mutants.openai.operators import Body, values_at
from harness.testbed.mutants.request_cuts import (
    HIDDEN,
    cut_middle,
    drop_old_turns,
    with_hidden_prompt,
)
from harness.testbed.mutation.rows import mutants_in

CALL = "body $.content[?@.type=='tool_use']"
UNCOUNTED = len(HIDDEN) // 4  # tokens of a prompt that count_tokens does not count


def charge_hidden(body: Body, whole: Body) -> None:
    whole["usage"]["input_tokens"] += UNCOUNTED


def drop_prefix(call: Body) -> None:
    call["name"] = call["name"].rpartition("__")[2]


def escape_markup(call: Body) -> None:
    call["input"] = escaped(call["input"])


def thinks_and_calls(body: Body) -> bool:
    """Tests whether a turn that is sent back has thinking and a call."""
    turns: Any = values_at(body, "messages", {"role": "assistant"}, "content")
    return any(
        {"thinking", "tool_use"} <= {each["type"] for each in turn}
        for turn in turns
        if isinstance(turn, list)
    )


ANTHROPIC_INTEGRITY = (
    *mutants_in("anthropic/integrity"),
    mutant("integrity.hidden", "puts a hidden prompt before the caller's, and counts it",
           "integrity.prompt.size", "body $.usage.input_tokens",
           misreads(system=with_hidden_prompt)),
    mutant("integrity.uncounted", "charges a hidden prompt that count_tokens does not count",
           "integrity.prompt.counted", "steps_agree", answers(charge_hidden)),
    mutant("integrity.old-turns", "drops the earlier turns of a long conversation",
           "integrity.context.first", "any_of", loses(drop_old_turns)),
    mutant("integrity.middle", "cuts out the middle of a long message",
           "integrity.context.middle", "any_of", loses(cut_middle)),
    mutant("integrity.prefix", "drops the prefix of a tool's name",
           "integrity.tools.prefix", f"{CALL}.name", block("tool_use", drop_prefix)),
    mutant("integrity.escaped", "escapes markup in arguments",
           "integrity.tools.arguments", f"{CALL}.input.text", block("tool_use", escape_markup)),
    mutant("integrity.thinking", "rejects a turn with thinking and a call on replay",
           "integrity.thinking.loop", "status", refuses(thinks_and_calls, "signature")),
)  # fmt: skip
