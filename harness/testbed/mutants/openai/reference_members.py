"""Mutants of the optional members of answers and streams, and of headers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.testbed.base import Mutant
from harness.testbed.gateway.endpoint import header_values
from harness.testbed.gateway.errors import bad_value
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.model_types import Json
from harness.testbed.mutants.openai import stream_operators as s
from harness.testbed.mutants.openai.headers_auth import with_value, without
from harness.testbed.mutants.openai.operators import answers, choice, message, sets, usage

FIRST = "$.choices[0]"
# Members of the message and of the answer, with a value of a wrong type.
OF_MESSAGE: dict[str, Json] = {
    "refusal": False,
    "annotations": {"url": "https://example.org"},
    "audio": "none",
    "function_call": [],
}
OF_ANSWER: dict[str, Json] = {"metadata": {"team": 7}, "moderation": "passed"}
IN_SCHEMA: dict[str, Json] = {"service_tier": 1, "system_fingerprint": {"id": "fp_1"}}
# Details of the usage that exceed the whole: the member, the count in it, the count of the whole.
DETAILS = (
    ("prompt_tokens_details", "cached_tokens", "prompt_tokens"),
    ("completion_tokens_details", "reasoning_tokens", "completion_tokens"),
)
LIMITS = tuple(
    f"x-ratelimit-{kind}-{unit}"
    for kind in ("limit", "remaining", "reset")
    for unit in ("requests", "tokens")
)


def refuses_header(name: str) -> Overrides:
    """Rejects requests that have a header."""

    def parse(original: Callable[[Any], Any], request: Any) -> Any:
        if header_values(request["headers"], name):
            raise bad_value("headers", "an unknown header was sent.")
        return original(request)

    return {"parse": parse}


def adds(name: str, value: Json) -> Overrides:
    return answers(lambda _, whole: whole.update({name: value}))


def header(name: str, description: str, case: str, sent: str, override: Overrides) -> Mutant:
    return Mutant(f"member.{name}", description, case, f"headers {sent}", override)


MEMBERS = (
    Mutant("member.index", "counts choices from 1", "shape.index", "always",
           choice(sets(index=1))),
    *(
        Mutant(f"member.{name}", f"sends {name} of a wrong type", "shape.message",
               f"body {FIRST}.message.{name}", message(sets(**{name: value})))
        for name, value in OF_MESSAGE.items()
    ),
    *(
        Mutant(f"member.{name}", f"sends {name} of a wrong type", "shape.members",
               f"body $.{name}", adds(name, value))
        for name, value in OF_ANSWER.items()
    ),
    *(
        Mutant(f"member.{name}", f"sends {name} of a wrong type", "shape.plain", "schema",
               adds(name, value))
        for name, value in IN_SCHEMA.items()
    ),
    *(
        Mutant(f"member.{part}", f"reports more {part} than {whole}", "shape.usage.details",
               f"body $[?@.{name}.{part} > @.{whole}]", usage(sets(**{name: {part: 99_999}})))
        for name, part, whole in DETAILS
    ),
    Mutant("member.delta-refusal", "sends a refusal with every delta", "stream.refusal",
           "events $[*].choices[*].delta.refusal", s.deltas(sets(refusal="no"))),
    Mutant("member.obfuscation", "pads chunks although the caller wants no padding",
           "options.include_obfuscation", "events $[*].obfuscation",
           s.events(lambda stream: [each.update(obfuscation="x1y2") for each in stream] and None)),
)  # fmt: skip

HEADERS = (
    *(
        Mutant(f"member.{name}-refused", f"rejects {name}", "headers.request", "status",
               refuses_header(name))
        for name in ("x-client-request-id", "idempotency-key")
    ),
    *(
        Mutant(f"member.{name}-refused", f"rejects {name} without naming it",
               "headers.organization", "any_of", refuses_header(name))
        for name in ("openai-organization", "openai-project")
    ),
    header("request-id-missing", "omits x-request-id", "headers.request-id", "x-request-id",
           without("x-request-id")),
    header("processing-words", "sends openai-processing-ms with a unit", "headers.debugging",
           "openai-processing-ms", with_value("openai-processing-ms", "12 ms")),
    header("version-words", "sends a word as openai-version", "headers.debugging",
           "openai-version", with_value("openai-version", "latest")),
    *(
        header(f"{name}-words", f"sends {name} as a word", "headers.limits", name,
               with_value(name, "plenty"))
        for name in LIMITS
    ),
)  # fmt: skip

REFERENCE_MEMBERS: tuple[Mutant, ...] = (*MEMBERS, *HEADERS)
