"""The check `repeated`: an answer has the value of the request in a member of its own."""

from __future__ import annotations

from typing import Final

from harness.language.checks.base import Controls, Findings, NotApplicable, check
from harness.language.checks.values import is_number
from harness.model import Answer, Finding, Json
from harness.util import json_pointer, jsonpath
from harness.util.format_value import format_value

MISSING: Final = object()


@check("repeated", "effect", in_cases=False)
def repeated(args: Json, answer: Answer, controls: Controls) -> Findings:
    """Compare a member of the answer with the request; one that is missing or null states nothing.

    Args:
        args: `at`, the JSON Pointer in the request, and `path`, the JSONPath in the answer.
    """
    sent = json_pointer.resolve(answer.request, args["at"])
    nodes = jsonpath.find(args["path"], answer.body)
    got = nodes[0][1] if nodes else None
    if sent is None or got is None:
        raise NotApplicable
    if not repeats(got, sent):
        yield Finding(args["path"], f"{format_value(sent)}, as it was sent", format_value(got))


def repeats(got: Json, sent: Json) -> bool:
    """Return whether a value has all that was sent; a target may write out further defaults.

    A member that is null states nothing, as the whole value does that is null.
    """
    if isinstance(sent, dict):
        return isinstance(got, dict) and all(
            value is None or got.get(key, MISSING) is None or repeats(got.get(key), value)
            for key, value in sent.items()
        )
    if isinstance(sent, list):
        same_size = isinstance(got, list) and len(got) == len(sent)
        return same_size and all(map(repeats, got, sent))
    if is_number(got) and is_number(sent):
        return bool(got == sent)
    return type(got) is type(sent) and bool(got == sent)
