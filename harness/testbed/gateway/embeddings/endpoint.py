"""The embeddings endpoint: texts or tokens become vectors, which depend on their words alone.

Each method is a hook that a mutant can override.
"""

from __future__ import annotations

import base64
import hashlib
import math
import struct
from collections.abc import Sequence
from typing import ClassVar

from harness.testbed.gateway import tokenizer
from harness.testbed.gateway.embeddings import validation
from harness.testbed.gateway.endpoint import Body, Reply, Request, Routes
from harness.testbed.gateway.errors import RequestError
from harness.testbed.gateway.ids import ResponseIds
from harness.testbed.gateway.limits import Budget
from harness.testbed.gateway.model_types import Json
from harness.testbed.gateway.openai.base import OpenAIEndpointBase

MODEL = "builtin-embedding-1"
Tokens = Sequence[str]
Vector = list[float]


class EmbeddingsEndpoint(OpenAIEndpointBase):
    """Answers `/v1/embeddings` as OpenAI's reference describes it."""

    routes: ClassVar[Routes] = {"/v1/embeddings": ("POST", "embeddings")}

    def handle(self, request: Request, ids: ResponseIds, budget: Budget) -> Reply:
        self.route(request)
        body = self.parse(request)
        self.check(body)
        self.find_model(body["model"])
        answer = self.answer(body)
        return self.json_reply(200, answer, self.headers(ids, budget, self.used(answer)))

    def check(self, body: Body) -> None:
        validation.check(body)

    def find_model(self, name: str) -> None:
        """Takes the chat models too, as servers do that have one model for all endpoints."""
        if name not in (MODEL, *self.models_offered):
            message = f"The model '{name}' does not exist or you do not have access to it."
            raise RequestError(404, message, param="model", code="model_not_found")

    def answer(self, body: Body) -> Body:
        inputs = self.inputs(body["input"])
        vectors = self.vectors(inputs, self.size(body))
        data = [self.item(number, self.encode(each, body)) for number, each in enumerate(vectors)]
        return {
            "object": "list",
            "data": data,
            "model": body["model"],
            "usage": self.usage(sum(map(len, inputs))),
        }

    def inputs(self, value: Json) -> list[Tokens]:
        """Returns the tokens of each input."""
        items = [value] if isinstance(value, str) or isinstance(value[0], int) else value
        return [self.tokens(item) for item in items]

    def tokens(self, item: Json) -> Tokens:
        return tokenizer.split(item) if isinstance(item, str) else [f"#{token}" for token in item]

    def size(self, body: Body) -> int:
        return int(body.get("dimensions") or validation.SIZE)

    def vectors(self, inputs: list[Tokens], size: int) -> list[Vector]:
        return [self.vector(tokens, size) for tokens in inputs]

    def vector(self, tokens: Tokens, size: int) -> Vector:
        """Returns the sum of one vector for each token, shortened to `size`, with length 1."""
        total = [0.0] * validation.SIZE
        for token in tokens:
            for at, byte in enumerate(digest(token)):
                total[at] += byte - 127.5
        length = math.hypot(*total[:size]) or 1.0
        return as_floats([value / length for value in total[:size]])

    def encode(self, vector: Vector, body: Body) -> Json:
        if body.get("encoding_format") != "base64":
            return vector
        return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()

    def item(self, number: int, embedding: Json) -> Body:
        return {"object": "embedding", "index": number, "embedding": embedding}

    def usage(self, tokens: int) -> Body:
        return {"prompt_tokens": tokens, "total_tokens": tokens}

    def used(self, answer: Body) -> int:
        """Returns the tokens that count for the caller's limit."""
        return int(answer.get("usage", {}).get("prompt_tokens", 0))


def digest(token: str) -> bytes:
    """Returns as many bytes as an embedding has numbers."""
    return hashlib.shake_256(token.encode("utf-8", "replace")).digest(validation.SIZE)


def as_floats(vector: Vector) -> Vector:
    """Rounds to 32-bit floats, so that both encodings have the same numbers."""
    return list(struct.unpack(f"<{len(vector)}f", struct.pack(f"<{len(vector)}f", *vector)))
