"""Variants that refuse what the newest models refuse, each by an error that names the field.

Anthropic's newest models refuse forced tool calls, sampling parameters, thinking with a budget or
switched off, and prefilled answers; OpenAI's reasoning models refuse sampling parameters, stop
sequences and the old name of the token limit. Forced tool calls are refused by some of both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from harness.testbed.base import Variant
from harness.testbed.gateway.anthropic.generations import (
    SAMPLING,
    Refusal,
    budget,
    forced_call,
    not_default,
    prefill,
    sampling,
)
from harness.testbed.gateway.errors import RequestError
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.model_types import Json
from harness.testbed.gateway.openai.compat_endpoint import CompatEndpoint

Body = dict[str, Any]
CHAT_SAMPLING: Final[Mapping[str, Json]] = {
    "temperature": 1,
    "top_p": 1,
    "presence_penalty": 0,
    "frequency_penalty": 0,
    "logprobs": False,
    "top_logprobs": None,
    "stop": None,
    "max_tokens": None,
}


def all_sampling(body: Body) -> str:
    """Refuses the parameters at their default values too, as API version 2026-10-21 does."""
    name = next((name for name in SAMPLING if name in body), "")
    return f"{name}: Extra inputs are not permitted" if name else ""


def chat_sampling(body: Body) -> str:
    return not_default(body, CHAT_SAMPLING)


def adaptive(body: Body) -> str:
    kind = (body.get("thinking") or {}).get("type")
    return "thinking.type: adaptive is not supported on this model" if kind == "adaptive" else ""


def any_thinking(body: Body) -> str:
    return "thinking: this model does not think." if body.get("thinking") else ""


def stop_sequences(body: Body) -> str:
    return "stop_sequences: not supported by this model." if body.get("stop_sequences") else ""


def refuses(*refusals: Refusal, compat: bool = True, status: int = 400) -> Overrides:
    """Refuses requests after the usual checks; `compat`: at the compatibility layer too."""

    def check(original: Callable[[Body], None], body: Body) -> None:
        original(body)
        owner = getattr(original, "__self__", None)
        if isinstance(owner, CompatEndpoint) and not compat:
            return
        for refusal in refusals:
            if message := refusal(body):
                raise RequestError(status, message, param=message.partition(":")[0])

    return {"check": check}


def anthropic(*refusals: Refusal, status: int = 400) -> Overrides:
    return {f"anthropic.{hook}": f for hook, f in refuses(*refusals, status=status).items()}


CHOICE_ROWS: Final = ("*/tool_choice.any", "*/tool_choice.tool")
SAMPLING_ROWS: Final = tuple(
    f"anthropic-messages/{name}" for name in (*SAMPLING, "temperature.top_p")
)
PREFILL_ROWS: Final = ("anthropic-messages/message.prefill",)
THINKING_ROWS: Final = ("*/thinking", "*/message.thinking", "*/behaviour.thinking")
CHAT_CHOICE_ROWS: Final = (
    *("*/tool.choice.required", "*/tool.choice.named"),
    *("*/tool_choice.required", "*/tool_choice.named", "*/tool_choice.function"),
)
CHAT_ROWS: Final = tuple(f"openai-chat/request.{name}" for name in CHAT_SAMPLING)

MESSAGES = (
    Variant("newest.tool_choice", "refuses forced tool calls in messages",
            anthropic(forced_call), not_credited=CHOICE_ROWS),
    Variant("newest.sampling", "refuses sampling parameters other than the default",
            anthropic(sampling), not_credited=SAMPLING_ROWS),
    Variant("newest.all-sampling", "refuses all sampling parameters",
            anthropic(all_sampling), not_credited=SAMPLING_ROWS),
    Variant("newest.unprocessable", "refuses all sampling parameters with a 422",
            anthropic(all_sampling, status=422), not_credited=SAMPLING_ROWS),
    Variant("newest.thinking", "refuses thinking with a budget or switched off",
            anthropic(budget)),
    Variant("older.thinking", "refuses adaptive thinking", anthropic(adaptive)),
    Variant("without.thinking", "refuses every kind of thinking in messages",
            anthropic(any_thinking), causes=("blocked",), not_credited=THINKING_ROWS),
    Variant("newest.prefill", "refuses prefilled answers by a message about prefill",
            anthropic(prefill), not_credited=PREFILL_ROWS),
    Variant("newest.stop_sequences", "refuses all stop sequences in messages",
            anthropic(stop_sequences), causes=("blocked",),
            not_credited=("anthropic-messages/stop_sequences",)),
    Variant("newest.messages", "refuses all that the newest models of Anthropic refuse",
            anthropic(forced_call, sampling, budget, prefill),
            not_credited=(*CHOICE_ROWS, *SAMPLING_ROWS, *PREFILL_ROWS)),
)  # fmt: skip

CHAT = (
    Variant("newest.chat.tool_choice", "refuses forced tool calls in chat completions",
            refuses(forced_call), not_credited=CHAT_CHOICE_ROWS),
    Variant("newest.chat.sampling", "refuses what the reasoning models of OpenAI refuse",
            refuses(chat_sampling, compat=False), not_credited=CHAT_ROWS),
    Variant("newest.chat.unprocessable", "refuses the same with a 422",
            refuses(chat_sampling, compat=False, status=422), not_credited=CHAT_ROWS),
    Variant("newest.chat.thinking", "refuses thinking with a budget in chat completions",
            refuses(budget)),
    Variant("newest.chat", "refuses all of these in chat completions",
            {"check": refuses(forced_call, budget)["check"]}, not_credited=CHAT_CHOICE_ROWS),
)  # fmt: skip

NEWEST_MODELS = (*MESSAGES, *CHAT)
