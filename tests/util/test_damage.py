"""Files of others that the harness cannot use are named as damaged, not as errors of its own."""

from __future__ import annotations

import pytest

from harness.util.errors import UsageError, damage
from harness.util.serialization import DecodeError


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (DecodeError("Expected `str`, got `object` - at `$.a`"), "Expected `str`, got `object` - "),
        (ValueError("\x1b[31mred"), r"\x1b[31mred"),
        (KeyError("shots"), "KeyError: 'shots' ("),
    ],
)
def test_damage_is_one_line_with_the_reason(error: Exception, text: str) -> None:
    with pytest.raises(UsageError) as caught, damage("a.json"):
        raise error
    assert str(caught.value).startswith(f"a.json is damaged: {text}")
    assert "internal error" not in str(caught.value)


def test_other_errors_pass() -> None:
    with pytest.raises(FileNotFoundError), damage("a.json"):
        raise FileNotFoundError("a.json")
