"""A dry run lists the requests and their cost, and sends nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness.run import Options, load_session, start
from harness.run.forecast import describe, forecast, format_seconds
from tests.support import pack_on_disk


def test_dry_run_sends_writes_and_starts_nothing(
    tiny_pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    requests: list[Any] = []

    def respond(request: Any) -> pack_on_disk.Reply:
        requests.append(request)
        return pack_on_disk.error(500, "no")

    with pack_on_disk.gateway(respond) as url:
        result = pack_on_disk.run_against(url, tiny_pack, "--dry-run")
    assert (result.code, result.err, requests) == (0, "", [])
    assert not (tiny_pack.parent / "out").exists()
    monkeypatch.setattr(start, "ReferenceGateway", None)
    assert pack_on_disk.run(tiny_pack, "--dry-run").code == 0


def test_dry_run_lists_every_shot_and_the_totals(tiny_pack: Path) -> None:
    result = pack_on_disk.run(tiny_pack, "--dry-run", "--case", "seed")
    lines = result.out.splitlines()
    assert any("  tiny/seed/" in line and line.endswith("/stream") for line in lines)
    shots = [line for line in lines if line.startswith("POST ")]
    total = next(line for line in lines if line.startswith("1 case, "))
    assert f"{len(shots)} shots: {len(shots)} requests, about " in total
    assert "no rate limits are known; up to 32 requests in flight" in total
    assert "a dry run: nothing was sent" in result.out


def test_dry_run_needs_no_key(tiny_pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TINY_KEY")
    assert pack_on_disk.run_against("http://127.0.0.1:1/v1", tiny_pack, "--dry-run").code == 0
    assert pack_on_disk.run_against("http://127.0.0.1:1/v1", tiny_pack).code == 4


def test_forecast_depends_on_the_rate_limits(tiny_pack: Path) -> None:
    session = load_session(Options(packs=(str(tiny_pack),), rpm=60))
    plans = [session.plan(case) for case in session.packs["tiny"].cases]
    estimate = forecast(plans, session.target)
    assert estimate.seconds == pytest.approx(estimate.requests - 1), "one a second"
    assert (
        f"at 60 requests a minute at least {estimate.requests - 1} s"
        in [*describe(estimate, session.target)][-2]
    )
    many = forecast(plans, session.target, 3)
    assert many.requests == 3 * estimate.requests
    assert many.tokens == pytest.approx(3 * estimate.tokens, abs=2)
    metered = load_session(Options(packs=(str(tiny_pack),), tpm=estimate.tokens / 3))
    assert 60 <= forecast(plans, metered.target).seconds <= 240


def test_seconds_are_formatted_for_people() -> None:
    assert (format_seconds(7.4), format_seconds(61), format_seconds(7260)) == (
        "7 s",
        "1 min 1 s",
        "2 h 1 min",
    )


def test_dry_run_without_a_selected_case_exits_with_an_error(tiny_pack: Path) -> None:
    assert pack_on_disk.run(tiny_pack, "--dry-run", "-k", "unknown").code == 5
    assert pack_on_disk.run(tiny_pack, "--dry-run", "--case", "unknown").code == 4
