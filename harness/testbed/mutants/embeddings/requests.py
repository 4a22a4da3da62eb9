"""Mutants of the request fields of the embeddings endpoint."""

from __future__ import annotations

import base64
import struct
from collections.abc import Callable, Mapping
from typing import Any

from harness.testbed.gateway.embeddings.endpoint import MODEL, Tokens, Vector
from harness.testbed.gateway.endpoint import Body, header_values
from harness.testbed.gateway.errors import RequestError
from harness.testbed.gateway.model_types import Json
from harness.testbed.mutants.embeddings.operators import (
    crashes,
    drops,
    embeddings,
    has,
    refuses,
    repairs,
    sets,
    when,
)

AGREE = "steps_agree"
REFUSED = "rejected.refused"
EMBEDDING = "body $.data[*].embedding"
BASE64 = has("encoding_format", "base64")
Inputs = list[Tokens]


def input_as_text(body: Body) -> None:
    """Turns an input of another type into a text."""
    value = body.get("input")
    kinds = (str, list)
    if not isinstance(value, kinds) or (value and isinstance(value[0], bool)):
        body["input"] = str(value)


def tokens_as_texts(body: Body) -> None:
    body["input"] = [str(token) for token in body["input"]]


def list_as_text(body: Body) -> None:
    """Takes a list with one text for a text."""
    if isinstance(body.get("input"), list) and len(body["input"]) == 1:
        body["input"] = str(body["input"])


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


def forces_encoding(value: str, test: Callable[[Body], bool]) -> Callable[..., Json]:
    def encode(original: Callable[..., Json], vector: Vector, body: Body) -> Json:
        return original(vector, {**body, "encoding_format": value} if test(body) else body)

    return encode


def refuse_sdk(original: Callable[..., Any], request: Mapping[str, Any], *rest: Any) -> Any:
    if header_values(request["headers"], "x-stainless-lang"):
        raise RequestError(400, "Unknown header x-stainless-lang.")
    return original(request, *rest)


def pad_vector(original: Callable[[Tokens, int], Vector], tokens: Tokens, size: int) -> Vector:
    """Sets the last numbers to zero instead of leaving them out."""
    return original(tokens, size) + [0.0] * (size < 128) * (128 - size)


REQUESTS = (
    embeddings("input.text", "twice", "answers one text with two embeddings", "body $.data",
        {"vectors": lambda original, inputs, size:
            original(inputs, size) * (2 if len(inputs) == 1 else 1)}),
    embeddings("input.texts", "last", "leaves out the last text of a list", "body $.data",
        {"inputs": lambda original, value: original(value)[:3]}),
    embeddings("input.texts", "zero", "gives each embedding the index 0", "body $.data[3].index",
        {"item": lambda original, number, embedding: original(0, embedding)}),
    embeddings("input.texts", "from-one", "counts embeddings from 1", "body $.data[0].index",
        {"item": lambda original, number, embedding: original(number + 1, embedding)}),
    embeddings("input.texts", "first", "embeds only the first text of a list", "body $.data",
        {"inputs": lambda original, value: original(value)[:1]}),
    embeddings("input.texts.one", "text", "embeds a list with one text as the text of the list",
        AGREE, repairs(list_as_text)),
    embeddings("input.texts.repeated", "once", "embeds equal texts once", "body $.data",
        {"inputs": lambda original, value: [*dict.fromkeys(map(tuple, original(value)))]}),
    embeddings("input.order", "length", "sorts a list by length and leaves it sorted", AGREE,
        {"vectors": by_length}),
    embeddings("input.order", "alphabetical", "sorts the texts of a list", AGREE,
        repairs(when(is_list_of(str), sort_texts))),
    embeddings("input.order", "reversed", "answers a list in reverse", AGREE,
        {"vectors": lambda original, inputs, size: original(inputs, size)[::-1]}),
    embeddings("input.order", "joined", "embeds each text with those before it", AGREE,
        {"inputs": lambda original, value: [
            [token for tokens in original(value)[: at + 1] for token in tokens]
            for at in range(len(original(value)))]}),
    embeddings("input.tokens", "apart", "takes each token for a text", "body $.data",
        repairs(when(is_list_of(int), tokens_as_texts))),
    embeddings("input.tokens", "crash", "crashes on tokens", "honoured_or_refused.status",
        crashes(is_list_of(int))),
    embeddings("input.tokens", "unnamed", "refuses tokens without naming the field",
        "honoured_or_refused.named", refuses(is_list_of(int), "body")),
    embeddings("input.token-arrays", "joined", "joins lists of tokens", "body $.data",
        repairs(when(is_list_of(list), lambda body: sets(
            input=[token for tokens in body["input"] for token in tokens])(body)))),
    embeddings("input.tokens.alone", "padded", "counts the padding of a batch as tokens", AGREE,
        {"inputs": pad}),
    embeddings("input.missing", "default", "embeds an empty text if there is no input",
        "required.refused", repairs(lambda body: body.setdefault("input", "-"))),
    embeddings("input.wrong-type", "text", "turns every input into a text", REFUSED,
        repairs(input_as_text)),
    embeddings("input.wrong-type", "crash", "crashes on an object as input", "rejected.status",
        crashes(is_list_of(bool))),
    embeddings("input.empty", "accepted", "embeds an empty input", REFUSED,
        repairs(when(has("input", "", []), sets(input="-")))),
    embeddings("input.many", "cut", "leaves out all but 32 texts of a list", "any_of",
        repairs(lambda body: body.update(input=body["input"][:32])
                if isinstance(body.get("input"), list) else None)),
    embeddings("input.many", "refused", "refuses more than 32 texts", "status",
        refuses(lambda body: len(body["input"]) > 32 and is_list_of(str)(body), "input")),
    embeddings("encoding.default", "base64", "answers with Base64 unless asked for floats",
        "body $.data[0].embedding",
        {"encode": forces_encoding("base64", lambda body: "encoding_format" not in body)}),
    embeddings("encoding.float", "base64", "answers with Base64 if asked for floats",
        "body $.data[0].embedding", {"encode": forces_encoding("base64", has("encoding_format"))}),
    embeddings("encoding.base64", "floats", "answers with floats if asked for Base64", EMBEDDING,
        {"encode": forces_encoding("float", BASE64)}),
    embeddings("encoding.base64.numbers", "big-endian", "has the most significant byte first in"
        " Base64", AGREE, {"encode": pack_as(">f")}),
    embeddings("encoding.base64.numbers", "rounded", "has rounded numbers in Base64", AGREE,
        {"encode": rounds_base64}),
    embeddings("encoding.base64.numbers", "doubles", "has 64-bit numbers in Base64", AGREE,
        {"encode": pack_as("<d")}),
    embeddings("encoding.invalid", "accepted", "accepts any encoding", REFUSED,
        repairs(when(has("encoding_format", "hex", 7), drops("encoding_format")))),
    embeddings("dimensions.fewer", "ignored", "ignores dimensions", EMBEDDING,
        {"size": lambda original, body: 128}),
    embeddings("dimensions.fewer", "padded", "fills shorter embeddings up with zeros", EMBEDDING,
        {"vector": pad_vector}),
    embeddings("dimensions.fewer", "unnamed", "refuses dimensions without naming them",
        "honoured_or_refused.named", refuses(has("dimensions"), "body")),
    embeddings("dimensions.base64", "ignored", "ignores dimensions in Base64", "any_of",
        {"size": lambda original, body: 128 if BASE64(body) else original(body)}),
    embeddings("dimensions.too-many", "fewer", "answers with fewer dimensions than requested",
        "any_of", repairs(when(has("dimensions", 99999), sets(dimensions=128)))),
    embeddings("dimensions.invalid", "accepted", "ignores dimensions that are not allowed", REFUSED,
        repairs(when(has("dimensions", 0, -1, "many"), drops("dimensions")))),
    embeddings("user", "crash", "crashes on a user", "honoured_or_refused.status",
        crashes(has("user"))),
    embeddings("model.missing", "default", "takes a default model", "required.refused",
        repairs(lambda body: body.setdefault("model", MODEL))),
    embeddings("model.unknown", "any", "embeds with its own model whatever is asked for", REFUSED,
        {"find_model": lambda original, name: None}),
    embeddings("sdk.defaults", "refused", "refuses the headers of the SDK", "status",
        {"handle": refuse_sdk}),
)  # fmt: skip
