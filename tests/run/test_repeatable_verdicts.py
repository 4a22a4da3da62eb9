"""Runs against a server that does not change give the same verdicts, whatever its pace and ids."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from harness.testbed.gateway.gateway import Gateway, Overrides
from harness.testbed.gateway.ids import ResponseIds
from harness.testbed.http_server.server import serve_in_thread
from harness.testbed.keys import GATEWAY_KEY
from harness.testbed.variants import VARIANTS
from tests.support import pack_on_disk

pytestmark = pytest.mark.no_cover

VARIANT_OVERRIDES = {variant.id: variant.overrides for variant in VARIANTS}
CASES = "shape or stream or ids-differ or stop"


class ClockIds(ResponseIds):
    """Ids and times that come from the clock, as those of real servers do."""

    @property
    def completion_id(self) -> str:
        return f"chatcmpl-{time.time_ns() // 1_000_000}"

    @property
    def created(self) -> int:
        return time.time_ns() // 1_000_000_000


def with_clock_ids() -> Overrides:
    def respond(original: Any, request: Any, ids: ResponseIds) -> Any:
        return original(request, ClockIds(ids.digest))

    return {"respond": respond}


def verdicts(overrides: Overrides, out: Path, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    monkeypatch.setenv("GATEWAY_KEY", GATEWAY_KEY)
    with serve_in_thread(Gateway(overrides).respond) as url:
        arguments = ("--model", "builtin-1", "--api-key-env", "GATEWAY_KEY", "-k", CASES)
        result = pack_on_disk.harness(
            "run", f"{url}/v1", *arguments, "--pack", "openai-chat", "--out", out
        )
    assert result.code == 0, result.out
    return [
        (
            case["id"],
            case["outcome"],
            case["evidence"],
            [(finding["rule"], finding["at"], finding["holds"]) for finding in case["findings"]],
        )
        for case in pack_on_disk.read_report(out)["cases"]
    ]


@pytest.mark.parametrize("name", ["sse.bytes", "sse.at-once", "http.gzip", "ids of the clock"])
def test_three_runs_give_identical_verdicts(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    overrides = VARIANT_OVERRIDES[name] if name in VARIANT_OVERRIDES else with_clock_ids()
    first, *others = (verdicts(overrides, tmp_path / str(n), monkeypatch) for n in range(3))
    assert len(first) > 10
    assert others == [first, first]
