"""Mutants that lose or damage something beside something else of the same request."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from harness.testbed.base import Mutant
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.model_types import (
    Image,
    Json,
    ModelReply,
    ModelRequest,
    Part,
    Text,
    ToolCall,
    Turn,
)
from harness.testbed.mutants.combinations import (
    count_no_calls,
    cut_content,
    first_and_last_turns,
    first_choice,
    is_later,
    no_schema_if,
    quoted,
)
from harness.testbed.mutants.openai.operators import Body, call, loses, misreads
from harness.testbed.mutation.rows import mutants_in

LOWEST = 20  # tokens to which a mutant lowers every limit


def keeps_parts(keep: Callable[[Turn, Part], bool]) -> Overrides:
    """Keeps some of the parts of all turns but the last."""

    def turns(request: ModelRequest) -> tuple[Turn, ...]:
        *earlier, last = request.turns
        kept = [replace(t, parts=tuple(p for p in t.parts if keep(t, p))) for t in earlier]
        return (*kept, last)

    return misreads(turns=turns)


def is_no_image(turn: Turn, part: Part) -> bool:
    return not isinstance(part, Image)


def is_no_text_beside_call(turn: Turn, part: Part) -> bool:
    return not (isinstance(part, Text) and any(isinstance(p, ToolCall) for p in turn.parts))


def no_fetched_image(original: Callable[[Body], Part | None], piece: Body) -> Part | None:
    """Drops an image that would have to be fetched."""
    part = original(piece)
    return None if isinstance(part, Image) and part.url.startswith("https:") else part


def keep_last_of_a_role(body: Body) -> None:
    """Keeps the last of several messages of the user in a row."""
    messages = body["messages"]
    following = [message["role"] for message in messages[1:]] + [""]
    body["messages"] = [
        message
        for message, after in zip(messages, following, strict=True)
        if not message["role"] == after == "user"
    ]


def cut_texts(role: str) -> Callable[[Body], None]:
    """Keeps the beginning of the text of each message of a role."""

    def lose(body: Body) -> None:
        for message in body["messages"]:
            if message["role"] == role:
                cut_content(message)

    return lose


def changes_text(change: Callable[[str], str]) -> Overrides:
    """Changes the texts of answers before they are written or streamed."""

    def message(original: Callable[..., Body], reply: ModelReply, *rest: Any) -> Body:
        return original(replace(reply, text=change(reply.text)), *rest)

    return {"message": message}


def add_member(text: str) -> str:
    """Adds a member to an answer that is an object."""
    if not text.startswith("{"):
        return text
    data: Json = json.loads(text)
    return json.dumps({**data, "confidence": 1.0})


def quote_all(item: Body) -> None:
    """Writes all values of the arguments as texts."""
    arguments = json.loads(item["function"]["arguments"])
    item["function"]["arguments"] = json.dumps(quoted(arguments))


TOGETHER = (
    *mutants_in("openai/together"),
    Mutant("together.users", "keeps the last of several messages of the user in a row",
           "messages.user.consecutive", "any_of", loses(keep_last_of_a_role)),
    Mutant("together.history", "keeps the last five turns", "messages.history.long", "any_of",
           misreads(turns=lambda request: request.turns[-5:])),
    Mutant("together.long-result", "cuts results of tools after 1000 characters",
           "tools.result.long", "any_of", loses(cut_texts("tool"))),
    Mutant("together.middle", "keeps the first and the last three turns",
           "messages.history.middle", "any_of",
           misreads(turns=first_and_last_turns)),
    Mutant("together.later", "lets the model choose later in a conversation",
           "tools.required.later", "body $.choices[0].message.tool_calls",
           misreads(choice=first_choice)),
    Mutant("together.image", "drops images of earlier messages", "images.earlier", "any_of",
           keeps_parts(is_no_image)),
    Mutant("together.image-url", "drops images that it would have to fetch", "images.url.seen",
           "more_than", {"part": no_fetched_image}),
    Mutant("together.last-tool", "calls the last tool whenever one is named", "tools.named.first",
           "body $.choices[0].message.tool_calls[*].function.name",
           misreads(only=lambda request: request.only and request.tools[-1].name)),
    Mutant("together.types", "writes all values of arguments as texts", "tools.strict.types",
           "body $.choices[0].message.tool_calls[*].function.arguments", call(quote_all)),
    Mutant("together.text-and-call", "drops the text beside a call", "tools.replayed.text-kept",
           "any_of", keeps_parts(is_no_text_beside_call)),
    Mutant("together.member", "adds a member to JSON answers", "options.json_schema.exact",
           "any_of", changes_text(add_member)),
    Mutant("together.format", "ignores response_format in conversations",
           "options.json_schema.conversation", "any_of",
           misreads(json_schema=no_schema_if(is_later))),
    Mutant("together.calls-free", "counts no tokens of calls", "shape.usage.calls",
           "body $.usage.completion_tokens", {"usage": count_no_calls}),
    Mutant("together.limit", "lowers every limit to 20 tokens", "limits.not-lowered", "body $",
           misreads(limit=lambda request: min(request.limit or LOWEST, LOWEST))),
)  # fmt: skip
