"""Mutation operators for the forwarding to a provider.

Each endpoint forwards to a provider of the other protocol, so a mutant of the OpenAI endpoint
overrides hooks of the Anthropic client.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from harness.testbed.base import Mutant
from harness.testbed.gateway.endpoint import Headers, Reply
from harness.testbed.gateway.errors import RequestError
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.model_types import Json, ModelReply, ModelRequest

Body = dict[str, Json]
Change = Callable[[Body], Any]
MutantFactory = Callable[[str, str, str, str, Overrides], Mutant]
HTML = b"<html><body><h1>Internal Server Error</h1></body></html>"
TO_ANTHROPIC, TO_OPENAI = "forward.anthropic", "forward.openai"


def mutant_factory(pack: str, prefix: str) -> MutantFactory:
    """Returns a factory of mutants for the cases of one pack."""

    def mutant(name: str, description: str, case: str, rule: str, override: Overrides) -> Mutant:
        return Mutant(f"{prefix}.{name}", description, f"{pack}/{case}", rule, override)

    return mutant


compat = mutant_factory("openai-compat", "upstream")
messages = mutant_factory("anthropic-messages", "anthropic.upstream")


# --- requests to the provider --------------------------------------------------------------------


def changes_request(
    side: str, change: Change, when: Callable[[Body], Any] = lambda body: True
) -> Overrides:
    """Changes the request to the provider if `when` accepts the caller's body."""

    def provider_request(original: Callable[[ModelRequest], Body], request: ModelRequest) -> Body:
        body = copy.deepcopy(original(request))
        if when(request.body):
            change(body)
        return body

    return {f"{side}.body": provider_request}


def sets(**values: Json) -> Change:
    return lambda body: body.update(values)


def drops(*names: str) -> Change:
    return lambda body: [body.pop(name, None) for name in names]


def blocks(body: Body, kind: str = "") -> Iterator[Body]:
    """Yields the blocks or parts of all messages."""
    for message in body["messages"]:
        content = message.get("content")
        for block in content if isinstance(content, list) else ():
            if not kind or block["type"] == kind:
                yield block


def texts(change: Callable[[str], str]) -> Change:
    """Changes all texts of all messages."""

    def change_all(body: Body) -> None:
        for message in body["messages"]:
            if isinstance(message.get("content"), str):
                message["content"] = change(message["content"])
        for block in blocks(body, "text"):
            block["text"] = change(block["text"])

    return change_all


def adds_headers(side: str, *pairs: tuple[str, str]) -> Overrides:
    """Adds headers to the request to the provider."""

    def headers(original: Callable[[ModelRequest], Headers], request: ModelRequest) -> Headers:
        return [*original(request), *pairs]

    return {f"{side}.headers": headers}


def sends_twice(side: str) -> Overrides:
    def exchange(original: Callable[..., Reply], *args: Any) -> Reply:
        original(*args)
        return original(*args)

    return {f"{side}.exchange": exchange}


# --- responses to the caller ---------------------------------------------------------------------


def changes_reply(side: str, change: Callable[[ModelReply], ModelReply]) -> Overrides:
    """Changes the provider's answer."""

    def answer(original: Callable[[ModelRequest], ModelReply], request: ModelRequest) -> ModelReply:
        return change(original(request))

    return {f"{side}.complete": answer}


def reports_finish_reason(reason_name: str, word: str, prefix: str = "") -> Overrides:
    """Replaces one finish reason by this word."""

    def reason(original: Callable[[ModelReply], Json], reply: ModelReply) -> Json:
        return word if reply.finish == reason_name else original(reply)

    return {f"{prefix}finish_reason": reason}


def changes_text(side: str, change: Callable[[str], str]) -> Overrides:
    """Changes the text of an answer."""

    def change_reply(reply: ModelReply) -> ModelReply:
        blocks = reply.blocks and tuple(
            {**block, "text": change(block["text"])} if block["type"] == "text" else block
            for block in reply.blocks
        )
        return replace(reply, text=change(reply.text), blocks=blocks)

    return changes_reply(side, change_reply)


def hides_error(side: str, text: str = "", *statuses: int) -> Overrides:
    """Sends an answer instead of an error that comes before any content."""

    def answer(original: Callable[[ModelRequest], ModelReply], request: ModelRequest) -> ModelReply:
        try:
            return original(request)
        except RequestError as refusal:
            if statuses and refusal.status not in statuses:
                raise
            return ModelReply(text, input_tokens=1, output_tokens=1)

    return {f"{side}.complete": answer}


def hides_failure(side: str, hook: str) -> Overrides:
    """Ends an interrupted answer normally; `hook` is stream_error or incomplete_error."""
    return {f"{side}.{hook}": lambda original, *args: None}


def changes_body(side: str, change: Callable[[Body], Body]) -> Overrides:
    """Changes the parsed plain answer; an unreadable one is empty."""

    def read(original: Callable[[Reply], Body], reply: Reply) -> Body:
        try:
            return change(original(reply))
        except RequestError:
            return change({})

    return {f"{side}.read_body": read}


def sends_html(prefix: str = "", least: int = 500) -> Overrides:
    """Sends an HTML page instead of an error object."""

    def refuse(original: Callable[..., Reply], refusal: RequestError, *args: Any) -> Reply:
        reply = original(refusal, *args)
        if refusal.status < least:
            return reply
        kept = [(name, value) for name, value in reply["headers"] if name != "content-type"]
        headers = [("content-type", "text/html"), *kept]
        return {**reply, "headers": headers, "chunks": [HTML], "pauses": [0.0]}

    return {f"{prefix}refuse": refuse}


def changes_headers(side: str, change: Callable[[Headers], Headers]) -> Overrides:
    """Changes the provider's headers for the caller."""

    def forwarded_headers(original: Callable[..., Headers], *args: Any) -> Headers:
        return change(original(*args))

    return {f"{side}.forwarded_headers": forwarded_headers}


def without(*names: str) -> Callable[[Headers], Headers]:
    return lambda headers: [pair for pair in headers if pair[0] not in names]


def add_prefix(headers: Headers) -> Headers:
    return [(f"llm_provider-{name}", value) for name, value in headers]
