"""Mutants that fail only in streams or only for certain requests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.testbed.base import Mutant
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.mutants.openai.messages import keep
from harness.testbed.mutants.openai.operators import (
    Body,
    Test,
    answers,
    has,
)
from harness.testbed.mutants.openai.request_fields import add_audio, add_logprobs
from harness.testbed.mutation.rows import mutants_in


def in_streams(overrides: Overrides) -> Overrides:
    """Applies an override to stream requests only."""
    ((hook, override),) = overrides.items()

    def conditional(original: Callable[..., Any], body: Body, *rest: Any) -> Any:
        return override(original, body, *rest) if body.get("stream") else original(body, *rest)

    return {hook: conditional}


def drops_headers(*names: str) -> Overrides:
    """Removes these headers from streams."""

    def stream(original: Callable[..., Any], *args: Any) -> Any:
        reply = original(*args)
        return {**reply, "headers": [pair for pair in reply["headers"] if pair[0] not in names]}

    return {"stream_reply": stream}


STREAMED = (
    Mutant("streamed.hoist", "drops late system messages in streams", "message.system.content",
           "hoisted.lost",
           in_streams(keep(lambda n, m: n == 0 or m["role"] != "system"))),
    Mutant("streamed.request-id", "omits request-id in streams", "header.request-id",
           "present", drops_headers("request-id")),
    Mutant("streamed.openai-version", "omits openai-version in streams", "header.openai-version",
           "always", drops_headers("openai-version")),
    Mutant("streamed.x-ratelimit", "omits rate limit headers in streams",
           "header.x-ratelimit-remaining-tokens", "present",
           drops_headers("x-ratelimit-remaining-tokens")),
)  # fmt: skip


def answers_if(test: Test, change: Callable[[Body], Any]) -> Overrides:
    """Fills a response field only if the request has a field."""
    return answers(lambda body, whole: change(whole) if test(body) else None)


def on_request(name: str, description: str, override: Overrides) -> Mutant:
    return Mutant(f"provoked.{name}", description, f"response.{name}", "always_empty", override)


def set_refusal(whole: Body) -> None:
    whole["choices"][0]["message"]["refusal"] = "I would rather not."


def is_long(body: Body) -> bool:
    return len(str(body["messages"])) > 1000


def has_thinking(body: Body) -> bool:
    return bool(body.get("thinking"))


PROVOKED = (
    on_request("logprobs", "sends log probabilities on request", answers(add_logprobs)),
    on_request("choices.message.audio", "sends audio on request", answers(add_audio)),
    on_request("choices.message.refusal", "fills the refusal field if response_format is set",
             answers_if(has("response_format"), set_refusal)),
    on_request("service_tier", "reports the service tier on request",
             answers_if(has("service_tier"), lambda whole: whole.update(service_tier="default"))),
    on_request("system_fingerprint", "sends a system_fingerprint if a seed is given",
             answers_if(has("seed"), lambda whole: whole.update(system_fingerprint="fp_1"))),
    on_request("usage.completion_tokens_details", "reports reasoning tokens",
             answers_if(has_thinking, lambda whole: whole["usage"].update(
                 completion_tokens_details={"reasoning_tokens": 9}))),
    on_request("usage.prompt_tokens_details", "reports cached tokens for long prompts",
             answers_if(is_long, lambda whole: whole["usage"].update(
                 prompt_tokens_details={"cached_tokens": 1024}))),
)  # fmt: skip

INTERMITTENT = (*mutants_in("openai/intermittent"), *STREAMED, *PROVOKED)
