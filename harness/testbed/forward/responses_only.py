"""Parts of Responses requests that the protocol of a provider cannot express.

The gateway refuses each by its name: answered without it, the caller would not learn that it has no
effect. What only the gateway itself does, such as storing responses, needs no provider.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from harness.testbed.gateway.endpoint import Body
from harness.testbed.gateway.model_types import Json
from harness.testbed.gateway.responses.response_writer import SCORES
from harness.testbed.gateway.responses.translation import find

# The fields, with the values that stand for their absence.
OF_RESPONSES: Final[Mapping[str, tuple[Json, ...]]] = {
    "reasoning.summary": (),
    "truncation": ("disabled",),
    "top_logprobs": (0,),
}
# Fields that Chat Completions has, and Messages does not.
OF_CHAT: Final[Mapping[str, tuple[Json, ...]]] = {
    "reasoning.effort": ("none",),
    "text.verbosity": ("medium",),
    "text.format": ({"type": "text"},),
    "service_tier": ("auto", "default"),
    **dict.fromkeys(("presence_penalty", "frequency_penalty"), (0,)),
    **dict.fromkeys(("prompt_cache_key", "prompt_cache_retention"), ()),
}
MESSAGE: Final = "not supported: the provider behind this gateway has no such field."


def find_untranslatable(body: Body, provider: str) -> str:
    """Returns the first field without an equivalent in the provider's protocol; "" for none."""
    return next(names(body, provider), "")


def names(body: Body, provider: str) -> Iterator[str]:
    fields = OF_RESPONSES if provider == "openai" else {**OF_RESPONSES, **OF_CHAT}
    for name, defaults in fields.items():
        value = find(body, tuple(name.split(".")))
        if value is not None and value not in defaults:
            yield name
    if SCORES in (body.get("include") or ()):
        yield "include"
