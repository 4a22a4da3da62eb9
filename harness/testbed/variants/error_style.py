"""Variants of error formats, tolerated requests, model texts and token counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from harness.testbed.base import Variant
from harness.testbed.gateway.errors import RequestError, bad_value
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.model_types import Json, ModelReply, ModelRequest

Body = dict[str, Any]
Check = Callable[[Body], None]


def error(change: Callable[[Body, RequestError], Json]) -> Overrides:
    return {"error": lambda original, refusal: change(original(refusal), refusal)}


def status(change: Callable[[RequestError], int]) -> Overrides:
    return {"status": lambda original, refusal: change(refusal)}


def status_for_invalid_field(refusal: RequestError) -> int:
    """Formats errors as schema-validating servers do."""
    return 422 if refusal.status == 400 and refusal.param else refusal.status


def reject_model_with_400(original: Callable[..., Any], *args: Any) -> Any:
    try:
        return original(*args)
    except RequestError as refusal:
        if refusal.code == "model_not_found":
            refusal.status = 400
        raise


def native_error(data: Body, refusal: RequestError) -> Json:
    """Formats errors as the live compatibility layer does."""
    return {"error": {**data["error"], "param": None, "code": data["error"]["type"]}}


def add_error_fields(data: Body, refusal: RequestError) -> Json:
    more = {"request_id": "req_1", "details": [{"loc": ["body"]}], "doc_url": None}
    return {"error": {**data["error"], **more}, "type": "error"}


def only_required_fields(data: Body, refusal: RequestError) -> Json:
    return {"error": {key: data["error"][key] for key in ("message", "type")}}


def numeric_code(data: Body, refusal: RequestError) -> Json:
    return {"error": {**data["error"], "code": refusal.status}}


ERRORS = (
    Variant("errors.422", "returns a 422 for an invalid field", status(status_for_invalid_field)),
    Variant("errors.model-400", "returns a 400 for an unknown model",
            {"chat": reject_model_with_400}),
    Variant("errors.native", "repeats the type as the code", error(native_error)),
    Variant("errors.wordy", "adds unknown fields to errors", error(add_error_fields)),
    Variant("errors.terse", "omits param and code in errors", error(only_required_fields),
            affects=("openai-chat/error.object",)),
    Variant("errors.numeric", "sends the status as the code, as the most used engines do",
            error(numeric_code),
            affects=("openai-chat/error.object",)),
)  # fmt: skip


def tolerates(*fields: str, test: Callable[[Json], bool]) -> Overrides:
    """Ignores fields that may be rejected or ignored."""

    def check(original: Check, body: Body) -> None:
        for field in fields:
            if field in body and test(body[field]):
                del body[field]
        original(body)

    return {"check": check}


def rejects(test: Callable[[Body], str]) -> Overrides:
    """Rejects fields that may be rejected or ignored; the test returns the field."""

    def check(original: Check, body: Body) -> None:
        original(body)
        if field := test(body):
            raise bad_value(field, "not supported.")

    return {"check": check}


def drop_lonely_options(original: Check, body: Body) -> None:
    if not body.get("stream"):
        body.pop("stream_options", None)
    original(body)


def has_blank_stop(body: Body) -> str:
    stop = body.get("stop")
    entries = stop if isinstance(stop, list) else [stop]
    return "stop" if any(isinstance(e, str) and not e.strip() for e in entries) else ""


def has_empty_message(body: Body) -> str:
    """Tests whether a message has only ignored content."""
    contents = (m["content"] for m in body["messages"] if isinstance(m.get("content"), list))
    kept = ("text", "image_url")
    empty = any(all(part["type"] not in kept for part in content) for content in contents)
    return "content" if empty else ""


def is_negative(value: Json) -> bool:
    return isinstance(value, int | float) and value < 0


TOLERANCE = (
    Variant("taste.temperature", "ignores a negative temperature",
            tolerates("temperature", test=is_negative),
            affects=("openai-chat/request.temperature.range",)),
    Variant("taste.zero", "ignores a limit of 0",
            tolerates("max_tokens", test=lambda value: value == 0)),
    Variant("taste.tools", "accepts an empty list of tools",
            tolerates("tools", "functions", test=lambda value: value == [])),
    Variant("taste.thinking", "ignores a malformed thinking",
            tolerates("thinking", test=lambda v: not isinstance(v, dict) or len(v) != 2)),
    Variant("taste.stream_options", "accepts stream_options without stream",
            {"check": drop_lonely_options}),
    Variant("taste.blank-stop", "rejects blank stop sequences", rejects(has_blank_stop)),
    Variant("taste.unknown", "rejects unknown fields",
            rejects(lambda body: "no_such_field" if "no_such_field" in body else "")),
    Variant("taste.hollow", "rejects a message without remaining content",
            rejects(has_empty_message)),
)  # fmt: skip


def changes_text(change: Callable[[str], str]) -> Overrides:
    """Changes the text of the model."""

    def provider(
        original: Callable[[ModelRequest], ModelReply], request: ModelRequest
    ) -> ModelReply:
        reply = original(request)
        is_free = request.limit is None and not request.stop and request.json_schema is None
        is_changeable = reply.text and reply.finish == "end" and is_free
        return replace(reply, text=change(reply.text)) if is_changeable else reply

    return {"both.provider": provider}


def changes_counts(change: Callable[[ModelReply], ModelReply]) -> Overrides:
    """Changes token counts, in answers and in count_tokens."""

    def count_input_tokens(original: Callable[[ModelRequest], int], request: ModelRequest) -> int:
        return change(ModelReply("", input_tokens=original(request))).input_tokens

    return {
        "both.provider": lambda original, request: change(original(request)),
        "anthropic.count_input_tokens": count_input_tokens,
        "responses.count_input_tokens": count_input_tokens,
    }


MODELS = (
    Variant("model.chatty", "answers with more text than requested",
            changes_text(lambda text: f"Sure! {text}.")),
    Variant("model.loud", "answers in other letter case",
            changes_text(lambda text: text.capitalize())),
    Variant("model.airy", "starts answers with an empty line",
            changes_text(lambda text: f"\n\n{text}\n")),
    Variant("tokens.overhead", "counts tokens of an internal prompt",
            changes_counts(lambda reply: replace(reply, input_tokens=reply.input_tokens + 346)),
            affects=("*/integrity.prompt",)),
    Variant("tokens.thought", "counts thinking as output",
            changes_counts(lambda reply: replace(reply, output_tokens=reply.output_tokens + len(
                reply.thinking)))),
    Variant("tokens.coarse", "uses another tokenizer",
            changes_counts(lambda reply: replace(reply, input_tokens=reply.input_tokens * 2 + 5))),
)  # fmt: skip

ERROR_STYLE = (*ERRORS, *TOLERANCE, *MODELS)
