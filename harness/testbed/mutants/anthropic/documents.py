"""Mutants of documents, search results and tools that Anthropic defines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from harness.testbed.gateway.anthropic import own_tools
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.mutants.anthropic.operators import (
    loses,
    mutant,
    repairs,
)
from harness.testbed.mutants.anthropic.request_fields import REFUSED
from harness.testbed.mutants.openai.operators import (
    Body,
    values_at,
)
from harness.testbed.mutants.tool_lists import keep_tools
from harness.testbed.mutation.rows import mutants_in

BLOCKS = ("messages", "*", "content", "*")


def contents(body: Body) -> Iterator[Body]:
    """Yields the messages and tool results whose content is a list."""
    for holder in (*values_at(body, "messages", "*"), *values_at(body, *BLOCKS)):
        if isinstance(holder, dict) and isinstance(holder.get("content"), list):
            yield holder


def without_blocks(test: Callable[[Body], bool]) -> Callable[[Body], None]:
    """Removes blocks; a content of nothing else becomes a word."""

    def change(body: Body) -> None:
        for holder in list(contents(body)):
            kept = [each for each in holder["content"] if not test(each)]
            holder["content"] = kept or [{"type": "text", "text": "?"}]

    return change


def is_document(kind: str) -> Callable[[Body], bool]:
    return lambda one: one.get("type") == "document" and one["source"]["type"] == kind


def is_file(one: Body) -> bool:
    source = one.get("source")
    return "file_id" in one or (isinstance(source, dict) and source.get("type") == "file")


def drop_search_results(body: Body) -> None:
    """Drops search results inside the results of tools."""
    for result in values_at(body, *BLOCKS[:-1], {"type": "tool_result"}):
        if isinstance(result.get("content"), list):
            result["content"] = "?"


def loses_tools(kind: str) -> Overrides:
    """Drops tools of this type before the model."""
    return loses(keep_tools(lambda tool: own_tools.kind(tool) != kind))


def is_known(tool: Body) -> bool:
    return own_tools.kind(tool) in (*own_tools.RUN_BY_CALLER, *own_tools.RUN_BY_PROVIDER, "")


def has_another_type(tool: Body) -> bool:
    return tool.get("type") != "custom"


def tool_lost(kind: str, rule: str) -> Any:
    case = kind.removesuffix("_toolset")
    return mutant(f"{case}.lost", f"drops the tool {case}", f"tools.{case}", rule,
                  loses_tools(kind))  # fmt: skip


DOCUMENTS = (
    *(mutant(f"document.{kind}.lost", f"drops documents of the type {kind}", f"documents.{case}",
             "any_of", loses(without_blocks(is_document(kind))))
      for kind, case in (("text", "text"), ("base64", "pdf"), ("content", "content"))),
    *(mutant(f"{name}.lost", "drops files that do not exist", name, REFUSED,
             repairs(without_blocks(is_file)))
      for name in ("documents.file", "images.file", "documents.container_upload")),
    mutant("search_result.lost", "drops search results", "documents.search_result", "any_of",
           loses(without_blocks(lambda one: one.get("type") == "search_result"))),
    mutant("search_result.of-tool", "drops search results of tools", "documents.tool_result",
           "more_than", loses(drop_search_results)),
    mutant("count.documents", "does not count documents", "count_tokens.documents", "more_than",
           loses(without_blocks(is_document("text")))),
)  # fmt: skip

OWN_TOOLS = (
    *(tool_lost(kind, "any_of") for kind in ("bash", "text_editor", "memory")),
    *(tool_lost(kind, "more_than")
      for kind in ("computer_toolset", "browser_toolset", "web_search", "web_fetch",
                   "code_execution")),
    mutant("own-tool.unknown", "drops tools that do not exist", "tools.unknown", REFUSED,
           repairs(keep_tools(is_known))),
    mutant("custom.lost", "drops tools of the type custom", "tools.type.custom", "any_of",
           loses(keep_tools(has_another_type))),
    mutant("tool_search.lost", "drops the tool search", "tools.defer_loading", "more_than",
           loses_tools("tool_search_tool_regex")),
)  # fmt: skip

ANTHROPIC_DOCUMENTS = (*mutants_in("anthropic/documents"), *DOCUMENTS, *OWN_TOOLS)
