"""The order of a stream of the Messages protocol, as tables to hold against the reference. Data.

    message_start (content_block_start content_block_delta* content_block_stop)*
    message_delta+ message_stop

A `ping` may come anywhere. Events, deltas and blocks of unknown types may too, since the versioning
policy lets new ones come: they are written down (`may`).
"""

from __future__ import annotations

from typing import Final

from harness.decode.streams import anthropic_rules as laws
from harness.decode.streams.rule import ERROR, Table

# The stream as a whole; `stray...` are of another block than the open one. A ping is legal
# everywhere, and so is an event of an unknown type: neither is in the table. After an error nothing
# is owed.
STREAM: Final[Table] = {
    ("before", "message_start"): ("between", None),
    ("before", "content_block_start"): ("before", laws.START_FIRST),
    ("before", "content_block_delta"): ("before", laws.START_FIRST),
    ("before", "content_block_stop"): ("before", laws.START_FIRST),
    ("before", "message_delta"): ("before", laws.START_FIRST),
    ("before", "message_stop"): ("before", laws.START_FIRST),
    ("before", "error"): ("failed", ERROR),
    ("between", "message_start"): ("between", laws.START_ONCE),
    ("between", "content_block_start"): ("block", None),
    ("between", "content_block_delta"): ("between", laws.OUTSIDE),
    ("between", "content_block_stop"): ("between", laws.OUTSIDE),
    ("between", "message_delta"): ("ending", None),
    ("between", "message_stop"): ("stopped", laws.DELTA_MISSING),
    ("between", "error"): ("failed", ERROR),
    ("block", "message_start"): ("block", laws.START_ONCE),
    ("block", "content_block_start"): ("block", laws.UNCLOSED),
    ("block", "content_block_delta"): ("block", None),
    ("block", "content_block_stop"): ("between", None),
    ("block", "stray content_block_delta"): ("block", laws.OTHER),
    ("block", "stray content_block_stop"): ("between", laws.OTHER),
    ("block", "message_delta"): ("ending", laws.UNCLOSED),
    ("block", "message_stop"): ("stopped", laws.UNCLOSED),
    ("block", "error"): ("failed", ERROR),
    ("ending", "message_start"): ("ending", laws.START_ONCE),
    ("ending", "content_block_start"): ("ending", laws.DELTA_LAST),
    ("ending", "content_block_delta"): ("ending", laws.DELTA_LAST),
    ("ending", "content_block_stop"): ("ending", laws.DELTA_LAST),
    ("ending", "message_delta"): ("ending", None),
    ("ending", "message_stop"): ("stopped", None),
    ("ending", "error"): ("failed", ERROR),
    ("stopped", "message_start"): ("stopped", laws.STOP_LAST),
    ("stopped", "content_block_start"): ("stopped", laws.STOP_LAST),
    ("stopped", "content_block_delta"): ("stopped", laws.STOP_LAST),
    ("stopped", "content_block_stop"): ("stopped", laws.STOP_LAST),
    ("stopped", "message_delta"): ("stopped", laws.STOP_LAST),
    ("stopped", "message_stop"): ("stopped", laws.STOP_LAST),
    ("stopped", "error"): ("failed", ERROR),
}
KNOWN: Final = frozenset(symbol for state, symbol in STREAM if state == "before")

# A block's type -> the deltas that it grows by. Any may come in a block of an unknown type.
FITTING: Final[dict[str, tuple[str, ...]]] = {
    "text": ("text_delta", "citations_delta"),
    "thinking": ("thinking_delta", "signature_delta"),
    "redacted_thinking": (),
    "tool_use": ("input_json_delta",),
    "server_tool_use": ("input_json_delta",),
    "mcp_tool_use": ("input_json_delta",),
}
# A delta's type -> the key of what it brings, and the key in the block that grows by it.
BRINGS: Final = {
    "text_delta": ("text", "text"),
    "citations_delta": ("citation", "citations"),
    "thinking_delta": ("thinking", "thinking"),
    "signature_delta": ("signature", "signature"),
    "input_json_delta": ("partial_json", "input"),
}
# Where the answer ends for one of these, its last block need not be whole.
CUT: Final = ("max_tokens", "refusal", "model_context_window_exceeded")
