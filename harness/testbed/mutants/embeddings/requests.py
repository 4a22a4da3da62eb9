"""Mutants of the request fields of the embeddings endpoint."""

from __future__ import annotations

import base64
import struct
from collections.abc import Callable

from harness.testbed.gateway.embeddings.endpoint import Tokens, Vector
from harness.testbed.gateway.endpoint import Body
from harness.testbed.gateway.model_types import Json
from harness.testbed.mutants.embeddings.operators import (
    embeddings,
    has,
    repairs,
    sets,
    when,
)

AGREE = "steps_agree"
EMBEDDING = "body $.data[*].embedding"
BASE64 = has("encoding_format", "base64")
Inputs = list[Tokens]


def pad(original: Callable[[Json], Inputs], value: Json) -> Inputs:
    """Fills shorter lists of tokens up to the longest one."""
    inputs = [list(tokens) for tokens in original(value)]
    longest = max(map(len, inputs))
    is_tokens = inputs[0][0].startswith("#")
    return [tokens + ["#0"] * (longest - len(tokens)) * is_tokens for tokens in inputs]


def sort_texts(body: Body) -> None:
    body["input"] = sorted(body["input"])


def by_length(
    original: Callable[[Inputs, int], list[Vector]], inputs: Inputs, size: int
) -> list[Vector]:
    """Sorts a batch by length, and does not sort it back."""
    return original(sorted(inputs, key=len), size)


def is_list_of(kind: type) -> Callable[[Body], bool]:
    def test(body: Body) -> bool:
        value = body.get("input")
        return isinstance(value, list) and bool(value) and isinstance(value[0], kind)

    return test


def pack_as(form: str) -> Callable[..., Json]:
    """Encodes numbers in another binary form."""

    def encode(original: Callable[..., Json], vector: Vector, body: Body) -> Json:
        if not BASE64(body):
            return original(vector, body)
        code = f"{form[0]}{len(vector)}{form[1]}"
        return base64.b64encode(struct.pack(code, *vector)).decode()

    return encode


def rounds_base64(original: Callable[..., Json], vector: Vector, body: Body) -> Json:
    """Writes Base64 of rounded numbers."""
    numbers = [round(value, 4) for value in vector] if BASE64(body) else vector
    return original(numbers, body)


def pad_vector(original: Callable[[Tokens, int], Vector], tokens: Tokens, size: int) -> Vector:
    """Sets the last numbers to zero instead of leaving them out."""
    return original(tokens, size) + [0.0] * (size < 128) * (128 - size)


REQUESTS = (
    embeddings("input.texts.repeated", "once", "embeds equal texts once", "body $.data",
        {"inputs": lambda original, value: [*dict.fromkeys(map(tuple, original(value)))]}),
    embeddings("input.order", "length", "sorts a list by length and leaves it sorted", AGREE,
        {"vectors": by_length}),
    embeddings("input.order", "alphabetical", "sorts the texts of a list", AGREE,
        repairs(when(is_list_of(str), sort_texts))),
    embeddings("input.order", "joined", "embeds each text with those before it", AGREE,
        {"inputs": lambda original, value: [
            [token for tokens in original(value)[: at + 1] for token in tokens]
            for at in range(len(original(value)))]}),
    embeddings("input.token-arrays", "joined", "joins lists of tokens", "body $.data",
        repairs(when(is_list_of(list), lambda body: sets(
            input=[token for tokens in body["input"] for token in tokens])(body)))),
    embeddings("input.tokens.alone", "padded", "counts the padding of a batch as tokens", AGREE,
        {"inputs": pad}),
    embeddings("encoding.base64.numbers", "big-endian", "has the most significant byte first in"
        " Base64", AGREE, {"encode": pack_as(">f")}),
    embeddings("encoding.base64.numbers", "rounded", "has rounded numbers in Base64", AGREE,
        {"encode": rounds_base64}),
    embeddings("encoding.base64.numbers", "doubles", "has 64-bit numbers in Base64", AGREE,
        {"encode": pack_as("<d")}),
    embeddings("dimensions.fewer", "padded", "fills shorter embeddings up with zeros", EMBEDDING,
        {"vector": pad_vector}),
)  # fmt: skip
