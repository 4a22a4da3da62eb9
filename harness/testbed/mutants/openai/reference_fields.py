"""Fields without a visible effect, and losses of parts, for mutants before a provider."""

from __future__ import annotations

from collections.abc import Callable

from harness.testbed.mutants.openai.operators import Body

# The fields whose effect no answer shows, with their cases.
UNSEEN = {
    "seed": "options.unseen",
    "user": "options.unseen.user",
    "metadata": "options.unseen.metadata",
    "frequency_penalty": "options.unseen.penalty",
    "logit_bias": "options.unseen.logit_bias",
    "presence_penalty": "options.presence_penalty",
    "safety_identifier": "options.safety_identifier",
    "store": "options.store",
    "service_tier": "options.service_tier",
    "prediction": "options.prediction",
    "reasoning_effort": "options.reasoning_effort",
    "verbosity": "options.verbosity",
    "prompt_cache_key": "options.prompt_cache_key",
    "prompt_cache_retention": "options.prompt_cache_retention",
    "prompt_cache_options": "options.prompt_cache_options",
    "web_search_options": "options.web_search_options",
    "moderation": "options.moderation",
}


def without_parts(kind: str) -> Callable[[Body], None]:
    """Drops the parts of one type from all messages."""

    def change(body: Body) -> None:
        for message in body.get("messages") or ():
            content = message.get("content") if isinstance(message, dict) else None
            if isinstance(content, list):
                message["content"] = [p for p in content if p.get("type") != kind]

    return change
