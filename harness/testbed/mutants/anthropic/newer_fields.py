"""Mutants of the request fields of Messages that came after its first version."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.testbed.gateway.gateway import Overrides
from harness.testbed.mutants.anthropic.operators import (
    answer,
    crashes,
    forgives,
    loses,
    misreads,
    mutant,
    refuses,
)
from harness.testbed.mutants.anthropic.request_fields import REFUSED, TEXT
from harness.testbed.mutants.anthropic.request_operators import (
    both_of,
    header_contains,
    rejects_with,
)
from harness.testbed.mutants.openai.operators import Body, Test, drops, has, has_value

NAMED = "honoured_or_refused.named"
THOUGHT = "body $.content[?@.type=='thinking'].thinking"
ADAPTIVE = {"type": "adaptive"}


def refuses_unnamed(test: Test) -> Overrides:
    """Rejects valid requests without naming the field."""
    return refuses(test, "request")


def unnamed(name: str, case: str, *path: str) -> Any:
    """Creates a mutant that refuses a field without naming it."""
    description = f"rejects {'.'.join(path)} without naming it"
    return mutant(f"{name}.unnamed", description, case, NAMED, refuses_unnamed(has(*path)))


def ignores(name: str, case: str) -> Any:
    """Creates a mutant that ignores an invalid field."""
    return mutant(f"{case}.forgiven", f"ignores an invalid {name}", case, REFUSED, forgives(name))


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
    mutant("format.ignored", "ignores the format of the answer", "output_config.format", TEXT,
           misreads(json_schema=lambda request: None)),
    ignores("output_config", "output_config.format.wrong-type"),
    unnamed("effort", "output_config.effort", "output_config", "effort"),
    mutant("effort.crash", "returns a 500 for the highest effort", "output_config.effort.highest",
           "status", crashes(has_value("output_config", "effort", value="max"))),
    ignores("output_config", "output_config.unknown"),
    mutant("between_tools.thinks", "thinks before the first call although it should not",
           "thinking.between_tools", "body $.content[?@.type=='thinking']",
           misreads(thinking=lambda request: request.thinking and ADAPTIVE)),
    mutant("display.shown", "shows thinking that is to be omitted", "thinking.display.omitted",
           THOUGHT, {"anthropic.displayed": show_all}),
    mutant("display.hidden", "omits all thinking", "thinking.display.summarized", THOUGHT,
           {"anthropic.displayed": show_nothing}),
    ignores("thinking", "thinking.display.wrong"),
    unnamed("automatic", "cache_control.automatic", "cache_control"),
    unnamed("ttl", "cache_control.ttl.hour", "system", "*", "cache_control", "ttl"),
    ignores("system", "cache_control.ttl.wrong"),
    unnamed("context_management", "context_management", "context_management"),
    mutant("context_management.silent", "does not list the edits of the context",
           "context_management.applied", "body $.context_management.applied_edits",
           answer(drops("context_management"))),
    *(ignores(name, case) for name, case in (
        ("context_management", "context_management.unknown"),
        ("container", "container"), ("mcp_servers", "mcp_servers"))),
    *(unnamed(name, name, name)
      for name in ("inference_geo", "speed", "fallbacks", "diagnostics")),
    mutant("profile.crash", "returns a 500 for a user profile", "headers.profile", "status",
           rejects_with(header_contains("anthropic-user-profile-id", "uprof"), 500)),
    mutant("workspace.empty", "names an empty workspace", "headers.workspace",
           "headers anthropic-workspace-id", adds_header("anthropic-workspace-id", "")),
    mutant("redacted.crash", "returns a 500 for redacted thinking", "messages.redacted_thinking",
           "status", crashes(has("messages", "*", "content", {"type": "redacted_thinking"}))),
    unnamed("message-effort", "messages.output_config", "messages", "*", "output_config"),
    mutant("late-system.lost", "drops instructions within the conversation",
           "messages.role.system.late", "any_of", loses(drop_late_system)),
    mutant("late-system.unnamed", "rejects instructions within the conversation without a reason",
           "messages.role.system.late", NAMED,
           refuses_unnamed(has("messages", {"role": "system"}))),
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
    mutant("older.document", "applies the newest version's rule for documents to all",
           "version.2023-06-01.assistant-document", NAMED, refuses_unnamed(
               has("messages", {"role": "assistant"}, "content", {"type": "document"}))),
    mutant("older.citations", "applies the newest version's rule for citations to all",
           "version.2023-06-01.user-citations", NAMED,
           refuses_unnamed(has("messages", {"role": "user"}, "content", "*", "citations"))),
    mutant("newest.document", "returns a 500 for a document of the newest version",
           "version.2026-10-21.assistant-document", "status", newest(b"document", 500)),
    mutant("newest.citations", "returns a 500 for citations of the newest version",
           "version.2026-10-21.user-citations", "status", newest(b"citations", 500)),
    mutant("newest.tools", "rejects tools of the newest version", "version.2026-10-21.plain",
           "status", newest(b"tools", 400)),
)  # fmt: skip

ANTHROPIC_NEWER_FIELDS = (*NEWER_FIELDS, *VERSIONS)
