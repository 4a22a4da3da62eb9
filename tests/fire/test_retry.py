"""How long to wait before the next request, and whether to send one again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.fire.retry import again, wait
from harness.model import Pairs


@pytest.mark.parametrize(
    ("rpm", "history", "now", "seconds"),
    [
        (0, [0.0] * 1000, 0, 0),
        (60, [], 0, 0),
        (600, [0.0] * 9, 0.1, 0),
        (600, [0.0] * 10, 0.1, 0.9),
        (60, [10.0], 10.4, 0.6),
        (60, [10.0], 11.0, 0),
        (30, [float(n) for n in range(30)], 30, 30),
        (30, [float(n) for n in range(30)], 60, 0),
        (0.5, [0.0], 1, 59),
        (1, [0.0], 61, 0),
    ],
)
def test_a_minute_and_a_second_see_no_more_than_their_share(
    rpm: float, history: list[float], now: float, seconds: float
) -> None:
    assert wait(rpm, history, now) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("tokens", "following", "now", "seconds"),
    [
        ([], 100, 0, 0),
        ([40, 40], 10, 5, 0),
        ([40, 40], 40, 5, 55),
        ([40, 40], 70, 5, 56),
        ([40, 40], 500, 5, 56),
        ([], 500, 5, 0),
        ([40, 40], 40, 60, 0),
        ([40, 40], 40, 90, 0),
    ],
)
def test_a_minute_costs_no_more_tokens_than_allowed(
    tokens: list[float], following: float, now: float, seconds: float
) -> None:
    history = [0.0, 1.0][: len(tokens)]
    found = wait(0, history, now, tpm=100, tokens=tokens, next_tokens=following)
    assert found == pytest.approx(seconds)


@given(st.floats(1, 5000), st.integers(1, 200))
def test_who_waits_as_told_stays_below_the_limit(rpm: float, requests: int) -> None:
    sent: list[float] = []
    now = 0.0
    for _ in range(requests):
        now += wait(rpm, sent, now)
        sent.append(now)
    for window, most in ((60.0, max(1, int(rpm))), (1.0, max(1, int(rpm / 60)))):
        for first, last in zip(sent, sent[most:], strict=False):
            assert last - first >= window - 1e-6


@pytest.mark.parametrize("status", [200, 400, 401, 404, 408, 500, 502])
def test_any_other_answer_stands(status: int) -> None:
    assert again(status, (("retry-after", "1"),), 1, 0) is None


@pytest.mark.parametrize("status", [429, 503, 529, None])
def test_too_many_overloaded_and_unreachable_are_tried_again(status: int | None) -> None:
    waits = [again(status, (), attempts, 0, tries=7) for attempts in range(1, 8)]
    assert waits == [0.5, 1, 2, 4, 8, 8, None]


def test_luck_spreads_the_tries() -> None:
    assert again(429, (), 3, 1) == pytest.approx(1.5)
    assert again(429, (("retry-after", "10"),), 1, 1) == pytest.approx(11)


DATED: Pairs = (
    ("Date", "Wed, 21 Oct 2015 07:28:00 GMT"),
    ("Retry-After", "Wed, 21 Oct 2015 07:28:07 GMT"),
)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ((("retry-after", "7"),), 7),
        ((("Retry-After", " 0.25 "),), 0.25),
        ((("retry-after-ms", "1500"),), 1.5),
        ((("retry-after", "9"), ("retry-after-ms", "1500")), 1.5),
        ((("retry-after", "2"), ("retry-after", "9")), 2),
        ((("retry-after-ms", "soon"), ("retry-after", "2")), 2),
        (DATED, 7),
        (DATED[1:], 9),
        ((DATED[1], ("date", "nonsense")), 9),
        ((("retry-after", "Wed, 21 Oct 2015 07:00:00 GMT"), DATED[0]), 0),
        ((("retry-after", "31"),), None),
        ((("retry-after-ms", "31000"),), None),
        ((("retry-after", "soon"),), 0.5),
        ((("retry-after", ""),), 0.5),
        ((("retry-after", "-5"),), 0.5),
        ((("retry-after", "nan"),), 0.5),
        ((("retry-after", "inf"),), 0.5),
        ((("retry-after", "Wed, 99 Oct 2015 07:00:00 GMT"),), 0.5),
        ((("retry-after", "Wed, 21 Oct 99999999999 07:00:00 GMT"),), 0.5),
    ],
)
def test_what_the_server_asks_for_is_kept(headers: Pairs, seconds: float | None) -> None:
    assert again(429, headers, 1, 0, today=1445412478.0) == seconds


def test_a_date_without_any_clock_says_nothing() -> None:
    assert again(429, DATED[1:], 1, 0) == 0.5


def test_patience_bounds_the_wait() -> None:
    assert again(503, (), 5, 0, tries=9, patience=3) == 3
    assert again(503, (), 5000, 0, tries=9999) == 8


@given(
    st.lists(st.tuples(st.sampled_from(["retry-after", "retry-after-ms", "date"]), st.text())),
    st.floats(0, 1),
)
def test_no_header_makes_it_fail(headers: list[tuple[str, str]], luck: float) -> None:
    seconds = again(429, tuple(headers), 1, luck, patience=30, today=0.0)
    assert seconds is None or 0 <= seconds <= 33
