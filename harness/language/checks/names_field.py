"""named: the refusal names the field, in `param` or in the message."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from harness.language.checks.base import Check, Problem, Silent, shown
from harness.language.checks.status import told
from harness.model import Answer, Json

PARTED = re.compile(r"[\s_-]+")


def run(args: Json, answers: Sequence[Answer], against: Sequence[Answer]) -> Iterator[Problem]:
    """`args.field` is a name or a JSON Pointer, of which the last name counts."""
    for answer in answers:
        if answer.status is None or answer.status < 400 or not told(answer):
            raise Silent
        field = next((t for t in reversed(args["field"].split("/")) if t and not t.isdigit()), "")
        said = [told(answer), str(answer.body["error"].get("param"))]
        if not any(mentions(text, field) for text in said):
            yield Problem("/error", f"`{field}` in param or message", shown(told(answer), 200))


def mentions(text: str, field: str) -> bool:
    """As a word of its own, so that not every text names `n`; `tool choice` is `tool_choice`."""
    name = r"[\s_-]*".join(re.escape(word) for word in PARTED.split(field))
    return re.search(rf"(?<![^\W_]){name}(?![^\W_])", text, re.IGNORECASE) is not None


NAMED = Check("named", "effect", True, run, written=False)
