"""Mutants that need a provider: each changes forwarded requests or the translation of replies."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from harness.testbed.gateway.model_types import Usage
from harness.testbed.keys import GATEWAY_KEY
from tests.support.gateway_behind_provider import (
    CALLED,
    MARK,
    USER,
    WEATHER,
    Body,
    GatewayWithProvider,
)

Wrong = dict[str, Any]
Probe = Callable[[str, str, Wrong | None], Any]

AUDIO: Body = {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}
SYSTEM: Body = {
    "messages": [
        {"role": "system", "content": "A"},
        {"role": "developer", "content": "B"},
        *USER,
        {"role": "system", "content": "C"},
    ]
}
CALLS = [{"tool": {"name": "f", "input": {"city": "Rome"}}}, {"tool": {"name": "g"}}]
TOOL: Body = {"type": "function", "function": WEATHER}
FLAT: Body = {"name": "get_weather", "input_schema": WEATHER["parameters"]}
TALK: Body = {
    "messages": [
        *USER,
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "call_1", "type": "function", "function": CALLED}],
        },
        {"role": "tool", "tool_call_id": "call_1", "content": "17"},
    ]
}
USED: Body = {
    "messages": [
        *USER,
        {
            "role": "assistant",
            "content": [{"type": "tool_use", "id": "toolu_1", "name": "f", "input": {}}],
        },
        {
            "role": "user",
            "content": [{"type": "tool_result", "tool_use_id": "toolu_1", "content": "17"}],
        },
    ]
}


def sends(more: Body | None = None) -> Probe:
    """Return the relevant headers and the body of the forwarded request."""

    def probe(caller: str, provider: str, wrong: Wrong | None) -> Any:
        gateway = GatewayWithProvider(caller, provider, wrong=wrong)
        gateway.ask(more)
        (arrival,) = gateway.upstream.take(MARK)
        return arrival["headers"], arrival["body"]

    return probe


def makes(reply: Body, more: Body | None = None) -> Probe:
    """Return the gateway's response to this reply of the provider."""

    def probe(caller: str, provider: str, wrong: Wrong | None) -> Any:
        response = GatewayWithProvider(caller, provider, reply, wrong).ask(more)
        return response["status"], sorted(response["headers"]), b"".join(response["chunks"])

    return probe


def without(*names: str) -> Callable[..., Any]:
    def wrong(original: Any, *rest: Any) -> Any:
        return {name: value for name, value in original(*rest).items() if name not in names}

    return wrong


def truthy(original: Any, *rest: Any) -> Any:
    """Drop values that are false, zero or empty."""
    return {name: value for name, value in original(*rest).items() if value}


def flat(original: Any, ask: Any) -> list[Body]:
    """Replace the conversation by one text."""
    return [{"role": "user", "content": json.dumps(original(ask))}]


def audio(original: Any, ask: Any) -> list[Body]:
    messages: list[Body] = original(ask)
    messages[-1]["content"].append(AUDIO)
    return messages


def value(constant: Any) -> Callable[..., Any]:
    return lambda original, *rest: constant


A, B = "forward.anthropic.", "forward.openai."
STREAM: Body = {"stream": True}
LATE: Body = {"text": "abcd", "cut": [1, 2, 3], "fail": {"after": 2, "with": "error"}}
CUT: Body = {"text": "abcd", "cut": [1, 2, 3], "fail": {"after": 2, "with": "drop"}}
BUSY: Body = {"status": 429, "headers": [["retry-after", "7"]]}
PICTURE: Body = {
    "role": "user",
    "content": [
        {"type": "text", "text": f"Hi [ref:{MARK}]"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
    ],
}
CHAT = ("openai", "anthropic")
MESSAGES = ("anthropic", "openai")

WRONG: dict[str, tuple[tuple[str, str], Wrong, Probe]] = {
    # --- an OpenAI caller with an Anthropic provider: forwarded requests
    "temperature.halved": (CHAT, {A + "temperature": lambda original, ask: ask.temperature / 2},
                           sends({"temperature": 2})),
    "temperature.unclamped": (CHAT, {"temperature": lambda original, body: body["temperature"]},
                              sends({"temperature": 1.5})),
    "ignored.forwarded": (CHAT, {A + "extra_fields": lambda original, ask: {"seed": ask.body[
            "seed"]}},
                          sends({"seed": 7})),
    "metadata.forwarded": (CHAT, {A + "extra_fields": value({"metadata": {"a": "b"}})},
            sends()),
    "system.blank": (CHAT, {"hoist": lambda original, messages: original(messages).replace("\n",
            " ")},
                     sends(SYSTEM)),
    "system.last-only": (CHAT, {A + "system": lambda original, ask: ask.system[-1:]},
            sends(SYSTEM)),
    "audio.forwarded": (CHAT, {A + "messages": audio}, sends()),
    "falsy.dropped": (CHAT, {A + "body": truthy}, sends({"temperature": 0})),
    "version.doubled": (CHAT, {A + "version": lambda original, ask: original(ask) * 2}, sends()),
    "version.missing": (CHAT, {A + "version": value([])}, sends()),
    "stop.blank": (CHAT, {"stop_sequences": lambda original, body: tuple(body["stop"])},
                   sends({"stop": ["\n", "END"]})),
    "stop.dropped": (CHAT, {A + "stop_sequences": value(None)}, sends({"stop": "END"})),
    "key.callers": (CHAT, {A + "auth": value([("x-api-key", GATEWAY_KEY)])}, sends()),
    "key.bearer": (CHAT, {A + "auth": lambda original, ask: [
        ("authorization", f"Bearer {GATEWAY_KEY}"),
        *original(ask)]}, sends()),
    "limit.renamed": (CHAT, {A + "body": without("max_tokens")}, sends({"max_tokens": 5})),
    "limit.default": (CHAT, {A + "limit": value(4096)}, sends({"max_completion_tokens": 5})),
    "tools.dropped": (CHAT, {A + "body": without("tools", "tool_choice")},
                      sends({"tools": [TOOL]})),
    "tools.unmapped": (CHAT, {A + "tool": lambda original, tool: {"name": tool.name,
                                                                "parameters": tool.parameters}},
                       sends({"tools": [TOOL]})),
    "choice.auto": (CHAT, {A + "choice": value({"type": "auto"})},
                    sends({"tools": [TOOL], "tool_choice": "required"})),
    "parallel.dropped": (CHAT, {A + "choice": value(None)},
                         sends({"tools": [TOOL], "parallel_tool_calls": False})),
    "history.flat": (CHAT, {A + "messages": flat}, sends(TALK)),
    "result.text": (CHAT, {A + "tool_result": lambda original, result: {"type": "text",
                                                                      "text": result.text}},
                    sends(TALK)),
    "image.url": (CHAT, {A + "source": lambda original, url: {"type": "url", "url": url}},
                  sends({"messages": [PICTURE]})),
    "thinking.dropped": (CHAT, {A + "body": without("thinking")},
                         sends({"thinking": {"type": "enabled", "budget_tokens": 2000}})),
    "model.other": (CHAT, {A + "model": value("claude-x")}, sends()),
    "stream.always": (CHAT, {A + "body": lambda original, ask: {**original(ask), "stream": True}},
                      sends()),
    # --- translated replies
    "reason.native": (CHAT, {"finish_reason": value("end_turn")}, makes({"text": "x"})),
    "reason.refusal-stop": (CHAT, {A + "finish_reason": value("end")},
                            makes({"text": "x", "stop": "refusal"})),
    "thought.shown": (CHAT, {A + "text": lambda original, content: "".join(
        b.get("thinking", "") + b.get("text", "") for b in content)},
                      makes({"parts": [{"thinking": "Hm."}, {"text": "x"}]})),
    "usage.guessed": (CHAT, {A + "usage": value(Usage(1, 1))},
                      makes({"text": "x", "usage": {"input": 7, "output": 5}})),
    "usage.uncached": (CHAT, {A + "usage": lambda original, whole: replace(
        original(whole), cache_read=0)}, makes({"text": "x", "usage": {"cache_read": 3}})),
    "late-error.clean": (CHAT, {A + "stream_error": value(None)}, makes(LATE, STREAM)),
    "drop.clean": (CHAT, {A + "incomplete_error": value(None)}, makes(CUT, STREAM)),
    "retry-after.lost": (CHAT, {A + "forwarded_headers": value([])}, makes(BUSY)),
    "overloaded.500": (CHAT, {A + "status": value(500)}, makes({"status": 529})),
    "error.200": (CHAT, {"status": value(200)}, makes({"status": 500})),
    "calls.first-only": (CHAT, {A + "to_model_reply": lambda original, *rest: replace(
        original(*rest), calls=original(*rest).calls[:1])}, makes({"parts": CALLS})),
    "calls.reserialized": (CHAT, {A + "arguments": lambda original, call: str(call["input"])},
                           makes({"parts": CALLS})),
    # --- an Anthropic caller with an OpenAI provider: forwarded requests
    "messages.system.dropped": (MESSAGES, {B + "system": value([])}, sends({"system": "A"})),
    "messages.stops.dropped": (MESSAGES, {B + "stop_sequences": value(None)},
                               sends({"stop_sequences": ["END"]})),
    "messages.top_k.forwarded": (MESSAGES, {B + "extra_fields": value({"top_k": 5})}, sends()),
    "messages.images.dropped": (MESSAGES, {B + "content": value(f"[ref:{MARK}]")}, sends()),
    "messages.history.flat": (MESSAGES, {B + "messages": flat}, sends(USED)),
    "messages.result.user": (MESSAGES, {B + "result": lambda original, result: {
        "role": "user", "content": result.text}}, sends(USED)),
    "messages.call.text": (MESSAGES, {B + "call": lambda original, call: {"id": call.id}},
                           sends(USED)),
    "messages.tool.unmapped": (MESSAGES, {B + "tool": lambda original, tool: {"name": tool.name}},
                               sends({"tools": [FLAT]})),
    "messages.choice": (MESSAGES, {B + "choice": value(None)},
                        sends({"tools": [FLAT], "tool_choice": {"type": "any"}})),
    "messages.effort": (MESSAGES, {B + "reasoning_effort": value("high")}, sends()),
    "messages.user": (MESSAGES, {B + "user": value(None)},
                      sends({"metadata": {"user_id": "u1"}})),
    "messages.key": (MESSAGES, {B + "auth": value([("authorization", f"Bearer {GATEWAY_KEY}")])},
                     sends()),
    "messages.stream_options": (MESSAGES, {B + "stream_options": value({"include_usage": True})},
                                sends()),
    "messages.usage.unasked": (MESSAGES, {B + "stream_options": value(None)}, sends(STREAM)),
    # --- translated replies
    "messages.reason": (MESSAGES, {B + "finish_reason": value("end")},
                        makes({"text": "x", "stop": "max_tokens"})),
    "messages.empty-block": (MESSAGES, {B + "to_blocks": lambda original, text, calls: (
        {"type": "text", "text": text}, *original("", calls))}, makes({"parts": CALLS})),
    "messages.usage": (MESSAGES, {B + "usage": value(Usage(0, 0))}, makes({"text": "x"})),
    "messages.fragments": (MESSAGES, {B + "add": value(None)},
                           makes({"parts": CALLS, "fragments": 1}, STREAM)),
    "messages.late-error": (MESSAGES, {B + "stream_error": value(None)}, makes(LATE, STREAM)),
    "messages.overloaded": (MESSAGES, {B + "status": value(500)}, makes({"status": 529})),
    "messages.retry-after": (MESSAGES, {B + "forwarded_headers": value([])}, makes(BUSY)),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_every_provider_mutant_differs(name: str) -> None:
    (caller, provider), wrong, probe = WRONG[name]
    assert probe(caller, provider, wrong) != probe(caller, provider, None)


@pytest.mark.parametrize("name", WRONG)
def test_reference_gateway_with_provider_is_deterministic(name: str) -> None:
    (caller, provider), _, probe = WRONG[name]
    assert probe(caller, provider, None) == probe(caller, provider, None)


@pytest.mark.parametrize(
    "name", [name for name, (_, wrong, _) in WRONG.items() if "forward" in str(wrong)]
)
def test_forwarding_mutants_have_no_effect_without_a_provider(name: str) -> None:
    """Only an upstream can detect them."""
    (caller, _), wrong, _ = WRONG[name]
    replies = []
    for override in (wrong, None):
        gateway = GatewayWithProvider(caller, "anthropic", wrong=override)
        gateway.gateway = type(gateway.gateway)(override)
        replies.append(gateway.ask())
    assert replies[0] == replies[1]
