"""Checks of field values that both endpoints use. A check raises RequestError."""

from __future__ import annotations

import re
from collections.abc import Callable

from harness.testbed.gateway.errors import bad_value, wrong_type
from harness.testbed.gateway.model_types import Json

Check = Callable[[str, Json], None]
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")


def is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_integer(value: Json) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def nullable(check: Check) -> Check:
    def check_unless_null(param: str, value: Json) -> None:
        if value is not None:
            check(param, value)

    return check_unless_null


def a_string(param: str, value: Json) -> None:
    if not isinstance(value, str):
        raise wrong_type(param, "a string", value)


def a_name(param: str, value: Json) -> None:
    """Checks the name of a tool, of a function or of a format."""
    a_string(param, value)
    if not _NAME.fullmatch(value):
        raise bad_value(param, "expected up to 64 letters, digits, _ or -.")


def a_boolean(param: str, value: Json) -> None:
    if not isinstance(value, bool):
        raise wrong_type(param, "a boolean", value)


def an_object(param: str, value: Json) -> None:
    if not isinstance(value, dict):
        raise wrong_type(param, "an object", value)


def anything(param: str, value: Json) -> None:
    """Accepts every value."""


def a_positive_integer(param: str, value: Json) -> None:
    if not is_integer(value):
        raise wrong_type(param, "an integer", value)
    if value < 1:
        message = f"expected a value >= 1, but got {value} instead."
        raise bad_value(param, message, "integer_below_min_value")


def one_of(*values: Json) -> Check:
    def check(param: str, value: Json) -> None:
        if value not in values:
            raise bad_value(param, f"expected one of {', '.join(map(str, values))}.")

    return check


def an_array(item_check: Check) -> Check:
    def check(param: str, value: Json) -> None:
        if not isinstance(value, list):
            raise wrong_type(param, "an array", value)
        for number, item in enumerate(value):
            item_check(f"{param}[{number}]", item)

    return check


def a_number(low: float, high: float | None = None) -> Check:
    def check(param: str, value: Json) -> None:
        if not is_number(value):
            raise wrong_type(param, "a number", value)
        if value < low:
            raise bad_value(param, f"expected at least {low}.", "decimal_below_min_value")
        if high is not None and value > high:
            raise bad_value(param, f"expected at most {high}.", "decimal_above_max_value")

    return check


def non_empty_array(item_check: Check) -> Check:
    def check(param: str, value: Json) -> None:
        if not isinstance(value, list):
            raise wrong_type(param, "an array of objects", value)
        if not value:
            raise bad_value(param, "empty array; expected at least one.", "empty_array")
        an_array(item_check)(param, value)

    return check
