"""The check `named`: a refusal names the field, in `param` or in the message."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from harness.language.checks.base import Check, NotApplicable
from harness.language.checks.status import error_message
from harness.model import Answer, Finding, Json
from harness.util.format_value import format_value

SEPARATORS = re.compile(r"[\s_-]+")


def names_field(
    args: Json, answers: Sequence[Answer], against: Sequence[Answer]
) -> Iterator[Finding]:
    """`args.field` is a name, or a JSON Pointer whose last name counts."""
    for answer in answers:
        message = error_message(answer)
        if answer.status is None or answer.status < 400 or not message:
            raise NotApplicable
        tokens = reversed(args["field"].split("/"))
        field = next((token for token in tokens if token and not token.isdigit()), "")
        texts = [message, str(answer.body["error"].get("param"))]
        if not any(mentions(text, field) for text in texts):
            yield Finding("/error", f"`{field}` in param or message", format_value(message, 200))


def mentions(text: str, field: str) -> bool:
    """Find the field as a whole word, so that `n` is not found in every text.

    Words can be separated in other ways: `tool choice` mentions `tool_choice`.
    """
    name = r"[\s_-]*".join(re.escape(word) for word in SEPARATORS.split(field))
    return re.search(rf"(?<![^\W_]){name}(?![^\W_])", text, re.IGNORECASE) is not None


NAMES_FIELD = Check("named", "effect", names_field, in_cases=False)
