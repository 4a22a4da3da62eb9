"""Variants of counts that look like those of a hidden prompt or of wrong caching, but are right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from harness.testbed.base import Variant
from harness.testbed.mutants.openai.operators import Body, has

TEMPLATE: Final = 60  # tokens of a chat template
SMALLEST_CACHED: Final = 500


def charge_template(original: Callable[..., Body], body: Body, *rest: Any) -> Body:
    """Charges the tokens of a chat template."""
    whole = original(body, *rest)
    usage = whole["usage"] or {}
    for name in {"input_tokens", "prompt_tokens", "total_tokens"} & set(usage):
        usage[name] += TEMPLATE
    return whole


def count_template(original: Callable[[Any], int], request: Any) -> int:
    return original(request) + TEMPLATE


def read_marked(original: Callable[..., Body], body: Body, *rest: Any) -> Body:
    """Reads a system prompt that is marked for the cache from it."""
    whole = original(body, *rest)
    usage = whole["usage"]
    if has("system", "*", "cache_control")(body):
        rest_of_prompt = min(10, usage["input_tokens"])
        cached = usage["input_tokens"] - rest_of_prompt
        usage.update(input_tokens=rest_of_prompt, cache_read_input_tokens=cached)
    return whole


def report_cached_part(original: Callable[..., Body], body: Body, *rest: Any) -> Body:
    """Reports how much of a long prompt was cached."""
    whole = original(body, *rest)
    usage = whole["usage"]
    if usage["prompt_tokens"] > SMALLEST_CACHED:
        usage["prompt_tokens_details"] = {"cached_tokens": usage["prompt_tokens"] // 128 * 128}
    return whole


RESOLD = (
    Variant("resold.template", "charges the tokens of a chat template",
            {"anthropic.message": charge_template, "completion": charge_template,
             "responses.completion": charge_template,
             "responses.count_input_tokens": count_template}),
    Variant("resold.marked", "reads prompts that are marked for the cache from it",
            {"anthropic.message": read_marked}),
    Variant("resold.cached", "caches long prompts without a request for it",
            {"chat.completion": report_cached_part}),
)  # fmt: skip
