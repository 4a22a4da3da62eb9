"""The backoff and the concurrency follow the answers of the target, within bounds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.fire.backoff import MAX_PAUSE, MAX_REFUSING, Backoff
from harness.fire.limit_headers import Quota, quotas, requests_per_minute
from harness.fire.throttle import Throttle
from harness.model import Pairs

DATE = ("date", "Sat, 01 Nov 2025 00:00:00 GMT")
NOW = 1761955200.0  # the same in Unix seconds


def openai(reset: str, remaining: str = "0", limit: str = "60") -> Pairs:
    values = {"limit": limit, "remaining": remaining, "reset": reset}
    return tuple((f"x-ratelimit-{part}-requests", value) for part, value in values.items())


def anthropic(reset: str, unit: str = "requests") -> Pairs:
    values = {"limit": "50", "remaining": "0", "reset": reset}
    return tuple((f"anthropic-ratelimit-{unit}-{part}", value) for part, value in values.items())


@pytest.mark.parametrize(
    ("headers", "unit", "seconds"),
    [
        (openai("1s"), "requests", 1),
        (openai("6m0s"), "requests", 360),
        (openai("20ms"), "requests", 0.02),
        (openai("1.5"), "requests", 1.5),
        ((*anthropic("2025-11-01T00:00:30Z"), DATE), "requests", 30),
        ((*anthropic("2025-11-01T00:00:30Z", "input-tokens"), DATE), "input-tokens", 30),
        (anthropic("2025-11-01T00:00:30Z"), "requests", 30),
        ((*anthropic("2024-11-01T00:00:30Z"), DATE), "requests", None),
        (openai("soon"), "requests", None),
        (openai("9" * 100), "requests", None),
    ],
)
def test_documented_limit_headers_are_read(
    headers: Pairs, unit: str, seconds: float | None
) -> None:
    [quota] = quotas(headers, lambda: NOW)
    assert (quota.unit, quota.remaining) == (unit, 0)
    assert quota.reset == (seconds if seconds is None else pytest.approx(seconds))


@given(st.lists(st.tuples(st.sampled_from([n for n, _ in openai("")]), st.text())))
def test_invalid_limit_headers_are_ignored(headers: list[tuple[str, str]]) -> None:
    assert requests_per_minute(quotas(tuple(headers), lambda: NOW)) >= 0


def test_limit_of_a_day_is_not_taken_for_one_of_a_minute() -> None:
    assert requests_per_minute(quotas(openai("1s", "59"), lambda: NOW)) == 60
    assert requests_per_minute(quotas(openai("12h0m0s", "59"), lambda: NOW)) == 0


def test_run_against_sixty_requests_a_minute_is_never_refused_for_long() -> None:
    """The target counts requests in a window of a minute and states only `retry-after`."""
    backoff, now, window, used, refused, answered = Backoff(), 0.0, 0.0, 0, 0, 0
    while answered < 300:
        now += max(0.0, backoff.wait(now))
        backoff.reserve(now)
        if now >= window + 60:
            window, used = now, 0
        if used < 60:
            used, answered = used + 1, answered + 1
            backoff.answered(now + 0.05)
        else:
            refused += 1
            backoff.refused(now, now + 0.05, window + 60 - now)
        now += 0.05
    assert 240 <= now <= 330
    assert refused <= 10
    assert not backoff.exhausted(now)


def test_used_up_headers_stop_all_requests_until_the_reset() -> None:
    backoff = Backoff()
    backoff.left([Quota("requests", 60, 0, 30.0)], started=1.0, now=2.0)
    assert backoff.wait(2.0) == pytest.approx(30)
    backoff.left([Quota("requests", 60, 0, MAX_PAUSE + 1)], started=40.0, now=41.0)
    assert backoff.wait(41.0) <= 0


def test_headers_that_state_no_rest_after_the_reset_are_not_believed() -> None:
    backoff = Backoff()
    backoff.left([Quota("requests", 60, 0, 30.0)], started=1.0, now=2.0)
    backoff.left([Quota("requests", 60, 0, 30.0)], started=33.0, now=34.0)
    assert backoff.wait(34.0) <= 0


@given(st.lists(st.floats(0, 1e9) | st.none(), max_size=40))
def test_no_pause_is_longer_than_the_bound(pauses: list[float | None]) -> None:
    backoff, now = Backoff(), 0.0
    for pause in pauses:
        backoff.refused(now, now, pause)
        assert backoff.wait(now) <= MAX_PAUSE
        now += 1.0


def test_target_that_refuses_everything_exhausts_the_patience() -> None:
    backoff = Backoff()
    backoff.refused(0.0, 0.0, 1.0)
    assert not backoff.exhausted(MAX_REFUSING)
    assert "has refused every request" in backoff.exhausted(MAX_REFUSING + 1)
    backoff.answered(MAX_REFUSING + 1)
    assert not backoff.exhausted(MAX_REFUSING + 1)


def test_concurrency_rises_with_quick_answers_up_to_the_ceiling() -> None:
    throttle = Throttle(32, 60.0)
    assert throttle.limit == 4
    for _ in range(40):
        throttle.observe(0.0, 0.1, False, 1.0)
    assert throttle.limit == 32


def test_concurrency_that_the_caller_states_is_there_at_once_and_falls_under_load() -> None:
    throttle = Throttle(20, 60.0)
    throttle.start_at_ceiling()
    assert throttle.limit == 20
    throttle.observe(0.0, 0.1, True, 1.0)
    assert throttle.limit == 10


@pytest.mark.parametrize(("seconds", "overloaded"), [(40.0, False), (0.1, True)])
def test_concurrency_is_halved_once_for_requests_of_the_same_time(
    seconds: float, overloaded: bool
) -> None:
    throttle = Throttle(32, 60.0)
    throttle.limit = 32.0
    for _ in range(8):
        throttle.observe(1.0, seconds, overloaded, 2.0)
    assert throttle.limit == 16
    for now in range(3, 20):
        throttle.observe(float(now), seconds, overloaded, float(now))
    assert throttle.limit == 1


def test_concurrency_rises_slowly_after_a_sign_of_load() -> None:
    throttle = Throttle(32, 60.0)
    throttle.observe(0.0, 0.1, True, 1.0)
    for _ in range(2):
        throttle.observe(2.0, 0.1, False, 3.0)
    assert throttle.limit == pytest.approx(2.9, abs=0.1)


def test_the_first_long_pause_is_announced() -> None:
    backoff, messages = Backoff(), list[str]()
    backoff.on_pause = messages.append
    for now in (0.0, 1.0, 40.0, 80.0):
        backoff.refused(now, now, 1.0 if now < 40 else 29.0)
    assert messages == ["the target refuses requests for their rate: waiting 29 s"]
