"""Comparison of a resumed run with its earlier part, and the answers that it can reuse."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from harness.fire.retry import RETRYABLE
from harness.model import Exchange, Shot
from harness.run.merge_transcripts import differences
from harness.run.transcript import TranscriptIndex

NO_ANSWER: Final = ("not-sent", "unreachable", "environment")


def difference(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Return the first difference that makes it another run; empty if there is none."""
    return next(_differences(before, now), "")


def _differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    for pack in now["packs"]:
        digests = [old["digest"] for old in before["packs"] if old["id"] == pack["id"]]
        if digests and digests != [pack["digest"]]:
            yield f"the pack {pack['id']} is another"
    yield from (f"the {part} is another" for part in differences(before, now))
    if shard(before) != shard(now):
        yield "the shard is another"
    if before["plans"] != now["plans"]:
        yield "the requests are others"


def shard(header: Mapping[str, Any]) -> Any:
    return (header["run"]["selection"] or {}).get("shard")


def reusable_answer(shot: Shot, earlier: TranscriptIndex) -> Exchange | None:
    """Return the shot's earlier exchange, unless it must be sent again.

    Requests without an answer are sent again, and those that were rejected for the rate limit, if
    that is not what their case tests.
    """
    exchange = earlier.exchange(shot.id)
    if exchange is None or exchange.end in NO_ANSWER:
        return None
    intended = shot.call.auth == "limited" or shot.call.reply or shot.call.client
    return None if exchange.status in RETRYABLE and not intended else exchange
