"""Right embeddings endpoints that differ from the reference gateway."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from harness.testbed.base import Variant
from harness.testbed.gateway.embeddings.endpoint import Tokens, Vector
from harness.testbed.gateway.endpoint import Body
from harness.testbed.gateway.errors import bad_value
from harness.testbed.gateway.gateway import Overrides

PACK: Final = "openai-embeddings"
Inputs = list[Tokens]
Vectors = Callable[[Inputs, int], list[Vector]]
SMALL: Final = 16  # numbers of the embeddings of a small model
BATCH: Final = 32  # texts that a small server takes at a time
SHARE: Final = 0.002  # by which a batch changes an embedding


def refuses(test: Callable[[Body], bool], param: str) -> Overrides:
    """Rejects what only some models of the reference take, by an error that names it."""

    def check(original: Callable[[Body], None], body: Body) -> None:
        original(body)
        if test(body):
            raise bad_value(param, "not supported by this model.", "unsupported_parameter")

    return {"embeddings.check": check}


def has_tokens(body: Body) -> bool:
    return not isinstance(body["input"], str) and not isinstance(body["input"][0], str)


def has_size_over(limit: int) -> Callable[[Body], bool]:
    return lambda body: (body.get("dimensions") or 0) > limit


def with_noise(original: Vectors, inputs: Inputs, size: int) -> list[Vector]:
    """Changes the last digits in batches, as padding and other kernels do."""
    sign = SHARE * (len(inputs) % 7)
    return [
        [value * (1 + sign * (-1) ** at) for at, value in enumerate(vector)]
        for vector in original(inputs, size)
    ]


def rounded(original: Callable[..., Any], vector: Vector, body: Body) -> Any:
    """Writes floats with four digits, as some JSON writers do; Base64 is exact."""
    encoded = original(vector, body)
    return [round(value, 4) for value in encoded] if isinstance(encoded, list) else encoded


def with_blank(body: Body) -> Body:
    """Embeds an empty input as a blank."""
    return body | {"input": " "} if body.get("input") in ("", []) else body


def has_many(body: Body) -> bool:
    return not has_tokens(body) and isinstance(body["input"], list) and len(body["input"]) > BATCH


EMBEDDINGS = (
    Variant("embeddings.floats", "refuses Base64 by name",
            refuses(lambda body: body.get("encoding_format") == "base64", "encoding_format"),
            affects=(f"{PACK}/client.defaults",)),
    Variant("embeddings.one-size", "refuses dimensions by name",
            refuses(has_size_over(0), "dimensions")),
    Variant("embeddings.texts", "refuses tokens by name", refuses(has_tokens, "input")),
    Variant("embeddings.small", "has a model with short embeddings",
            {**refuses(has_size_over(SMALL), "dimensions"),
             "embeddings.size": lambda original, body: body.get("dimensions") or SMALL}),
    Variant("embeddings.noise", "changes the last digits in batches",
            {"embeddings.vectors": with_noise}),
    Variant("embeddings.rounded", "writes floats with four digits", {"embeddings.encode": rounded}),
    Variant("embeddings.long-vectors", "does not normalize its embeddings",
            {"embeddings.vectors": lambda original, inputs, size: [
                [value * 17 for value in vector] for vector in original(inputs, size)]}),
    Variant("embeddings.batch", "refuses more than 32 texts by name", refuses(has_many, "input"),
            affects=(f"{PACK}/request.input.many",)),
    Variant("embeddings.empty", "embeds an empty text", {
        "embeddings.parse": lambda original, request: with_blank(original(request))},
            affects=(f"{PACK}/request.input.invalid",)),
    Variant("embeddings.one-model", "embeds with its only model whatever is asked for",
            {"embeddings.find_model": lambda original, name: None,
             "embeddings.parse": lambda original, request: {"model": "m", **original(request)}},
            affects=(f"{PACK}/request.model",)),
    Variant("embeddings.details", "has further members in its answers",
            {"embeddings.answer": lambda original, body: {
                "id": "embd-1", "created": 1_760_000_000, **original(body), "provider": "builtin"},
             "embeddings.usage": lambda original, tokens: {
                 **original(tokens), "completion_tokens": 0, "prompt_tokens_details": None}}),
)  # fmt: skip
