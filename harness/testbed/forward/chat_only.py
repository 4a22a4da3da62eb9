"""Parts of Chat Completions requests that Messages cannot express.

The gateway refuses each by its name: answered without it, the caller would not learn that it has no
effect.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from harness.testbed.gateway.endpoint import Body
from harness.testbed.gateway.model_types import Json

# The fields, with the values that stand for their absence.
FIELDS: Final[Mapping[str, tuple[Json, ...]]] = {
    **dict.fromkeys(("frequency_penalty", "presence_penalty"), (0,)),
    "store": (False,),
    "service_tier": ("auto",),
    "verbosity": ("medium",),
    **dict.fromkeys(("seed", "logit_bias", "metadata", "prediction", "reasoning_effort"), ()),
    **dict.fromkeys(("prompt_cache_key", "prompt_cache_retention", "prompt_cache_options"), ()),
    **dict.fromkeys(("moderation", "web_search_options"), ()),
}
PARTICIPANTS: Final = ("system", "developer", "user", "assistant")  # a tool's name is in its call
MESSAGE: Final = "not supported: the provider behind this gateway has no such field."


def find_untranslatable(options: Body) -> str:
    """Returns the first field or member without an equivalent; "" if there is none.

    Args:
        options: The fields that a provider of the same protocol gets unchanged.
    """
    return next(names(options), "")


def names(options: Body) -> Iterator[str]:
    for name, defaults in FIELDS.items():
        if options.get(name) is not None and options[name] not in defaults:
            yield name
    for number, message in enumerate(options.get("messages") or ()):
        at = f"messages[{number}]"
        if message.get("name") and message["role"] in PARTICIPANTS:
            yield f"{at}.name"
        if message.get("audio"):
            yield f"{at}.audio"
        content = message.get("content")
        for index, part in enumerate(content if isinstance(content, list) else ()):
            if (part.get("image_url") or {}).get("detail", "auto") != "auto":
                yield f"{at}.content[{index}].image_url.detail"
