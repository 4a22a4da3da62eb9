"""Why a gateway says no, in its own words. May not know how a front writes it down."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """A client's mistake. `kind` is the error's type, `param` the field that is to blame.

    `details` are for a client that can help itself.
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


def wrong_type(param: str, wanted: str, got: Any) -> Refusal:
    names = {dict: "an object", list: "an array", str: "a string", bool: "a boolean"}
    kind = names.get(type(got), "null" if got is None else "a number")
    message = f"Invalid type for '{param}': expected {wanted}, but got {kind} instead."
    return Refusal(400, message, param=param, code="invalid_type")


def bad_value(param: str, message: str, code: str = "invalid_value") -> Refusal:
    return Refusal(400, f"Invalid value for '{param}': {message}", param=param, code=code)


def missing(param: str) -> Refusal:
    message = f"Missing required parameter: '{param}'."
    return Refusal(400, message, param=param, code="missing_required_parameter")
