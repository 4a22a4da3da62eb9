"""Variants of JSON bodies: additional and missing fields, other pieces, other texts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.testbed.base import Variant
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.ids import ResponseIds
from harness.testbed.gateway.model_types import ModelReply

Body = dict[str, Any]


def events(change: Callable[[list[Body]], Any]) -> Overrides:
    def change_all(original: Callable[..., list[Body]], *args: Any) -> list[Body]:
        chunks = original(*args)
        change(chunks)
        return chunks

    return {"events": change_all}


def completion(change: Callable[[Body], Any]) -> Overrides:
    def change_all(original: Callable[..., Body], *args: Any) -> Body:
        whole = original(*args)
        change(whole)
        return whole

    return {"completion": change_all}


def extra_keys(whole: Body) -> None:
    """Adds fields that real servers send at every level."""
    whole.update(provider="builtin", x_extra={"a": [1]})
    choice = whole["choices"][0]
    choice.update(native_finish_reason="end_turn", stop_reason=None, matched_stop=None)
    choice["message"].update(annotations=[], provider_specific_fields=None)
    whole["usage"].update(cost=0.0001, input_tokens=whole["usage"]["prompt_tokens"])


def add_nulls(whole: Body) -> None:
    """Sends null for fields that the reference gateway omits."""
    whole.update(service_tier=None, system_fingerprint=None)
    whole["usage"].update(prompt_tokens_details=None, completion_tokens_details=None)
    message = whole["choices"][0]["message"]
    message.update(audio=None, function_call=None)
    message.setdefault("tool_calls", None)


def add_empty_values(whole: Body) -> None:
    """Sends empty values for fields that the reference gateway omits."""
    whole.update(service_tier="", system_fingerprint="")
    whole["usage"].update(prompt_tokens_details={}, completion_tokens_details={})
    message = whole["choices"][0]["message"]
    message.update(refusal="", annotations=[])
    message.setdefault("tool_calls", [])


def accept_empty_calls(original: Callable[[Body], None], body: Body) -> None:
    """Accepts an empty list of calls, which it also sends."""
    messages = body.get("messages")
    for reply in messages if isinstance(messages, list) else ():
        if isinstance(reply, dict) and reply.get("tool_calls") == []:
            del reply["tool_calls"]
    original(body)


def drop_optional_fields(whole: Body) -> None:
    """Omits fields that SDKs do not need."""
    choice = whole["choices"][0]
    del choice["message"]["refusal"]
    if choice["logprobs"] is None:
        del choice["logprobs"]
    if choice["message"]["content"] is None:
        del choice["message"]["content"]


def add_text(whole: Body) -> None:
    """Adds a text before the calls."""
    message = whole["choices"][0]["message"]
    message["content"] = message["content"] or "Let me look that up."


def add_empty_text(whole: Body) -> None:
    """Sends an empty text instead of null with calls."""
    message = whole["choices"][0]["message"]
    message["content"] = message["content"] or ""


def ids(prefix: str) -> Overrides:
    return completion(lambda whole: whole.update(id=f"{prefix}{whole['id']}-eu"))


def tool_ids(
    original: Callable[..., list[Body]], reply: ModelReply, ids: ResponseIds
) -> list[Body]:
    return [{**c, "id": f"toolu_01{c['id'][5:]}"} for c in original(reply, ids)]


def function_call(original: Callable[..., Body], body: Body, *rest: Any) -> Body:
    """Answers legacy functions with function_call."""
    whole = original(body, *rest)
    choice = whole["choices"][0]
    if "functions" in body and choice["message"].get("tool_calls"):
        choice["message"]["function_call"] = choice["message"].pop("tool_calls")[0]["function"]
        choice["finish_reason"] = "function_call"
    return whole


ANSWERS = (
    Variant("keys.extra", "adds unknown fields", completion(extra_keys)),
    Variant("keys.null", "sends null for absent fields", completion(add_nulls)),
    Variant("keys.empty", "omits null fields",
            {**completion(add_empty_values), "check": accept_empty_calls},
            affects=("openai-chat/answer.content",)),
    Variant("keys.absent", "omits optional fields", completion(drop_optional_fields)),
    Variant("ids.prefix", "sends ids in another format", ids("gen-")),
    Variant("ids.tools", "sends tool call ids in another format", {"tool_calls": tool_ids}),
    Variant("model.dated", "sends the model name with a version",
            completion(lambda whole: whole.update(model=f"{whole['model']}-2025-11-01"))),
    Variant("calls.with-text", "sends a text before a call", completion(add_text)),
    Variant("calls.empty-text", "sends an empty text with a call", completion(add_empty_text)),
    Variant("calls.function_call", "answers functions with function_call",
            {"completion": function_call}),
)  # fmt: skip


def call_in_one_piece(original: Callable[..., list[Body]], number: int, call: Body) -> list[Body]:
    return [{"index": number, **call}]


def arguments_first(original: Callable[..., list[Body]], number: int, call: Body) -> list[Body]:
    """Sends arguments in the first fragment and none in the last."""
    first, *rest = original(number, call)
    piece = rest.pop(0) if rest else {"function": {"arguments": ""}}
    first["function"]["arguments"] = piece["function"]["arguments"]
    return [first, *rest, {"index": number, "function": {"arguments": ""}}]


def pad_chunks(chunks: list[Body]) -> None:
    for number, event in enumerate(chunks):
        event["obfuscation"] = "x" * (number % 7)


def drop_null_usage(
    original: Callable[..., list[Body]], chunks: list[Body], *rest: Any
) -> list[Body]:
    """Omits the null usage of all other chunks."""
    return [*chunks, original([], *rest)[-1]]


def last_together(chunks: list[Body]) -> None:
    """Sends the finish_reason with the last text."""
    at = max(number for number, event in enumerate(chunks) if event["choices"])
    before, last = chunks[at - 1]["choices"][0], chunks[at]["choices"][0]
    if before["delta"].get("content") and "role" not in before["delta"]:
        last.update(delta=before["delta"], logprobs=before["logprobs"])
        del chunks[at - 1]


def role_together(chunks: list[Body]) -> None:
    """Sends the first text with the role."""
    first, second = (event["choices"][0] for event in chunks[:2])
    if second["delta"].get("content"):
        first["delta"]["content"] = second["delta"]["content"]
        first["logprobs"] = second["logprobs"]
        del chunks[1]


def null_deltas(chunks: list[Body]) -> None:
    for event in chunks:
        for choice in event["choices"]:
            choice["delta"] = {"content": None, "tool_calls": None, **choice["delta"]}


STREAMS = (
    Variant("deltas.letters", "streams one character per delta",
            {"text_pieces": lambda original, text: list(text)}),
    Variant("deltas.one", "streams the text in one piece",
            {"text_pieces": lambda original, text: [text] if text else []},
            affects=("openai-chat/stream.text",), causes=("signal",)),
    Variant("deltas.empty", "streams empty pieces in addition",
            {"text_pieces": lambda original, text: ["", *original(text), ""]}),
    Variant("deltas.null", "sends null for absent fields of a delta", events(null_deltas)),
    Variant("deltas.role-together", "sends the role in the first text delta",
            events(role_together)),
    Variant("deltas.last-together", "sends the finish reason with the last text",
            events(last_together)),
    Variant("deltas.padded", "pads its chunks", events(pad_chunks), affects=("*/*obfuscation",)),
    Variant("deltas.calls-whole", "streams each call in one piece",
            {"call_pieces": call_in_one_piece}),
    Variant("deltas.calls-early", "sends arguments in the first piece",
            {"call_pieces": arguments_first}),
    Variant("usage.bare", "omits usage in all but the last chunk", {"with_usage": drop_null_usage}),
)  # fmt: skip

SHAPE = (*ANSWERS, *STREAMS)
