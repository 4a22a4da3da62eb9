"""The common ways to be wrong between a front and the provider behind it. May not name a case.

The OpenAI front is before a provider that speaks Anthropic, and the other way round: so a mistake
of the one front's is made on the way to the other one's protocol.
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
Tell = Callable[[str, str, str, str, Overrides], Mutant]
HTML = b"<html><body><h1>Internal Server Error</h1></body></html>"
TO_ANTHROPIC, TO_OPENAI = "forward.anthropic", "forward.openai"


def of(pack: str, prefix: str) -> Tell:
    """Mutants of one front, by the pack whose cases catch them."""

    def mutant(name: str, says: str, case: str, rule: str, wrong: Overrides) -> Mutant:
        return Mutant(f"{prefix}.{name}", says, f"{pack}/{case}", rule, wrong)

    return mutant


compat = of("openai-compat", "upstream")
messages = of("anthropic-messages", "anthropic.upstream")


# --- what the provider is asked -----------------------------------------------------------------


def asks(side: str, change: Change, when: Callable[[Body], Any] = lambda body: True) -> Overrides:
    """Changes the request to the provider; `when`: of which requests, as the caller wrote them."""

    def body(original: Callable[[ModelRequest], Body], request: ModelRequest) -> Body:
        told = copy.deepcopy(original(request))
        if when(request.body):
            change(told)
        return told

    return {f"{side}.body": body}


def sets(**values: Json) -> Change:
    return lambda told: told.update(values)


def drops(*names: str) -> Change:
    return lambda told: [told.pop(name, None) for name in names]


def blocks(told: Body, kind: str = "") -> Iterator[Body]:
    """The blocks, or parts, of all messages; strings are none."""
    for message in told["messages"]:
        content = message.get("content")
        for block in content if isinstance(content, list) else ():
            if not kind or block["type"] == kind:
                yield block


def texts(change: Callable[[str], str]) -> Change:
    """Changes what is said, by whomever, wherever it stands."""

    def all_of_them(told: Body) -> None:
        for message in told["messages"]:
            if isinstance(message.get("content"), str):
                message["content"] = change(message["content"])
        for block in blocks(told, "text"):
            block["text"] = change(block["text"])

    return all_of_them


def adds(side: str, *pairs: tuple[str, str]) -> Overrides:
    """More headers to the provider."""

    def headers(original: Callable[[ModelRequest], Headers], request: ModelRequest) -> Headers:
        return [*original(request), *pairs]

    return {f"{side}.headers": headers}


def twice(side: str) -> Overrides:
    def exchange(original: Callable[..., Reply], *args: Any) -> Reply:
        original(*args)
        return original(*args)

    return {f"{side}.exchange": exchange}


# --- what the caller is told --------------------------------------------------------------------


def hears(side: str, change: Callable[[ModelReply], ModelReply]) -> Overrides:
    """Changes what the provider said."""

    def answer(original: Callable[[ModelRequest], ModelReply], request: ModelRequest) -> ModelReply:
        return change(original(request))

    return {f"{side}.complete": answer}


def leaks(why: str, word: str, front: str = "") -> Overrides:
    """Says the provider's own word for why it stopped, or another wrong one."""

    def reason(original: Callable[[ModelReply], Json], reply: ModelReply) -> Json:
        return word if reply.finish == why else original(reply)

    return {f"{front}finish_reason": reason}


def speaks(side: str, change: Callable[[str], str]) -> Overrides:
    """Changes the words of an answer."""

    def changed(reply: ModelReply) -> ModelReply:
        blocks = reply.blocks and tuple(
            {**block, "text": change(block["text"])} if block["type"] == "text" else block
            for block in reply.blocks
        )
        return replace(reply, text=change(reply.text), blocks=blocks)

    return hears(side, changed)


def hushes(side: str, text: str = "", *statuses: int) -> Overrides:
    """Makes an answer of an error that comes before the first word."""

    def answer(original: Callable[[ModelRequest], ModelReply], request: ModelRequest) -> ModelReply:
        try:
            return original(request)
        except RequestError as refusal:
            if statuses and refusal.status not in statuses:
                raise
            return ModelReply(text, input_tokens=1, output_tokens=1)

    return {f"{side}.complete": answer}


def ends(side: str, hook: str) -> Overrides:
    """Makes a clean end of an answer that broke off: `failed` by an error, `unended` without."""
    return {f"{side}.{hook}": lambda original, *args: None}


def whole(side: str, change: Callable[[Body], Body]) -> Overrides:
    """Changes what a plain answer of the provider's is taken for, one that cannot be read too."""

    def read(original: Callable[[Reply], Body], reply: Reply) -> Body:
        try:
            return change(original(reply))
        except RequestError:
            return change({})

    return {f"{side}.read_body": read}


def pages(front: str = "", least: int = 500) -> Overrides:
    """Shows people's pages where an error object is owed."""

    def refuse(original: Callable[..., Reply], refusal: RequestError, *args: Any) -> Reply:
        reply = original(refusal, *args)
        if refusal.status < least:
            return reply
        kept = [(name, value) for name, value in reply["headers"] if name != "content-type"]
        headers = [("content-type", "text/html"), *kept]
        return {**reply, "headers": headers, "chunks": [HTML], "pauses": [0.0]}

    return {f"{front}refuse": refuse}


def passes(side: str, change: Callable[[Headers], Headers]) -> Overrides:
    """Changes which of the provider's headers the caller gets."""

    def passed(original: Callable[..., Headers], *args: Any) -> Headers:
        return change(original(*args))

    return {f"{side}.forwarded_headers": passed}


def without(*names: str) -> Callable[[Headers], Headers]:
    return lambda headers: [pair for pair in headers if pair[0] not in names]


def prefixed(headers: Headers) -> Headers:
    return [(f"llm_provider-{name}", value) for name, value in headers]
