"""Mutants of the request fields of Messages that came after its first version."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.testbed.gateway.gateway import Overrides
from harness.testbed.mutants.anthropic.operators import (
    loses,
    misreads,
    mutant,
)
from harness.testbed.mutants.anthropic.request_operators import (
    both_of,
    header_contains,
    rejects_with,
)
from harness.testbed.mutants.openai.operators import Body
from harness.testbed.mutation.rows import mutants_in

THOUGHT = "body $.content[?@.type=='thinking'].thinking"
ADAPTIVE = {"type": "adaptive"}


def drop_late_system(body: Body) -> None:
    body["messages"] = [m for m in body["messages"] if m["role"] != "system"]


def show_all(original: Callable[..., Any], body: Body, content: list[Body]) -> list[Body]:
    """Shows thinking although it is to be omitted."""
    return content


def show_nothing(original: Callable[..., Any], body: Body, content: list[Body]) -> list[Body]:
    """Omits thinking although it is to be shown."""
    return [{**b, "thinking": ""} if b["type"] == "thinking" else b for b in content]


def adds_header(name: str, value: str) -> Overrides:
    """Adds a header to all answers."""
    return {
        "anthropic.headers": lambda original, *args: [
            *(pair for pair in original(*args) if pair[0] != name),
            (name, value),
        ]
    }


NEWER_FIELDS = (
    mutant("between_tools.thinks", "thinks before the first call although it should not",
           "thinking.between_tools", "body $.content[?@.type=='thinking']",
           misreads(thinking=lambda request: request.thinking and ADAPTIVE)),
    mutant("display.shown", "shows thinking that is to be omitted", "thinking.display.omitted",
           THOUGHT, {"anthropic.displayed": show_all}),
    mutant("display.hidden", "omits all thinking", "thinking.display.summarized", THOUGHT,
           {"anthropic.displayed": show_nothing}),
    mutant("workspace.empty", "names an empty workspace", "headers.workspace",
           "headers anthropic-workspace-id", adds_header("anthropic-workspace-id", "")),
    mutant("late-system.lost", "drops instructions within the conversation",
           "messages.role.system.late", "any_of", loses(drop_late_system)),
)  # fmt: skip


def newest(word: bytes, status: int) -> Overrides:
    """Rejects requests of the newest version whose body contains a word, without a reason."""
    is_newest = header_contains("anthropic-version", "2026")
    return rejects_with(both_of(is_newest, lambda request: word in request["body"]), status)


VERSIONS = (
    mutant("newest.unnamed", "rejects a temperature of the newest version without a reason",
           "version.2026-10-21.sampling", "any_of", newest(b"temperature", 400)),
    mutant("newest.top_p", "rejects top_p of the newest version without a reason",
           "version.2026-10-21.sampling.default", "any_of", newest(b"top_p", 400)),
    mutant("newest.top_k", "rejects top_k of the newest version without a reason",
           "version.2026-10-21.sampling.top_k", "any_of", newest(b"top_k", 400)),
    mutant("newest.search", "returns a 500 for search results of the newest version",
           "version.2026-10-21.search-citations", "status", newest(b"search_result", 500)),
    mutant("newest.document", "returns a 500 for a document of the newest version",
           "version.2026-10-21.assistant-document", "status", newest(b"document", 500)),
    mutant("newest.citations", "returns a 500 for citations of the newest version",
           "version.2026-10-21.user-citations", "status", newest(b"citations", 500)),
    mutant("newest.tools", "rejects tools of the newest version", "version.2026-10-21.plain",
           "status", newest(b"tools", 400)),
)  # fmt: skip

ANTHROPIC_NEWER_FIELDS = (*mutants_in("anthropic/newer_fields"), *NEWER_FIELDS, *VERSIONS)
