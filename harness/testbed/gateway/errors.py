"""Errors of the reference gateway, independent of the protocol they are written in."""

from __future__ import annotations

from typing import Any


class RequestError(Exception):
    """A request that the gateway answers with an error.

    Args:
        status: The HTTP status.
        message: The text for people.
        param: The request field that caused the error.
        code: The error code of the OpenAI protocol.
        kind: The error type.
        headers: Headers that the error response has in addition.
        details: Data that a client can act on.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        param: str | None = None,
        code: str | None = None,
        kind: str = "invalid_request_error",
        headers: tuple[tuple[str, str], ...] = (),
        details: Any = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.param = param
        self.code = code
        self.kind = kind
        self.headers = headers
        self.details = details


def wrong_type(param: str, expected: str, value: Any) -> RequestError:
    names = {dict: "an object", list: "an array", str: "a string", bool: "a boolean"}
    kind = names.get(type(value), "null" if value is None else "a number")
    message = f"Invalid type for '{param}': expected {expected}, but got {kind} instead."
    return RequestError(400, message, param=param, code="invalid_type")


def bad_value(param: str, message: str, code: str = "invalid_value") -> RequestError:
    return RequestError(400, f"Invalid value for '{param}': {message}", param=param, code=code)


def extra(param: str) -> RequestError:
    return RequestError(400, f"{param}: Extra inputs are not permitted", param=param)


def missing(param: str) -> RequestError:
    message = f"Missing required parameter: '{param}'."
    return RequestError(400, message, param=param, code="missing_required_parameter")
