"""The rules of a stream of chat completion chunks, as tables to compare with the reference."""

from __future__ import annotations

from typing import Final

from harness.decode.streams.rule import ERROR, StreamRule, Table

EVENT_NAME = StreamRule(
    "stream.framing",
    "must",
    "events without a name",
    "the reference has data-only events; EventSource does not pass a named one to onmessage",
)
EMPTY_CHOICES = StreamRule(
    "stream.empty-choices",
    "should",
    "a choice in every chunk but the usage chunk",
    "Azure opens a stream with such a chunk; clients that read choices[0] crash on it",
)
CONSTANT = StreamRule(
    "stream.same-id",
    "should",
    "the same {} in every chunk",
    "the reference requires it; the SDKs do not fail, but tools that group chunks by id do",
)

ROLE_FIRST = StreamRule(
    "stream.role-first",
    "should",
    "role assistant in the first delta of choice {}",
    "observed, but not in the reference; the SDKs leave the role empty",
)
ROLE_ONCE = StreamRule(
    "stream.role-first",
    "should",
    "the role of choice {} once",
    "observed; the SDK's stream helper concatenates texts, which gives assistantassistant",
)
EMPTY_AFTER_FINISH = StreamRule(
    "stream.after-finish",
    "should",
    "nothing of choice {} after its finish_reason",
    "an empty delta loses no data",
)
PAYLOAD_AFTER_FINISH = StreamRule(
    "stream.after-finish",
    "must",
    "nothing of choice {} after its finish_reason",
    "clients stop reading at the finish_reason, so the data is lost",
)
FINISH_ONCE = StreamRule(
    "stream.finish-once",
    "must",
    "one finish_reason for choice {}",
    "clients differ in which one they use",
)
FINISH_KEY = StreamRule(
    "stream.finish-null",
    "should",
    "finish_reason in every choice of a chunk, null until the end",
    "the reference requires it; the SDKs read a missing one as null",
)
FINISH_MISSING = StreamRule(
    "stream.finish-once",
    "must",
    "a finish_reason for choice {}",
    "without it a truncated answer looks complete",
)

USAGE_MISSING = StreamRule(
    "stream.usage", "must", "usage, as requested with include_usage", "the counts are lost"
)
USAGE_WITH_CHOICES = StreamRule(
    "stream.usage",
    "should",
    "usage in a chunk of its own, with empty choices",
    "the reference says so; the SDKs read it in any chunk",
)
USAGE_ONCE = StreamRule(
    "stream.usage", "should", "one usage chunk", "clients that add the counts count twice"
)
USAGE_LAST = StreamRule(
    "stream.usage", "should", "usage after all other chunks", "the reference says so"
)
USAGE_UNREQUESTED = StreamRule(
    "stream.usage",
    "should",
    "no usage, as it was not requested",
    "observed, but not in the reference",
)

DONE_MISSING = StreamRule(
    "stream.done",
    "must",
    "data: [DONE] at the end",
    "the reference ends a stream with it, and many clients wait for it",
)
DONE_EXACT = StreamRule(
    "stream.done",
    "should",
    "data: [DONE] and nothing else in the line",
    "strict clients do not recognise it",
)
DONE_LAST = StreamRule(
    "stream.done", "must", "nothing after data: [DONE]", "clients stop reading there"
)

TOOL_INDEX_GAP = StreamRule(
    "stream.tool-index",
    "must",
    "the next tool call at index {}",
    "the SDKs join fragments by index; a gap adds empty calls",
)
TOOL_INDEX_SHARED = StreamRule(
    "stream.tool-index",
    "must",
    "a separate index for each tool call",
    "the SDKs join the arguments of both calls",
)
TOOL_FIRST = StreamRule(
    "stream.tool-index",
    "must",
    "{} in the first fragment of tool call {}",
    "clients open the call with the first fragment",
)
TOOL_REPEATED = StreamRule(
    "stream.tool-index",
    "must",
    "{} of tool call {} in its first fragment only",
    "the SDK's stream helper concatenates texts, which gives call_1call_1",
)
TOOL_ID_REPEATED = StreamRule(
    "stream.tool-index",
    "must",
    "a separate id for each tool call",
    "tool results refer to their call by its id",
)
ARGUMENTS_JSON = StreamRule(
    "stream.tool-arguments",
    "must",
    "arguments that concatenate to JSON",
    "every client parses them as JSON",
)
ARGUMENTS_OBJECT = StreamRule(
    "stream.tool-arguments",
    "should",
    "arguments that concatenate to a JSON object, {} if there are none",
    "the reference's server sends an object; clients that parse an empty text fail",
)

# One choice. "payload" is any non-empty member of a delta but the role.
CHOICE: Final[Table] = {
    ("new", "role"): ("open", None),
    ("new", "payload"): ("open", ROLE_FIRST),
    ("new", "empty"): ("open", ROLE_FIRST),
    ("new", "finish"): ("finished", ROLE_FIRST),
    ("open", "role"): ("open", ROLE_ONCE),
    ("open", "payload"): ("open", None),
    ("open", "empty"): ("open", None),
    ("open", "finish"): ("finished", None),
    ("finished", "role"): ("finished", EMPTY_AFTER_FINISH),
    ("finished", "payload"): ("finished", PAYLOAD_AFTER_FINISH),
    ("finished", "empty"): ("finished", EMPTY_AFTER_FINISH),
    ("finished", "finish"): ("finished", FINISH_ONCE),
}

# The whole stream. An "empty" chunk has neither choices nor usage.
STREAM: Final[Table] = {
    ("open", "chunk"): ("open", None),
    ("open", "empty"): ("open", EMPTY_CHOICES),
    ("open", "usage"): ("usage", None),
    ("open", "error"): ("failed", ERROR),
    ("open", "done"): ("done", None),
    ("usage", "chunk"): ("usage", USAGE_LAST),
    ("usage", "empty"): ("usage", EMPTY_CHOICES),
    ("usage", "usage"): ("usage", USAGE_ONCE),
    ("usage", "error"): ("failed", ERROR),
    ("usage", "done"): ("done", None),
    ("failed", "chunk"): ("failed", None),
    ("failed", "empty"): ("failed", None),
    ("failed", "usage"): ("failed", None),
    ("failed", "error"): ("failed", None),
    ("failed", "done"): ("failed", None),
    ("done", "chunk"): ("done", DONE_LAST),
    ("done", "empty"): ("done", DONE_LAST),
    ("done", "usage"): ("done", DONE_LAST),
    ("done", "error"): ("done", DONE_LAST),
    ("done", "done"): ("done", DONE_LAST),
}
