"""Checks request bodies of the embeddings endpoint. A check raises RequestError."""

from __future__ import annotations

from harness.testbed.gateway.errors import bad_value, missing, wrong_type
from harness.testbed.gateway.model_types import Json
from harness.testbed.gateway.validators import (
    Check,
    a_positive_integer,
    a_string,
    is_integer,
    nullable,
    one_of,
)

MAX_INPUTS = 2048
SIZE = 128  # numbers of a whole embedding
REQUIRED = ("input", "model")


def an_input(param: str, value: Json) -> None:
    """Accepts a text, a list of tokens, or a list of texts or of lists of tokens."""
    if isinstance(value, str):
        a_text(param, value)
        return
    if not isinstance(value, list):
        raise wrong_type(param, "a string or an array", value)
    if not value:
        raise bad_value(param, "empty array; expected at least one.", "empty_array")
    if len(value) > MAX_INPUTS:
        raise bad_value(param, f"at most {MAX_INPUTS} items.", "array_above_max_length")
    check = a_token if is_integer(value[0]) else one_input
    for number, item in enumerate(value):
        check(f"{param}[{number}]", item)


def one_input(param: str, value: Json) -> None:
    if isinstance(value, str):
        a_text(param, value)
    elif not isinstance(value, list):
        raise wrong_type(param, "a string or an array of integers", value)
    elif not value:
        raise bad_value(param, "empty array; expected at least one.", "empty_array")
    else:
        for number, item in enumerate(value):
            a_token(f"{param}[{number}]", item)


def a_text(param: str, value: str) -> None:
    if not value:
        raise bad_value(param, "must not be empty.", "empty_string")


def a_token(param: str, value: Json) -> None:
    if not is_integer(value):
        raise wrong_type(param, "an integer", value)
    if value < 0:
        raise bad_value(param, "expected a value >= 0.", "integer_below_min_value")


def a_size(param: str, value: Json) -> None:
    a_positive_integer(param, value)
    if value > SIZE:
        raise bad_value(param, f"at most {SIZE} for this model.", "integer_above_max_value")


FIELDS: dict[str, Check] = {
    "input": an_input,
    "model": a_string,
    "encoding_format": nullable(one_of("float", "base64")),
    "dimensions": nullable(a_size),
    "user": nullable(a_string),
}


def check(body: dict[str, Json]) -> None:
    """Checks the fields that the endpoint has. Any other field is silently ignored."""
    for name in REQUIRED:
        if name not in body:
            raise missing(name)
    for name, test in FIELDS.items():
        if name in body:
            test(name, body[name])
