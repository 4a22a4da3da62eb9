"""Rule ids -> what is wrong, in a sentence for people who never saw a case file. Pure."""

from __future__ import annotations

SAYS = {
    "transport": "The answer did not arrive whole",
    "prerequisite": "An earlier step gave nothing to build on",
    "status": "The status is wrong",
    "schema": "The answer breaks its schema",
    "ignored.refused": "A field that should be ignored is refused",
    "ignored.wrong-type": "An ignored field is refused when its type is wrong",
    "ignored.effect": "A field that should be ignored has an effect",
    "clamped.bounds": "A value within the range is refused",
    "clamped.refused": "A value beyond the range is refused instead of capped",
    "exactly.value": "The one allowed value is refused",
    "exactly.others": "Other values are neither answered nor refused",
    "exactly.quiet": "Other values are quietly accepted",
    "exactly.choices": "There is not exactly one choice",
    "exactly.named": "The refusal does not name the field",
    "rejected.refused": "A bad value is accepted",
    "rejected.status": "A bad value is not answered with a 4xx",
    "rejected.error": "The refusal is not the protocol's error object",
    "rejected.named": "The refusal does not name the field",
    "required.refused": "A required field may be missing",
    "required.status": "A missing field is not answered with a 4xx",
    "required.error": "The refusal is not the protocol's error object",
    "required.named": "The refusal does not name the field",
    "always_empty": "A field that is always empty holds something",
    "always": "A constant is not what it always is",
    "present": "What every answer owes is missing or malformed",
    "hoisted.refused": "A late system message is refused",
    "hoisted.lost": "A late system message is lost",
    "hoisted.tokens": "A late system message does not count like one at the front",
    "stripped.refused": "A part that should be dropped is refused",
    "stripped.tokens": "A part that should be dropped is counted",
    "limited.provoked": "No limit was reached",
    "limited.when": "The answer beyond the limit is not as demanded",
    "claim.deviates": "It deviates, as was claimed",
    "same_as": "It differs from the control",
    "more_than": "It is not more than the control's",
    "any": "None of the allowed alternatives holds",
    "when": "The answer with that status is not as demanded",
    "stream.content-type": "The stream has the wrong content type",
    "stream.framing": "The stream's framing is broken",
    "stream.json": "An event of the stream is not JSON",
    "stream.error": "The stream ends in an error",
    "stream.chunk": "A chunk breaks its schema",
    "stream.role-first": "The role does not come with the first chunk",
    "stream.same-id": "The chunks have different ids",
    "stream.finish-null": "A chunk leaves finish_reason out where it should be null",
    "stream.finish-once": "The finish reason does not come exactly once",
    "stream.after-finish": "Content comes after the finish reason",
    "stream.tool-index": "A tool call's index is wrong",
    "stream.tool-arguments": "A tool call's arguments do not add up to JSON",
    "stream.usage": "The usage in the stream is missing or wrong",
    "stream.empty-choices": "A chunk without choices is not the usage chunk",
    "stream.done": "The end mark [DONE] is missing, or stands where none belongs",
    "stream.event-name": "An event's name is not the type of its data",
    "stream.start": "The stream does not begin with one message_start",
    "stream.block-index": "The content blocks are not numbered 0, 1, 2, ...",
    "stream.block-open": "A piece belongs to no open content block, or a block stays open",
    "stream.delta-kind": "A piece does not fit its content block",
    "stream.message-delta": "The message_delta does not come after the content blocks",
    "stream.stop-reason": "The stream does not say why it stopped",
    "stream.stop": "The stream does not end with one message_stop",
}
KINDS = {
    "headers": "The header {} is not as demanded",
    "body": "The answer's {} is not as demanded",
    "events": "In the stream, {} is not as demanded",
    "sum": "{} does not add up",
    "unique": "{} is not unique",
    "equal": "{} is not the same everywhere",
    "schema": "The answer breaks the schema {}",
    "agree": "The two protocols contradict each other in {}",
}


def says(rule: str) -> str:
    """`A field that should be ignored is refused` for `ignored.refused`; the id where unknown."""
    if rule in SAYS:
        return SAYS[rule]
    kind, _, key = rule.partition(" ")
    return KINDS[kind].format(key.removeprefix("$.")) if kind in KINDS and key else rule
