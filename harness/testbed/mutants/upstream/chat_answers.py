"""Mutants of OpenAI's endpoint that damage what comes back from the provider."""

from __future__ import annotations

from harness.testbed.mutants.upstream.openai_responses import (
    changes_provider_reply,
    changes_provider_text,
    merge_calls,
)
from harness.testbed.mutants.upstream.operators import (
    TO_ANTHROPIC,
    hides_failure,
    mutant_factory,
)

chat = mutant_factory("openai-chat", "chat.upstream")
TEXT, CALLS = "upstream.answer.text", "upstream.answer.calls"
CONTENT = "body $.choices[0].message.content"

CHAT_ANSWERS = (
    chat("strips", "strips white space from the text", TEXT, CONTENT,
         changes_provider_text(str.strip)),
    chat("blanks", "joins blanks in the text", TEXT, CONTENT,
         changes_provider_text(lambda text: text.replace("  ", " "))),
    chat("latin", "reads the provider's bytes as Latin-1", TEXT, CONTENT,
         changes_provider_text(lambda text: text.encode().decode("latin-1"))),
    chat("framing", "ends at a text that looks like the end mark", TEXT, CONTENT,
         changes_provider_text(lambda text: text.partition("[DONE]")[0])),
    chat("calls-merged", "merges several calls", CALLS,
         "body $.choices[0].message.tool_calls", changes_provider_reply(merge_calls)),
    chat("drop-ended", "ends a stream normally after a dropped connection",
         "upstream.broken.drop", "error_signalled_by",
         hides_failure(TO_ANTHROPIC, "incomplete_error")),
    chat("error-ended", "ends a stream normally after a provider error",
         "upstream.error.underway", "error_signalled_by",
         hides_failure(TO_ANTHROPIC, "stream_error")),
)  # fmt: skip
