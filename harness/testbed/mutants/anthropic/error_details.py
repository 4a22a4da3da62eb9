"""Mutants of what errors and headers reveal on the Anthropic endpoint."""

from __future__ import annotations

from collections.abc import Callable

from harness.testbed.gateway.errors import RequestError
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.mutants.anthropic.error_operators import error
from harness.testbed.mutants.anthropic.operators import mutant
from harness.testbed.mutants.openai.operators import Body
from harness.testbed.mutation.rows import mutants_in

TRACE, LIMITS = "errors.no-trace", "ratelimit.written"


def message(change: Callable[[str], str]) -> Overrides:
    """Changes the message of errors."""

    def change_message(data: Body, refusal: RequestError) -> Body:
        inner = {**data["error"], "message": change(data["error"]["message"])}
        return {**data, "error": inner}

    return error(change_message)


ANTHROPIC_ERROR_DETAILS = (
    *mutants_in("anthropic/error_details"),
    mutant("error.source", "names the file and line of its code in errors", TRACE, "body $..*",
           message(lambda text: f"{text} (/usr/src/app/server/router.py:88)")),
    mutant("error.machine", "names an internal address in errors", TRACE, "body $..*",
           message(lambda text: f"{text} at http://10.0.3.7:8000/v1/chat/completions")),
    mutant("error.no-request-id", "omits request_id in errors", "errors.object.request-id",
           "body $.request_id",
           error(lambda data, _: {k: v for k, v in data.items() if k != "request_id"})),
)  # fmt: skip
