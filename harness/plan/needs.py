"""Derives the signals that an assertion needs, from its check, its paths and its request.

An assertion needs a signal if it concludes an effect from it. That a count is reported, or that an
answer has a text at all, needs none.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from harness.language import checks
from harness.model import SIGNALS, Call, Json, Signal
from harness.model.protocol import PROTOCOLS

INPUT = re.compile(r"usage\b.*(prompt|input)_tokens")
OUTPUT = re.compile(r"usage\b.*(completion|output)_tokens")
TOTAL = re.compile(r"usage\b.*total_tokens")
TEXT = re.compile(r"\.(content|text|joined)\?*$")
FINISH = re.compile(r"\.(finish_reason|stop_reason|incomplete_details\.reason)\?*$")
CALLS = re.compile(
    r"tool_calls|function_call|_call\b|tool_use|\.(input|arguments|call)\?*$|\$\.content\[1\]"
)
COUNTS = re.compile(r"\bcount from \d+ to \d+", re.IGNORECASE)
WORDS: Final = ("pattern", "const", "enum", "contains")
ENDS: Final = frozenset(
    {"length", "max_tokens", "max_output_tokens", "stop", "stop_sequence", "end_turn"}
)


def signals_needed(check: str, args: Json, call: Call) -> tuple[Signal, ...]:
    """Return the signals that an assertion without parts needs, in the order of SIGNALS.

    Args:
        call: The request whose answer is checked.
    """
    if (known := checks.BY_ID.get(check)) and known.grade == "upstream":
        return ("upstream",)
    if call.reply is not None:  # what the provider answers is known only if it was asked
        return ("upstream",)
    protocol = PROTOCOLS[call.protocol]
    on_chat_path = call.client or protocol.is_chat(call.path) or check == "steps_agree"
    if check not in BY_CHECK or not on_chat_path:
        return ()
    needed = set(BY_CHECK[check](args, call))
    if needed and check != "steps_agree" and '"image' in sent_text(call):
        needed = needed - {"instructions"} | {"vision"}  # an unseen image may not be counted
    return tuple(signal for signal in SIGNALS if signal in needed)


def of_comparison(paths: Iterable[str], call: Call) -> Iterator[Signal]:
    """Yield what is needed to compare the values at these paths of several answers."""
    for path in paths:
        if INPUT.search(path) or TOTAL.search(path):
            yield "tokens"
        if OUTPUT.search(path) or TOTAL.search(path):
            yield "output_tokens"
        if TEXT.search(path):
            yield "repeatable"
        if FINISH.search(path) and COUNTS.search(sent_text(call)):
            yield "counting"


def of_steps(args: Json, call: Call) -> Iterator[Signal]:
    return of_comparison(args["paths"].values(), call)


def of_place(args: Json, call: Call) -> Iterator[Signal]:
    """Yield what `unique` and `same` need, which have one path or a list of paths."""
    paths = [args] if isinstance(args, str) else args
    yield from of_comparison(paths, call)
    if offers_tools(call) and any(map(CALLS.search, paths)):
        yield from of_calls(call)


def of_values(args: Mapping[str, Json], call: Call) -> Iterator[Signal]:
    """Yield what is needed for JSON Schemas at places of an answer."""
    for path, schema in args.items():
        counted = is_more_than_presence(schema)
        if CALLS.search(path) and offers_tools(call):
            yield from of_calls(call, schema)
        elif INPUT.search(path) and counted:
            yield "tokens"
        elif OUTPUT.search(path) and counted:
            yield "output_tokens"
        elif TEXT.search(path):
            yield from of_words(schema, call)
        elif FINISH.search(path):
            yield from of_finish(schema, call)


def of_words(schema: Json, call: Call) -> Iterator[Signal]:
    """Yield what is needed for words of an answer.

    That a text lacks certain words needs no model that follows instructions, but one that counts,
    if the request is to count up to what is missing.
    """
    if COUNTS.search(sent_text(call)):
        if has_keyword(schema, {*WORDS, "not"}):
            yield "counting"
    elif has_keyword(schema, WORDS) and not set(constants(schema)) & {"", None}:
        yield "instructions"


def of_finish(schema: Json, call: Call) -> Iterator[Signal]:
    """Yield what is needed for the reason why an answer has ended.

    A model that does not follow the instruction to be brief can reach the limit of its server.
    """
    allowed = set(map(str, constants(schema)))
    of_a_call = allowed & {"tool_calls", "tool_use", "function_call"}
    if offers_tools(call) and of_a_call and (of_a_call == allowed or forces_call(call)):
        yield from of_calls(call)
    elif allowed and allowed <= ENDS and not forces_call(call):
        yield "counting" if COUNTS.search(sent_text(call)) else "instructions"


def of_calls(call: Call, schema: Json = True) -> Iterator[Signal]:
    """Yield what is needed for a tool call, which only some requests force, or for its absence."""
    yield "tools"
    if not forces_call(call) and schema not in (False, {"maxItems": 0}):
        yield "instructions"


def forces_call(call: Call) -> bool:
    """Whether a request leaves the model no choice but to call a tool, or none."""
    if not offers_tools(call):
        return False
    choice = call.body.get("tool_choice", call.body.get("function_call", "auto"))
    return choice != "auto" and not (isinstance(choice, dict) and choice.get("type") == "auto")


def offers_tools(call: Call) -> bool:
    return isinstance(call.body, Mapping) and bool({"tools", "functions"} & call.body.keys())


def is_more_than_presence(schema: Json) -> bool:
    """Whether a schema of a count requires more than that the count is there and positive."""
    return isinstance(schema, Mapping) and (
        "maximum" in schema or "const" in schema or schema.get("minimum", 0) > 1
    )


def has_keyword(schema: Json, keywords: Iterable[str]) -> bool:
    """Whether a schema, or one that it combines, has one of these keywords."""
    if not isinstance(schema, Mapping):
        return False
    inner = [part for key in ("allOf", "anyOf", "oneOf") for part in schema.get(key, ())]
    return any(key in schema for key in keywords) or any(has_keyword(i, keywords) for i in inner)


def constants(schema: Json) -> list[Json]:
    if not isinstance(schema, Mapping):
        return []
    return [schema["const"]] if "const" in schema else list(schema.get("enum", ()))


def sent_text(call: Call) -> str:
    return json.dumps(call.body, ensure_ascii=False)


BY_CHECK: Final[Mapping[str, Callable[[Json, Call], Iterator[Signal]]]] = {
    "same_as": of_comparison,
    "more_than": of_comparison,
    "not_less": of_comparison,
    "steps_agree": of_steps,
    "same": of_place,
    "unique": of_place,
    "body": of_values,
    "events": of_values,
}
