"""A run sends a request once that several of its cases need."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from harness.run import transcript
from tests.support import pack_on_disk

BASE = "request: {body: {messages: [{role: user, content: Say hello.}]}}, modes: [plain]"
CASES = f"""
pack: tiny
cases:
  - {{id: answer, row: answer, why: It is answered., {BASE}}}
  - {{id: seed, row: seed, why: It is a completion., {BASE},
     expect: {{body: {{$.object: chat.completion}}}}}}
  - {{id: n, row: n, why: There is a choice., {BASE},
     expect: {{body: {{"$.choices[0].index": 0}}}}}}
"""


class Counter:
    """A right gateway, and how often it was to say hello."""

    def __init__(self) -> None:
        self.greeted = 0

    def respond(self, request: Mapping[str, Any]) -> Any:
        self.greeted += b"Say hello." in (request["body"] or b"")
        return pack_on_disk.CORRECT(request)


@pytest.fixture
def counter() -> Counter:
    return Counter()


def test_cases_with_equal_requests_share_one_answer(tiny_pack: Path, counter: Counter) -> None:
    pack, out = pack_on_disk.pack(tiny_pack, CASES), tiny_pack.parent / "out"
    with pack_on_disk.gateway(counter.respond) as url:
        result = pack_on_disk.run_against(url, pack)
        assert counter.greeted == 1, result.out + result.err
        again = pack_on_disk.run_against(url, pack, "--resume")
        assert counter.greeted == 1, again.out + again.err
    assert pack_on_disk.outcomes(out) == {"answer": "pass", "seed": "pass", "n": "pass"}
    _, exchanges, footer = transcript.read(out / "transcript.jsonl")
    copies = [each.same_as for each in exchanges if each.same_as]
    assert copies == ["tiny/answer/plain"] * 2
    assert footer is not None
    assert f"resumed: {footer['requests']} requests are answered, 0 left" in again.out
    assert pack_on_disk.harness("judge", out, "--against", out).code == 0


def test_har_has_a_shared_request_once(tiny_pack: Path, counter: Counter) -> None:
    pack, out = pack_on_disk.pack(tiny_pack, CASES), tiny_pack.parent / "out"
    with pack_on_disk.gateway(counter.respond) as url:
        pack_on_disk.run_against(url, pack)
    har = tiny_pack.parent / "run.har"
    assert pack_on_disk.harness("har", out, "--out", har).code == 0
    entries = json.loads(har.read_text("utf-8"))["log"]["entries"]
    bodies = [entry["request"].get("postData", {}).get("text", "") for entry in entries]
    assert sum("Say hello." in body for body in bodies) == 1
