"""Embeddings are compared by their distance, as lists of numbers or as Base64 of 32-bit floats."""

from __future__ import annotations

import base64
import math
import struct

import pytest

from harness.language.checks.compare import means_the_same
from harness.language.checks.vectors import as_vector, distance, lost_digits
from harness.model import Json

WITHIN = {"within": 0.1}


def packed(*numbers: float, form: str = "<{}f") -> str:
    return base64.b64encode(struct.pack(form.format(len(numbers)), *numbers)).decode()


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        ([3, 4], [3, 4], True),
        ([3, 4], [3.01, 3.99], True),
        ([3, 4], [4, 3], False),
        ([3, 4], [-3, -4], False),
        ([3, 4], [3, 4, 0], False),
        ([0.5, 1.5], packed(0.5, 1.5), True),
        (packed(0.5, 1.5), packed(0.5, 1.5), True),
        ([0.5, 1.5], packed(0.5, 1.5, form=">{}f"), False),
        ([0.5, 1.5], packed(0.5, 1.5, form="<{}d"), False),
        ([0.5, 1.5], "AAAA", False),
        ([1e200, 1e200], [1e300, 1e300], False),
        ([0, 0], [0, 0], True),
    ],
)
def test_embeddings_agree_within_a_fraction_of_their_length(
    one: Json, other: Json, agree: bool
) -> None:
    assert means_the_same(one, other, WITHIN) is agree
    assert means_the_same(other, one, WITHIN) is agree


@pytest.mark.parametrize(
    "value", [None, 1, [], [True], ["1"], [[1]], {}, "", "AAA", "not base64!", [10**400]]
)
def test_other_values_are_no_embedding(value: Json) -> None:
    assert as_vector(value) is None


def test_distance_of_what_is_not_finite_is_infinite() -> None:
    assert distance((math.nan, 1.0), (1.0, 1.0)) == math.inf
    assert distance((1e308, 1e308), (-1e308, 1e308)) == math.inf


@pytest.mark.parametrize(
    ("one", "other", "digits"),
    [
        (packed(0.1235, -0.5012), [0.123456, -0.501234], 4),
        ([0.123456, -0.501234], packed(0.12, -0.5), 2),
        (packed(0.123456, -0.501234), [0.1235, -0.5012], None),
        (packed(0.1235, -0.5012), [0.1235, -0.5012], None),
        (packed(0.5, 0.25), [0.5, 0.25], None),
        ([0.123456], [0.12], None),
        (packed(0.12), packed(0.123456), None),
        (packed(0.12), "no embedding", None),
    ],
)
def test_base64_of_rounded_numbers_is_no_rounded_list(
    one: Json, other: Json, digits: int | None
) -> None:
    assert lost_digits(one, other) == digits
