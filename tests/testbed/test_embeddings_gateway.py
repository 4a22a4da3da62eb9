"""The reference gateway answers embeddings as OpenAI's reference describes them."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from harness.language.checks.vectors import as_vector
from harness.testbed.gateway.gateway import Gateway
from harness.testbed.keys import GATEWAY_KEY, PROVIDER_KEY
from harness.testbed.mock_provider.server import Upstream

HEADERS = [("authorization", f"Bearer {GATEWAY_KEY}"), ("content-type", "application/json")]


def ask(**fields: Any) -> tuple[int, Any]:
    body = {"model": "builtin-embedding-1", **fields}
    data = json.dumps(body).encode()
    request = {"method": "POST", "path": "/v1/embeddings", "headers": HEADERS, "body": data}
    reply = Gateway().respond(request)
    return reply["status"], json.loads(b"".join(reply["chunks"]))


def vectors(**fields: Any) -> list[tuple[float, ...]]:
    _, answer = ask(**fields)
    return [as_vector(item["embedding"]) or () for item in answer["data"]]


def test_each_input_has_the_embedding_that_it_has_alone() -> None:
    texts = ["light the lamp", "bread and salt", "世界"]
    assert vectors(input=texts) == [vectors(input=text)[0] for text in texts]
    assert vectors(input=[[1, 2], [3]]) == [vectors(input=[1, 2])[0], vectors(input=[3])[0]]


def test_base64_has_the_numbers_of_the_list() -> None:
    assert vectors(input="a lamp", encoding_format="base64") == vectors(input="a lamp")


def test_shorter_embeddings_have_the_length_one() -> None:
    [short] = vectors(input="a lamp", dimensions=8)
    assert len(short) == 8
    assert math.isclose(math.hypot(*short), 1, rel_tol=1e-6)


def test_tokens_of_all_inputs_are_counted() -> None:
    assert ask(input=["a lamp", "a"])[1]["usage"] == {"prompt_tokens": 3, "total_tokens": 3}


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({}, "input"),
        ({"input": ""}, "input"),
        ({"input": []}, "input"),
        ({"input": ["a", 1]}, "input[1]"),
        ({"input": [[]]}, "input[0]"),
        ({"input": [-1]}, "input[0]"),
        ({"input": ["a"] * 2049}, "input"),
        ({"input": "a", "dimensions": 129}, "dimensions"),
        ({"input": "a", "encoding_format": "hex"}, "encoding_format"),
    ],
)
def test_mistakes_are_refused_by_name(fields: dict[str, Any], param: str) -> None:
    status, answer = ask(**fields)
    assert (status, answer["error"]["param"]) == (400, param)


def provider_vector(model: str, path: str = "/v1/embeddings") -> tuple[float, ...] | None:
    body = json.dumps({"model": model, "input": "a lamp"}).encode()
    headers = [("authorization", f"Bearer {PROVIDER_KEY}"), ("content-type", "application/json")]
    request = {"method": "POST", "path": path, "headers": headers, "body": body}
    reply = Upstream().respond(request)
    assert reply["status"] == 200
    answer = json.loads(b"".join(reply["chunks"]))
    return as_vector(answer["data"][0]["embedding"])


def test_played_provider_answers_with_embeddings_of_the_requested_model() -> None:
    assert provider_vector("any-model") == provider_vector("any-model", "/embeddings")
    assert provider_vector("any-model") != provider_vector("other-model")
