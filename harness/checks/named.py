"""named: the refusal names the field, in `param` or in the message."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.checks.record import Check, Problem, shown
from harness.checks.status import told
from harness.model import Answer, Json


def run(args: Json, answers: Sequence[Answer], against: Sequence[Answer]) -> Iterator[Problem]:
    field = next((t for t in reversed(args["field"].split("/")) if t and not t.isdigit()), "")
    for answer in answers:
        if answer.status is None or answer.status < 400 or not told(answer):
            continue
        param = answer.body["error"].get("param")
        if field not in told(answer) and field not in str(param):
            yield Problem("/error", f"`{field}` in param or message", shown(told(answer), 200))


NAMED = Check("named", "effect", True, run, written=False)
