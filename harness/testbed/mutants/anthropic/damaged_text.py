"""Mutants that damage text in Messages answers, calls and results."""

from __future__ import annotations

from harness.testbed.mutants.anthropic.operators import Blocks, content, loses, mutant
from harness.testbed.mutants.openai.operators import Body, values_at
from harness.testbed.mutation.rows import mutants_in

TEXT = "body $.content[?@.type=='text'].text"
RESULT = ("messages", {"role": "user"}, "content", {"type": "tool_result"})


def ascii_input(blocks: Blocks) -> None:
    """Replaces letters beyond ASCII in the input of calls."""
    for block in blocks:
        if block["type"] == "tool_use":
            block["input"] = {name: as_ascii(value) for name, value in block["input"].items()}


def as_ascii(value: object) -> object:
    return value.encode("ascii", "replace").decode() if isinstance(value, str) else value


def swap_results(body: Body) -> None:
    """Gives each of two calls the result of the other."""
    results = list(values_at(body, *RESULT))
    texts = [result.get("content", "") for result in reversed(results)]
    for result, text in zip(results, texts, strict=True):
        result["content"] = text


def empty_first_result(body: Body) -> None:
    for result in list(values_at(body, *RESULT))[:-1][:1]:
        result["content"] = ""


DAMAGED_TEXT = (
    *mutants_in("anthropic/damaged_text"),
    mutant("call.ascii", "replaces letters beyond ASCII in the input of calls",
           "tools.arguments.unicode", "body $.content[?@.type=='tool_use'].input.city",
           content(ascii_input)),
    mutant("results.first-lost", "drops the content of the first of several results",
           "tools.results.first", "any_of", loses(empty_first_result)),
    mutant("results.swapped", "gives each of two calls the result of the other",
           "tools.results.assigned", TEXT, loses(swap_results)),
)  # fmt: skip
