"""The laws of a stream of chat completion chunks, as tables to hold against the reference. Data."""

from __future__ import annotations

from typing import Final

from harness.decode.streams.rule import ERROR, JSON, ODD, StreamRule, Table

__all__ = ["ERROR", "JSON", "ODD"]  # the common ones, said here once more

NAMED = StreamRule(
    "stream.framing",
    "must",
    "events without a name",
    "the reference says data-only; EventSource hands named events to nobody",
)
EMPTY = StreamRule(
    "stream.empty-choices",
    "should",
    "a choice in every chunk but the usage chunk",
    "Azure opens with such a chunk; clients that read choices[0] crash on it",
)
SAME = StreamRule(
    "stream.same-id",
    "should",
    "the same {} in every chunk",
    "the reference says so; no SDK fails, tools that group chunks by id do",
)

ROLE_FIRST = StreamRule(
    "stream.role-first",
    "should",
    "role assistant in the first delta of choice {}",
    "observed, not in the schema; the SDKs leave the role empty",
)
ROLE_AGAIN = StreamRule(
    "stream.role-first",
    "should",
    "the role of choice {} once",
    "observed; the SDK's stream helper joins texts, and makes it assistantassistant",
)
AFTER = StreamRule(
    "stream.after-finish",
    "should",
    "nothing of choice {} after its finish_reason",
    "nothing is lost with an empty delta",
)
LOST = StreamRule(
    "stream.after-finish",
    "must",
    "nothing of choice {} after its finish_reason",
    "clients stop reading at the finish_reason and lose it",
)
TWICE = StreamRule(
    "stream.finish-once",
    "must",
    "one finish_reason for choice {}",
    "which one counts differs from client to client",
)
FINISH_KEY = StreamRule(
    "stream.finish-null",
    "should",
    "finish_reason in every choice of a chunk, null until the end",
    "the reference requires it; the SDKs read null where it is missing",
)
UNFINISHED = StreamRule(
    "stream.finish-once",
    "must",
    "a finish_reason for choice {}",
    "a cut answer cannot be told from a whole one",
)

USAGE_MISSING = StreamRule(
    "stream.usage", "must", "usage, as include_usage asks for it", "the numbers are lost"
)
USAGE_BESIDE = StreamRule(
    "stream.usage",
    "should",
    "usage in a chunk of its own, with empty choices",
    "the reference says so; the SDKs read it anywhere",
)
USAGE_TWICE = StreamRule(
    "stream.usage", "should", "one usage chunk", "clients that add up count the tokens twice"
)
USAGE_LAST = StreamRule("stream.usage", "should", "usage after all others", "the reference says so")
USAGE_UNASKED = StreamRule(
    "stream.usage", "should", "no usage, as nobody asked", "observed, not written"
)

DONE_MISSING = StreamRule(
    "stream.done",
    "must",
    "data: [DONE] at the end",
    "the reference ends with it; many clients wait for it",
)
DONE_EXACT = StreamRule(
    "stream.done", "should", "data: [DONE] and nothing else in the line", "strict readers miss it"
)
DONE_LAST = StreamRule("stream.done", "must", "nothing after data: [DONE]", "no client reads on")

TOOL_NEXT = StreamRule(
    "stream.tool-index",
    "must",
    "the next tool call at index {}",
    "the SDKs put fragments together by index; a gap makes one call into many",
)
TOOL_SHARED = StreamRule(
    "stream.tool-index",
    "must",
    "an index of its own for each tool call",
    "the SDKs join the arguments of both calls",
)
TOOL_OPENING = StreamRule(
    "stream.tool-index",
    "must",
    "{} in the first fragment of tool call {}",
    "clients open the call with it, or not at all",
)
TOOL_AGAIN = StreamRule(
    "stream.tool-index",
    "must",
    "{} of tool call {} in its first fragment only",
    "the SDK's stream helper joins texts, and makes it call_1call_1",
)
TOOL_TWIN = StreamRule(
    "stream.tool-index", "must", "an id of its own for each tool call", "results are bound by it"
)
ARGUMENTS_JSON = StreamRule(
    "stream.tool-arguments",
    "must",
    "arguments that join to JSON",
    "every client calls its JSON parser on them",
)
ARGUMENTS_OBJECT = StreamRule(
    "stream.tool-arguments",
    "should",
    "arguments that join to a JSON object, {} where there are none",
    "the reference's own are; clients that parse an empty text fail",
)

# A choice.
CHOICE: Final[Table] = {
    ("fresh", "role"): ("open", None),
    ("fresh", "payload"): ("open", ROLE_FIRST),
    ("fresh", "empty"): ("open", ROLE_FIRST),
    ("fresh", "finish"): ("finished", ROLE_FIRST),
    ("open", "role"): ("open", ROLE_AGAIN),
    ("open", "payload"): ("open", None),
    ("open", "empty"): ("open", None),
    ("open", "finish"): ("finished", None),
    ("finished", "role"): ("finished", AFTER),
    ("finished", "payload"): ("finished", LOST),
    ("finished", "empty"): ("finished", AFTER),
    ("finished", "finish"): ("finished", TWICE),
}

# The stream as a whole. `hollow` is a chunk without choices and without usage.
STREAM: Final[Table] = {
    ("open", "chunk"): ("open", None),
    ("open", "hollow"): ("open", EMPTY),
    ("open", "usage"): ("counted", None),
    ("open", "error"): ("failed", ERROR),
    ("open", "done"): ("done", None),
    ("counted", "chunk"): ("counted", USAGE_LAST),
    ("counted", "hollow"): ("counted", EMPTY),
    ("counted", "usage"): ("counted", USAGE_TWICE),
    ("counted", "error"): ("failed", ERROR),
    ("counted", "done"): ("done", None),
    ("failed", "chunk"): ("failed", None),
    ("failed", "hollow"): ("failed", None),
    ("failed", "usage"): ("failed", None),
    ("failed", "error"): ("failed", None),
    ("failed", "done"): ("failed", None),
    ("done", "chunk"): ("done", DONE_LAST),
    ("done", "hollow"): ("done", DONE_LAST),
    ("done", "usage"): ("done", DONE_LAST),
    ("done", "error"): ("done", DONE_LAST),
    ("done", "done"): ("done", DONE_LAST),
}
