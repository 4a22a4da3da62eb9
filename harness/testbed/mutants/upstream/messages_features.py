"""Mutants that lose a newer field of Messages on the way to the provider, or of its answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from harness.testbed.base import Mutant
from harness.testbed.gateway.anthropic import own_tools
from harness.testbed.gateway.model_types import Json, ModelReply
from harness.testbed.mutants.anthropic.newer_fields import drop_late_system
from harness.testbed.mutants.tool_lists import keep_tools
from harness.testbed.mutants.upstream.operators import (
    TO_ANTHROPIC,
    Body,
    Change,
    blocks,
    changes_request,
    drops,
    messages,
)
from harness.testbed.mutants.upstream.refusal_operators import refuses_nothing

NO = "forwarded"
NEWEST = [("anthropic-version", "2026-10-21")]


def tool_rule(name: str) -> str:
    return f"{NO} $.tools[?@.name=='{name}'].type"


def without_tools(kind: str) -> Change:
    """Drops the tools of one type."""
    return keep_tools(lambda tool: own_tools.kind(tool) != kind)


def without_members(*names: str) -> Change:
    """Drops members of all tools."""
    return lambda body: [drops(*names)(tool) for tool in body.get("tools") or ()]


def without_blocks(*kinds: str) -> Change:
    """Drops the blocks of some types."""

    def change(body: Body) -> None:
        for message in body["messages"]:
            if isinstance(message.get("content"), list):
                kept = [block for block in message["content"] if block["type"] not in kinds]
                message["content"] = kept or [{"type": "text", "text": "?"}]

    return change


def drop_callers(body: Body) -> None:
    for block in blocks(body):
        block.pop("caller", None)


def drop_ttl(body: Body) -> None:
    for block in body["system"] if isinstance(body.get("system"), list) else ():
        (block.get("cache_control") or {}).pop("ttl", None)


def drop_message_effort(body: Body) -> None:
    for message in body["messages"]:
        message.pop("output_config", None)


def hoist_to_parameter(body: Body) -> None:
    """Moves instructions within the conversation to the system prompt."""
    late = [m["content"] for m in body["messages"] if m["role"] == "system"]
    if late:
        drop_late_system(body)
        body["system"] = "\n".join([body.get("system") or "", *map(str, late)]).strip()


def hides_reason(original: Callable[[ModelReply], Json], reply: ModelReply) -> Json:
    """Reports an answer that the context window cut off as complete."""
    cut = reply.native_reason == "model_context_window_exceeded"
    return "end_turn" if cut else original(reply)


def lost(name: str, case: str, place: str, change: Change, what: str = "") -> Mutant:
    """Creates a mutant that forwards requests without something, by default the field `name`."""
    override = changes_request(TO_ANTHROPIC, change)
    return messages(f"{name}.lost", f"drops {what or name} before forwarding", case,
                    f"{NO} {place}", override)  # fmt: skip


FIELDS: Final = (
    ("output_config", "output_config.effort", "$.output_config.effort"),
    ("cache_control", "cache_control.automatic", "$.cache_control.type"),
    ("context_management", "context_management", "$.context_management.edits[0].type"),
    *((name, name, f"$.{name}") for name in ("inference_geo", "speed", "fallbacks")),
    ("diagnostics", "diagnostics", "$.diagnostics"),
    ("thinking", "thinking.between_tools", "$.thinking.type"),
)
OF_TOOLS: Final = (
    ("strict", "strict"),
    ("eager_input_streaming", "eager_input_streaming"),
    ("allowed_callers", "allowed_callers[0]"),
    ("input_examples", "input_examples[0].city"),
)
TOOLS: Final = (
    ("bash", "bash"), ("memory", "memory"), ("text_editor", "str_replace_based_edit_tool"),
    *((name, name) for name in ("web_search", "web_fetch", "code_execution")),
)  # fmt: skip
PDF: Final = "$..[?search(@, 'JVBERi0xLjQK|called Rex|image/')]"
BY_ADDRESS: Final = "$..[?search(@, 'dummy[.]pdf|Dummy PDF|JVBERi|image/')]"
BLOCKS: Final = (
    ("document", "documents.text", "$..[?search(@, 'called Rex')]"),
    ("search_result", "documents.search_result",
     "$.messages[*].content[?@.type=='search_result'].content[*].text"),
    *((f"{kind}_tool_result", f"tools.{kind}.replayed", "$.messages[1].content")
      for kind in ("web_search", "web_fetch", "code_execution", "tool_search")),
)  # fmt: skip

LOST_FEATURES = (
    *(lost(name, case, place, drops(name)) for name, case, place in FIELDS),
    *(lost(f"tool-{name}", f"tools.{name}", f"$.tools[0].{place}", without_members(name),
           f"{name} of tools")
      for name, place in OF_TOOLS),
    *(lost(f"own-{kind}", f"tools.{kind}", tool_rule(name).removeprefix(f"{NO} "),
           without_tools(kind), f"the tool {kind}") for kind, name in TOOLS),
    lost("computer", "tools.computer", "$.tools[1].type", without_tools("computer_toolset"),
         "the tool computer"),
    lost("tool_search", "tools.defer_loading",
         "$.tools[?@.name=='tool_search_tool_regex'].type",
         without_tools("tool_search_tool_regex"), "the tool search"),
    lost("deferral", "tools.defer_loading", "$.tools[?@.name=='get_time'].defer_loading",
         without_members("defer_loading"), "defer_loading of tools"),
    *(lost(f"block-{kind}", case, place, without_blocks(kind), f"{kind} blocks")
      for kind, case, place in BLOCKS),
    lost("pdf", "documents.pdf", PDF, without_blocks("document"), "PDF documents"),
    lost("document-url", "documents.url", BY_ADDRESS, without_blocks("document"),
         "documents by their address"),
    lost("caller", "tools.use.caller",
         "$.messages[1].content[?@.type=='tool_use'].caller.type", drop_callers,
         "the callers of calls"),
    lost("ttl", "cache_control.ttl.hour", "$.system[*].cache_control.ttl", drop_ttl,
         "lifetimes of cached prompts"),
    lost("message-effort", "messages.output_config", "$.messages[0].output_config.effort",
         drop_message_effort, "the effort of messages"),
    lost("late-system", "messages.role.system.late", "$..[?search(@, 'pineapple')]",
         drop_late_system, "instructions within the conversation"),
    messages("late-system.hoisted", "hoists instructions within the conversation",
             "upstream.system.late", f"{NO} $.messages[1].role",
             changes_request(TO_ANTHROPIC, hoist_to_parameter)),
    messages("version.newest", "forwards every request under the newest version",
             "upstream.version.sampling", "any_of",
             {f"{TO_ANTHROPIC}.version": lambda original, request: NEWEST}),
    messages("version.unchecked", "forwards what the version of a request does not have",
             "upstream.version.newer", "any_of",
             refuses_nothing("anthropic.check_against_version")),
    *(messages(f"answer.{name}", "drops newer members of the provider's answer",
               f"upstream.{name}", "any_of",
               {"anthropic.own_fields": lambda original, reply: {}})
      for name in ("stop_details", "container", "diagnostics")),
    messages("window", "reports an answer that the context window cut off as complete",
             "upstream.reason.window", "any_of", {"anthropic.finish_reason": hides_reason}),
)  # fmt: skip
