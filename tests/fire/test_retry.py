"""Delays before the next request and before a retry."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.fire.connection import Limits
from harness.fire.limit_headers import retry_after
from harness.fire.retry import retry_delay
from harness.fire.usage import Usage, UsageWindow
from harness.model import Pairs


@pytest.mark.parametrize(
    ("rpm", "times", "now", "seconds"),
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
def test_requests_per_minute_and_per_second_are_limited(
    rpm: float, times: list[float], now: float, seconds: float
) -> None:
    window = UsageWindow(rpm)
    window.sent.extend(Usage(time, 0.0) for time in times)
    assert window.wait(now) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("costs", "next_cost", "now", "seconds"),
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
def test_tokens_per_minute_are_limited(
    costs: list[float], next_cost: float, now: float, seconds: float
) -> None:
    window = UsageWindow(tpm=100)
    window.sent.extend(map(Usage, (0.0, 1.0), costs))
    assert window.wait(now, next_cost) == pytest.approx(seconds)


@given(st.floats(1, 5000), st.integers(1, 200))
def test_requests_that_wait_stay_below_the_limit(rpm: float, requests: int) -> None:
    window, now = UsageWindow(rpm), 0.0
    for _ in range(requests):
        now += window.wait(now)
        window.reserve(now)
    sent = [usage.time for usage in window.sent]
    for seconds, limit in ((60.0, max(1, int(rpm))), (1.0, max(1, int(rpm / 60)))):
        for first, last in zip(sent, sent[limit:], strict=False):
            assert last - first >= seconds - 1e-6


@pytest.mark.parametrize("status", [200, 400, 401, 404, 408, 500, 501])
def test_other_statuses_are_not_retried(status: int) -> None:
    assert retry_delay(status, (("retry-after", "1"),), 1, 0, Limits()) is None


@pytest.mark.parametrize("status", [502, 504, 520, 524])
def test_error_of_a_proxy_is_retried_once(status: int) -> None:
    waits = [retry_delay(status, (), attempts, 0, Limits(tries=7)) for attempts in (1, 2)]
    assert waits == [0.5, None]


def test_date_of_retry_after_is_compared_with_the_clock_if_the_answer_has_no_date() -> None:
    before = datetime(2015, 10, 21, 7, 28, tzinfo=UTC).timestamp()
    assert retry_after(DATED[1:], lambda: before) == 7
    assert retry_after(DATED[1:], lambda: before + 60) is None


@pytest.mark.parametrize("status", [429, 503, 529, None])
def test_overload_and_connection_failure_are_retried_ever_later(
    status: int | None,
) -> None:
    waits = [retry_delay(status, (), attempts, 0, Limits(tries=7)) for attempts in range(1, 8)]
    assert waits == [0.5, 1, 2, 4, 8, 8, None]


def test_jitter_spreads_the_retries() -> None:
    assert retry_delay(429, (), 3, 1, Limits()) == pytest.approx(1.5)
    assert retry_delay(429, (("retry-after", "10"),), 1, 1, Limits()) == pytest.approx(11)


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
        (DATED[1:], 0.5),
        ((DATED[1], ("date", "nonsense")), 0.5),
        ((("retry-after", "Wed, 21 Oct 2015 07:00:00 GMT"), DATED[0]), 0),
        ((("retry-after", "91"),), None),
        ((("retry-after-ms", "91000"),), None),
        ((("retry-after", "soon"),), 0.5),
        ((("retry-after", ""),), 0.5),
        ((("retry-after", "-5"),), 0.5),
        ((("retry-after", "nan"),), 0.5),
        ((("retry-after", "inf"),), 0.5),
        ((("retry-after", "Wed, 99 Oct 2015 07:00:00 GMT"),), 0.5),
        ((("retry-after", "Wed, 21 Oct 99999999999 07:00:00 GMT"),), 0.5),
    ],
)
def test_retry_after_is_respected(headers: Pairs, seconds: float | None) -> None:
    assert retry_delay(429, headers, 1, 0, Limits()) == seconds


def test_delay_is_bounded() -> None:
    assert retry_delay(503, (), 5, 0, Limits(tries=9, max_retry_after=3)) == 3
    assert retry_delay(503, (), 5000, 0, Limits(tries=9999)) == 8


@given(
    st.lists(st.tuples(st.sampled_from(["retry-after", "retry-after-ms", "date"]), st.text())),
    st.floats(0, 1),
)
def test_invalid_headers_are_ignored(headers: list[tuple[str, str]], jitter: float) -> None:
    seconds = retry_delay(429, tuple(headers), 1, jitter, Limits(max_retry_after=30))
    assert seconds is None or 0 <= seconds <= 33
