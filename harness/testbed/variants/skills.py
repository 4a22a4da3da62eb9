"""Right gateways whose model lacks a skill, which is not a fault of the gateway."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from typing import Any

from harness.testbed.base import Variant
from harness.testbed.gateway import tokenizer
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.model_provider import truncate
from harness.testbed.gateway.model_types import Image, ModelReply, ModelRequest

Body = dict[str, Any]
Provider = Callable[[ModelRequest], ModelReply]
Count = Callable[[ModelRequest], int]
SendsUsage = Callable[[Body], bool]
LIMIT = 256  # tokens of an answer that asks for no limit, or for a higher one
SYSTEM_TOKENS = 25  # of the prompt that a chat template adds if the caller sends none
USAGE_ROWS = ("*usage*", "*stream_options*", "*message_start*", "*message_delta*")
IMAGE_ROWS = ("*image*",)
SIGNAL = ("signal",)
STOP_ROWS = (
    "openai-chat/request.stop", "openai-compat/stop", "anthropic-messages/stop_sequences",
    "cross-*/finish.sequence",
)  # fmt: skip


def model(answer: Callable[[ModelRequest, str], str]) -> Overrides:
    """Changes the words of the model. A forced tool is still called."""

    def provider(original: Provider, request: ModelRequest) -> ModelReply:
        reply = original(request)
        if request.json_schema is not None or request.choice in ("any", "only"):
            return reply  # what it writes is not its choice
        if reply.calls and not answer(request, ""):
            return reply
        whole = original(replace(request, limit=None, stop=())).text
        if not whole and not answer(request, ""):
            return reply
        text, finish, sequence = truncate(answer(request, whole), request.limit, request.stop)
        count = tokenizer.count(text)
        return replace(
            reply, text=text, calls=(), finish=finish, stop_sequence=sequence, output_tokens=count
        )

    return {"both.provider": provider}


def disobedient(request: ModelRequest, text: str) -> str:
    return "I would rather talk about the sea, which is calm today."


def brief(request: ModelRequest, text: str) -> str:
    """Answers with five words, the last ones of a sentence."""
    words = text.split()
    return " ".join(words[:5] if text.startswith("1 2 3") else words[-5:])


def innumerate(request: ModelRequest, text: str) -> str:
    """Loses its place when it counts."""
    return "One, two, many, a lot." if text.startswith("1 2 3") else text


def polite(request: ModelRequest, text: str) -> str:
    return f"Of course! {text} Let me know if you need anything else." if text else ""


def talks_past_limit(original: Provider, request: ModelRequest) -> ModelReply:
    """Reaches the limit of the server with words before it calls the tool that it must call."""
    reply = original(request)
    if request.choice not in ("any", "only") or (request.limit or LIMIT) < LIMIT:
        return reply
    text = "The weather in Paris is famous. " * 40
    return replace(reply, text=text, calls=(), finish="length", output_tokens=tokenizer.count(text))


def ignores_stop(answer: Callable[[str], str]) -> Overrides:
    """Ignores stop sequences before a model whose answer depends on the whole request.

    Args:
        answer: Makes the answer from the hash of the request, as hexadecimal digits.
    """

    def provider(original: Provider, request: ModelRequest) -> ModelReply:
        text = answer(sha256(repr(request).encode()).hexdigest())
        changed: ModelReply = model(lambda _, words: text)["both.provider"](
            original, replace(request, stop=())
        )
        return changed

    return {"both.provider": provider}


def depends_on_body(original: Callable[..., Body], body: Body, *rest: Any) -> Body:
    """Answers with a hash of the body, so that a field changes the text although it is ignored."""
    data = original(body, *rest)
    message = data["choices"][0]["message"]
    if isinstance(message.get("content"), str):
        fields = {key: value for key, value in body.items() if not key.startswith("stream")}
        digest = sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()
        message["content"] = f"Answer {digest}"
    return data


def adds_system_prompt(original: Provider, request: ModelRequest) -> ModelReply:
    reply = original(request)
    more = 0 if request.system else SYSTEM_TOKENS
    return replace(reply, input_tokens=reply.input_tokens + more)


def counts_system_prompt(original: Count, request: ModelRequest) -> int:
    return original(request) + (0 if request.system else SYSTEM_TOKENS)


def without_images(request: ModelRequest) -> ModelRequest:
    turns = tuple(
        replace(turn, parts=tuple(part for part in turn.parts if not isinstance(part, Image)))
        for turn in request.turns
    )
    return replace(request, turns=turns)


def blind(original: Callable[[ModelRequest], Any], request: ModelRequest) -> Any:
    return original(without_images(request))


def restless() -> Overrides:
    """Returns a model that words each answer in another way."""
    words = ("Well", "Now", "So", "Right", "Good")
    count = [0]

    def provider(original: Provider, request: ModelRequest) -> ModelReply:
        count[0] += 1
        reply = original(request)
        if not reply.text or reply.finish != "end" or request.json_schema is not None:
            return reply
        text = f"{words[count[0] % len(words)]}: {reply.text}"
        return replace(reply, text=text, output_tokens=tokenizer.count(text))

    return {"both.provider": provider}


def transliterates(original: Provider, request: ModelRequest) -> ModelReply:
    """Writes the arguments of calls without accents."""
    reply = original(request)
    calls = ((name, without_accents(arguments)) for name, arguments in reply.calls)
    return replace(reply, calls=tuple(calls))


def without_accents(text: str) -> str:
    letters = unicodedata.normalize("NFD", text)
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


SKILLS: tuple[Variant, ...] = (
    Variant("model.disobedient", "has a model that follows no instruction", model(disobedient),
            causes=("signal", "model")),
    Variant("model.brief", "has a model that answers with five words", model(brief),
            causes=("signal", "model")),
    Variant("model.innumerate", "has a model that cannot count", model(innumerate),
            causes=("signal", "model")),
    Variant("model.polite", "has a model that adds polite words", model(polite)),
    Variant("model.talkative", "has a model that talks until the limit of the server before a call",
            {"both.provider": talks_past_limit}, causes=("signal", "model", "blocked")),
    Variant("model.ascii", "has a model that writes names of cities without accents",
            {"both.provider": transliterates}),
    Variant("model.restless", "has a model that words each answer in another way", restless(),
            causes=SIGNAL),
    Variant("model.hash", "ignores stop sequences and answers with a hash of the request",
            ignores_stop(lambda digits: f"Answer {digits}"), causes=("signal", "model"),
            not_credited=STOP_ROWS),
    Variant("model.ready", "ignores stop sequences and answers with the same words",
            ignores_stop(lambda digits: "ready"), causes=("signal", "model"),
            not_credited=STOP_ROWS),
    Variant("model.body-hash", "answers each Chat Completions request with a hash of its body",
            {"completion": depends_on_body}, causes=("signal", "model"),
            not_credited=("openai-compat/seed", "openai-compat/user", "openai-compat/logprobs",
                          "openai-compat/metadata", "openai-compat/message.*.name")),
    Variant("model.system-prompt", "adds a system prompt if the caller sends none",
            {"both.provider": adds_system_prompt,
             "anthropic.count_input_tokens": counts_system_prompt,
             "responses.count_input_tokens": counts_system_prompt}),
    Variant("model.blind", "has a model without vision that ignores images",
            {"both.provider": blind, "anthropic.count_input_tokens": blind}, affects=IMAGE_ROWS,
            causes=SIGNAL, not_credited=("openai-compat/message.user.content.image_url.url",)),
)  # fmt: skip
