"""named: the refusal names the field, in `param` or in the message."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from harness.language.checks.base import Check, NotApplicable, format_value
from harness.language.checks.status import error_message
from harness.model import Answer, Finding, Json

PARTED = re.compile(r"[\s_-]+")


def run(args: Json, answers: Sequence[Answer], against: Sequence[Answer]) -> Iterator[Finding]:
    """`args.field` is a name or a JSON Pointer, of which the last name counts."""
    for answer in answers:
        if answer.status is None or answer.status < 400 or not error_message(answer):
            raise NotApplicable
        field = next((t for t in reversed(args["field"].split("/")) if t and not t.isdigit()), "")
        texts = [error_message(answer), str(answer.body["error"].get("param"))]
        if not any(mentions(text, field) for text in texts):
            yield Finding(
                "/error", f"`{field}` in param or message", format_value(error_message(answer), 200)
            )


def mentions(text: str, field: str) -> bool:
    """As a word of its own, so that not every text names `n`; `tool choice` is `tool_choice`."""
    name = r"[\s_-]*".join(re.escape(word) for word in PARTED.split(field))
    return re.search(rf"(?<![^\W_]){name}(?![^\W_])", text, re.IGNORECASE) is not None


NAMED = Check("named", "effect", True, run, in_cases=False)
