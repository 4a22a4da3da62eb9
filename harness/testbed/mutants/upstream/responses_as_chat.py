"""Mutants of the Responses endpoint in front of a provider of Chat Completions."""

from __future__ import annotations

from harness.testbed.gateway.gateway import Overrides
from harness.testbed.keys import GATEWAY_KEY
from harness.testbed.mutants.upstream.operators import (
    TO_OPENAI,
    Body,
    Change,
    changes_reply,
    changes_request,
    changes_text,
    drops,
    hides_failure,
    sends_twice,
    sets,
)
from harness.testbed.mutants.upstream.request_changes import (
    add_advice,
    halve_temperature,
    is_forced,
    swap_results,
)
from harness.testbed.mutants.upstream.responses import (
    ADDED,
    DROPPED,
    FORMAT,
    LOST,
    ONCE,
    TEXT,
    UNDERWAY,
    VALUES,
    forwards_key,
    group,
    no_tokens,
)


def to_chat(change: Change) -> Overrides:
    return changes_request(TO_OPENAI, change)


def instructions_as_user(body: Body) -> None:
    """Sends system messages as messages of the user."""
    for message in body["messages"]:
        message["role"] = "user" if message["role"] == "system" else message["role"]


def drop_strict(body: Body) -> None:
    for tool in body.get("tools") or ():
        tool["function"].pop("strict", None)


BEFORE_CHAT = group(
    "bridge",
    ("adds-advice", "adds a text of its own", ADDED, to_chat(add_advice)),
    ("swaps", "exchanges the outputs of functions", LOST, to_chat(swap_results)),
    ("any", "forces a call with a word of Messages", VALUES,
     changes_request(TO_OPENAI, sets(tool_choice="any"), is_forced)),
    ("halves", "halves the temperature", VALUES, to_chat(halve_temperature)),
    ("twice", "sends each request twice", ONCE, sends_twice(TO_OPENAI)),
    ("system", "sends the instructions as words of the user",
     ("upstream.sent.instructions",
      "forwarded $.messages[?@.role=='system' || @.role=='developer'].content"),
     to_chat(instructions_as_user)),
    ("limit-lost", "drops the limit",
     ("upstream.sent.limit", "forwarded $['max_completion_tokens','max_tokens']"),
     to_chat(drops("max_completion_tokens"))),
    ("temperature-lost", "drops the temperature",
     ("upstream.sent.sampling", "forwarded $.temperature"), to_chat(drops("temperature"))),
    ("strict-lost", "drops strict",
     ("upstream.sent.tools", "forwarded $.tools[0].function.strict"), to_chat(drop_strict)),
    ("format-lost", "drops the format",
     ("format.json_schema", FORMAT.format("response_format.json_schema")),
     to_chat(drops("response_format"))),
    ("key", "forwards the caller's key", ("upstream.key", "forwarded header authorization"),
     forwards_key(TO_OPENAI, "authorization", f"Bearer {GATEWAY_KEY}")),
    ("strips", "strips texts", ("upstream.answer.text", TEXT), changes_text(TO_OPENAI, str.strip)),
    ("usage", "counts tokens itself", ("upstream.answer.usage", "body $.usage.input_tokens"),
     changes_reply(TO_OPENAI, no_tokens)),
    ("underway", "completes a stream after an error", UNDERWAY,
     hides_failure(TO_OPENAI, "stream_error")),
    ("dropped", "completes a stream after a dropped connection", DROPPED,
     hides_failure(TO_OPENAI, "incomplete_error")),
    to="Chat Completions",
)  # fmt: skip
