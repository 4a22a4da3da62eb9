"""Refusals of the newest generation of Anthropic's models, each by an error that names the field.

They refuse forced tool calls, sampling parameters, thinking with a budget or switched off, and
prefilled answers. Models of the older generation take all of these.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from harness.testbed.gateway.endpoint import Body
from harness.testbed.gateway.errors import RequestError
from harness.testbed.gateway.model_types import Json

Refusal = Callable[[Body], str]  # the field and what is wrong with it, or ""
FORCED: Final = ("any", "tool", "required", "function")
SAMPLING: Final[Mapping[str, Json]] = {"temperature": 1, "top_p": 1, "top_k": None}
_NEWEST = re.compile(r"(?:builtin-2$|.*\b(?:opus|sonnet|haiku|fable|mythos)-5-[1-9])")
_HAIKU = re.compile(r".*\bhaiku-")


def forced_call(body: Body) -> str:
    choice = body.get("tool_choice")
    kind = choice.get("type") if isinstance(choice, dict) else choice
    if kind not in FORCED:
        return ""
    return 'tool_choice: type "tool" and "any" are not supported for this model.'


def sampling(body: Body) -> str:
    return not_default(body, SAMPLING)


def not_default(body: Body, defaults: Mapping[str, Json]) -> str:
    for name, default in defaults.items():
        if body.get(name, default) not in (default, None):
            return f"{name}: only the default value is supported with this model."
    return ""


def budget(body: Body) -> str:
    kind = (body.get("thinking") or {}).get("type")
    if kind not in ("enabled", "disabled"):
        return ""
    return f'thinking.type: "{kind}" is not supported for this model. Use "adaptive".'


def prefill(body: Body) -> str:
    last = body["messages"][-1]["role"]
    if last != "assistant":
        return ""
    return "messages: this model does not support prefill; the last message must be the user's."


def check(body: Body) -> None:
    """Refuses what the requested model refuses. The smallest line takes forced tool calls."""
    model = str(body["model"])
    if not _NEWEST.match(model):
        return
    forced: tuple[Refusal, ...] = () if _HAIKU.match(model) else (forced_call,)
    for refusal in (*forced, sampling, budget, prefill):
        if message := refusal(body):
            raise RequestError(400, message, param=message.partition(":")[0])
