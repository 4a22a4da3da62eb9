"""Compliant ways to forward embeddings: what a gateway can do differently without any harm."""

from __future__ import annotations

import base64
import struct
from collections.abc import Callable

from harness.testbed.base import Variant
from harness.testbed.gateway.embeddings.endpoint import as_floats
from harness.testbed.gateway.model_types import Json

Body = dict[str, Json]
Answer = Callable[[Body], Body]
BATCH = 2


def is_list(value: Json) -> bool:
    """Whether an input has several items."""
    return isinstance(value, list) and not isinstance(value[0], int)


def in_batches(original: Answer, body: Body) -> Body:
    """Sends a list in several requests, and joins their answers in order."""
    if not is_list(body["input"]):
        return original(body)
    items = body["input"]
    parts = [items[at : at + BATCH] for at in range(0, len(items), BATCH)]
    answers = [original({**body, "input": part}) for part in parts]
    data = [item for answer in answers for item in answer["data"]]
    total = sum(answer["usage"]["prompt_tokens"] for answer in answers)
    usage = {"prompt_tokens": total, "total_tokens": total}
    numbered = [{**item, "index": at} for at, item in enumerate(data)]
    return {**answers[0], "data": numbered, "usage": usage}


def in_own_form(original: Answer, body: Body) -> Body:
    """Sends a list, asks for Base64 always, and writes the form that the caller asks for itself."""
    sent = {name: value for name, value in body.items() if name != "user"}
    sent["input"] = body["input"] if is_list(body["input"]) else [body["input"]]
    answer = original({**sent, "encoding_format": "base64"})
    if body.get("encoding_format") == "base64":
        return answer
    data = [{**item, "embedding": numbers(item["embedding"])} for item in answer["data"]]
    return {**answer, "data": data}


def numbers(text: str) -> list[float]:
    data = base64.b64decode(text)
    return as_floats(list(struct.unpack(f"<{len(data) // 4}f", data)))


FORWARDED_EMBEDDINGS = (
    Variant("forwarding.batches", "sends a list of inputs in several requests",
            {"forward.embeddings.answer": in_batches}),
    Variant("forwarding.base64", "always asks for Base64, and drops the user",
            {"forward.embeddings.answer": in_own_form}),
)  # fmt: skip
