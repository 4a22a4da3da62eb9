"""Table of the parameters that a gateway may add to a forwarded request.

A parameter that the caller sent in another form is not an addition. Everything else is in the table
of permitted additions, or a failed finding.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from harness.model import Json, Level

# Parameters of which one stands for another, in the other protocol or as a newer name.
EQUIVALENTS: Final = (
    {"max_tokens", "max_completion_tokens", "max_output_tokens"},
    {"stop", "stop_sequences"},
    {"tools", "functions", "web_search_options", "response_format", "output_config"},
    {"tool_choice", "function_call", "parallel_tool_calls", "response_format", "output_config"},
    {"thinking", "reasoning_effort", "reasoning", "output_config", "verbosity"},
    {"response_format", "output_config", "output_format", "text"},
    {"verbosity", "text"},
    {"metadata", "user", "safety_identifier"},
    {"speed", "service_tier"},
    {"cache_control", "prompt_cache_key", "prompt_cache_retention", "prompt_cache_options"},
)
ROOM: Final = 1024  # tokens: an added limit of at least so many cuts no usual answer
IsPermitted = Callable[[Json], bool]


def always(value: Json) -> bool:
    return True


def is_roomy(value: Json) -> bool:
    return isinstance(value, int) and value >= ROOM


def one_of(*values: Json) -> IsPermitted:
    return lambda value: value in values


# Permitted additions: why each is, and for which values. `model` and `messages` are always sent.
PERMITTED: Final[Mapping[str, tuple[str, IsPermitted]]] = {
    "model": ("the gateway chooses the model", always),
    **dict.fromkeys(("messages", "input", "instructions"), ("the conversation", always)),
    "system": ("its texts are compared", always),
    "stream": ("only the caller's answer must have the caller's mode", always),
    "stream_options": ("requests the usage of a stream", always),
    "max_tokens": ("the provider requires a limit", is_roomy),
    **dict.fromkeys(
        ("max_completion_tokens", "max_output_tokens"), ("leaves room for an answer", is_roomy)
    ),
    "tool_choice": (
        "the provider's default",
        one_of("auto", "none", {"type": "auto"}, {"type": "none"}),
    ),
    "parallel_tool_calls": ("the provider's default", one_of(True)),
    "n": ("the provider's default", one_of(1)),
    "store": ("does not change the answer", one_of(False)),
    **dict.fromkeys(("logprobs", "background"), ("the provider's default", one_of(False))),
    "top_logprobs": ("the provider's default", one_of(0)),
    "truncation": ("the provider's default", one_of("disabled")),
    "text": ("the provider's default", one_of({"format": {"type": "text"}})),
    "include": ("changes what the provider reports, not the answer", always),
    "tools": ("its tools are compared", always),
    "functions": ("its tools are compared", always),
    **dict.fromkeys(("stop", "stop_sequences"), ("the provider's default", one_of([]))),
    "thinking": ("the provider's default", one_of({"type": "disabled"})),
    **dict.fromkeys(("user", "safety_identifier", "metadata"), ("identifies the caller", always)),
    **dict.fromkeys(
        ("service_tier", "cache_control", "prompt_cache_key", "prompt_cache_retention"),
        ("does not change the answer", always),
    ),
    "anthropic_version": ("the protocol's version", always),
}
# Parameters that not all providers have, by the protocol of those that do; others refuse them.
OF_OPENAI_AND_RESPONSES: Final = frozenset(
    {
        *("stream_options", "parallel_tool_calls", "store", "user", "safety_identifier"),
        *("prompt_cache_key", "prompt_cache_retention", "top_logprobs"),
    }
)
OF_PROTOCOL: Final[Mapping[str, frozenset[str]]] = {
    "openai": OF_OPENAI_AND_RESPONSES
    | {"max_completion_tokens", "n", "logprobs", "functions", "stop"},
    "responses": OF_OPENAI_AND_RESPONSES
    | {
        *("input", "instructions", "max_output_tokens", "text", "include", "truncation"),
        *("background", "previous_response_id", "max_tool_calls"),
    },
    "anthropic": frozenset(
        {"system", "stop_sequences", "thinking", "cache_control", "anthropic_version"}
    ),
}
# Listed in every request: not worth an observation.
USUAL: Final = frozenset(
    {"model", "messages", "input", "instructions", "system", "tools", "functions", "stream"}
)
# The documented defaults of sampling parameters. Adding one changes no answer, but some models
# refuse the parameter with any value.
DEFAULTS: Final[Mapping[str, Json]] = {
    "temperature": 1,
    "top_p": 1,
    "presence_penalty": 0,
    "frequency_penalty": 0,
}
# Added with any other value, these change which answer the caller gets, or what it costs.
WEAKER: Final[Mapping[str, Level]] = {
    **dict.fromkeys(("max_tokens", "max_completion_tokens", "max_output_tokens"), "should"),
    **dict.fromkeys(("seed", "reasoning_effort", "reasoning"), "should"),
}


# Parameters with values that only OpenAI's protocol has, whose provider honours them. A format can
# arrive as a tool.
OF_OPENAI: Final = (
    *("response_format", "user", "safety_identifier", "metadata", "store", "service_tier"),
    *("prediction", "verbosity", "prompt_cache_key", "prompt_cache_retention"),
    *("prompt_cache_options", "web_search_options", "moderation"),
)
# Of these, the value arrives unchanged under its own name.
UNCHANGED: Final = ("seed", "presence_penalty", "frequency_penalty", "logit_bias", *OF_OPENAI)
# Parameters that only a model can honour, with the providers that have them. A gateway can end a
# text or request several choices itself.
OF_MODEL: Final[Mapping[str, tuple[str, ...]]] = {
    "temperature": ("openai", "anthropic", "responses"),
    "top_p": ("openai", "anthropic", "responses"),
    "top_k": ("anthropic",),
    "thinking": ("anthropic",),
    **dict.fromkeys(("seed", "presence_penalty", "frequency_penalty", "logit_bias"), ("openai",)),
    **dict.fromkeys(("logprobs", "reasoning_effort"), ("openai",)),
    "top_logprobs": ("openai", "responses"),
    **dict.fromkeys(OF_OPENAI, ("openai", "responses")),
    "reasoning": ("openai", "responses"),
    "truncation": ("responses",),
    **dict.fromkeys(("inference_geo", "speed", "diagnostics"), ("anthropic",)),
}
# A gateway that answers Responses itself stores them, with their metadata.
OF_STORED: Final = ("store", "metadata")
# Of these, the answer itself shows whether they were honoured, in whatever way.
SHOWN_BY_ANSWERS: Final = ("response_format", "logprobs", "top_logprobs", "thinking", "top_k")
# Members within the request that only OpenAI's protocol has, by their JSON Pointers. A gateway can
# leave out the padding of a stream itself, so `include_obfuscation` is none of them.
MEMBERS: Final = re.compile(
    r"/messages/\d+/(name|refusal|audio)"
    r"|/messages/\d+/content/\d+/image_url/detail"
    r"|/tools/\d+/function/strict"
)
# Values without a meaning of their own: a gateway can leave the parameter out.
NEUTRAL: Final[Mapping[str, Json]] = {
    **DEFAULTS,
    "logprobs": False,
    "top_logprobs": 0,
    "store": False,
    "service_tier": "auto",
    "verbosity": "medium",
    "response_format": {"type": "text"},
    "thinking": {"type": "disabled"},
    "speed": "standard",
    "truncation": "disabled",
}


def why_permitted(name: str, value: Json, protocol: str) -> str:
    """Return why a gateway may add a parameter for a provider; "" if it must not."""
    reason, is_permitted = PERMITTED.get(name, ("", None))
    if is_permitted is None or is_foreign(name, protocol) or not is_permitted(value):
        return ""
    return reason


def is_foreign(name: str, protocol: str) -> bool:
    """Whether only providers of other protocols have a parameter."""
    return name not in OF_PROTOCOL[protocol] and any(name in own for own in OF_PROTOCOL.values())


def level_of_addition(name: str, value: Json) -> Level:
    """Return the level of an addition that is not permitted.

    A sampling parameter with its default is a should. Any other addition changes the caller's
    answer, or the request in a way that the provider can refuse.
    """
    if name in DEFAULTS and value == DEFAULTS[name]:
        return "should"
    return WEAKER.get(name, "must")


def is_sent(name: str, sent: Mapping[str, Json]) -> bool:
    """Whether the caller sent the parameter, also under another name or in another form."""
    if sent.get(name) is not None:
        return True
    same = set[str]().union(*(group for group in EQUIVALENTS if name in group))
    return any(sent.get(other) is not None for other in same)
