"""The order of events in a Messages stream, as tables to compare with the reference.

    message_start (content_block_start content_block_delta* content_block_stop)*
    message_delta+ message_stop

A `ping` can come anywhere. So can events, deltas and blocks of unknown types, since the versioning
policy permits new ones; they are recorded at level `may`.
"""

from __future__ import annotations

from typing import Final

from harness.decode.streams import anthropic_rules as rules
from harness.decode.streams.rule import ERROR, Table

# The whole stream. A `stray` event belongs to a block other than the open one. A ping and an event
# of an unknown type are permitted everywhere and not in the table. After an error event nothing
# more is expected.
STREAM: Final[Table] = {
    ("before", "message_start"): ("between", None),
    ("before", "content_block_start"): ("before", rules.START_FIRST),
    ("before", "content_block_delta"): ("before", rules.START_FIRST),
    ("before", "content_block_stop"): ("before", rules.START_FIRST),
    ("before", "message_delta"): ("before", rules.START_FIRST),
    ("before", "message_stop"): ("before", rules.START_FIRST),
    ("before", "error"): ("failed", ERROR),
    ("between", "message_start"): ("between", rules.START_ONCE),
    ("between", "content_block_start"): ("block", None),
    ("between", "content_block_delta"): ("between", rules.NO_OPEN_BLOCK),
    ("between", "content_block_stop"): ("between", rules.NO_OPEN_BLOCK),
    ("between", "message_delta"): ("ending", None),
    ("between", "message_stop"): ("stopped", rules.DELTA_MISSING),
    ("between", "error"): ("failed", ERROR),
    ("block", "message_start"): ("block", rules.START_ONCE),
    ("block", "content_block_start"): ("block", rules.BLOCK_NOT_CLOSED),
    ("block", "content_block_delta"): ("block", None),
    ("block", "content_block_stop"): ("between", None),
    ("block", "stray content_block_delta"): ("block", rules.OTHER_BLOCK),
    ("block", "stray content_block_stop"): ("between", rules.OTHER_BLOCK),
    ("block", "message_delta"): ("ending", rules.BLOCK_NOT_CLOSED),
    ("block", "message_stop"): ("stopped", rules.BLOCK_NOT_CLOSED),
    ("block", "error"): ("failed", ERROR),
    ("ending", "message_start"): ("ending", rules.START_ONCE),
    ("ending", "content_block_start"): ("ending", rules.DELTA_LAST),
    ("ending", "content_block_delta"): ("ending", rules.DELTA_LAST),
    ("ending", "content_block_stop"): ("ending", rules.DELTA_LAST),
    ("ending", "message_delta"): ("ending", None),
    ("ending", "message_stop"): ("stopped", None),
    ("ending", "error"): ("failed", ERROR),
    ("stopped", "message_start"): ("stopped", rules.STOP_LAST),
    ("stopped", "content_block_start"): ("stopped", rules.STOP_LAST),
    ("stopped", "content_block_delta"): ("stopped", rules.STOP_LAST),
    ("stopped", "content_block_stop"): ("stopped", rules.STOP_LAST),
    ("stopped", "message_delta"): ("stopped", rules.STOP_LAST),
    ("stopped", "message_stop"): ("stopped", rules.STOP_LAST),
    ("stopped", "error"): ("failed", ERROR),
}
EVENT_TYPES: Final = frozenset(symbol for state, symbol in STREAM if state == "before")

# A block's type -> the deltas that it can have. A block of an unknown type can have any.
PERMITTED_DELTAS: Final[dict[str, tuple[str, ...]]] = {
    "text": ("text_delta", "citations_delta"),
    "thinking": ("thinking_delta", "signature_delta"),
    "redacted_thinking": (),
    "tool_use": ("input_json_delta",),
    "server_tool_use": ("input_json_delta",),
    "mcp_tool_use": ("input_json_delta",),
}
# A delta's type -> the key of its value, and the key of the block that the value extends.
DELTA_KEYS: Final = {
    "text_delta": ("text", "text"),
    "citations_delta": ("citation", "citations"),
    "thinking_delta": ("thinking", "thinking"),
    "signature_delta": ("signature", "signature"),
    "input_json_delta": ("partial_json", "input"),
}
# With these stop reasons the last block can be incomplete.
TRUNCATED: Final = ("max_tokens", "refusal", "model_context_window_exceeded")
