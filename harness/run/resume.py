"""The transcript of a run that was cut off -> what need not be sent again. May not judge."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from harness.fire.retry import RETRYABLE
from harness.model import Case, Exchange, Shot
from harness.run.merge_transcripts import differences
from harness.run.session import Session
from harness.run.transcript import Earlier
from harness.util.errors import UsageError

UNTRIED: Final = ("not-sent", "unreachable", "environment")


def resume(session: Session, cases: Sequence[Case], path: Path) -> list[str]:
    """What was answered is taken from there. Raises UsageError where it is another run's."""
    earlier = Earlier(path) if path.is_file() else None
    if earlier is None or not earlier.header:
        if earlier:
            earlier.close()
        return [f"{path}: no run to resume: this is a new one"]
    now = json.loads(json.dumps(session.header(cases)))
    what = next(changes(earlier.header, now), "")
    if what:
        earlier.close()
        raise UsageError(
            f"--resume: {what} than in {path}: leave out --resume to begin a new run there"
        )
    assert session.engine is not None
    assert session.transport is not None
    session.earlier, session.started = earlier, str(earlier.header["started"])
    session.transport.start_time -= earlier.seconds
    session.engine.earlier_exchange = lambda shot: answered(shot, earlier)
    return [f"resumed: {len(earlier.places)} answers are there"]


def changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    for pack in now["packs"]:
        known = [old["digest"] for old in before["packs"] if old["id"] == pack["id"]]
        if known and known != [pack["digest"]]:
            yield f"the pack {pack['id']} is another"
    yield from (f"the {what} is another" for what in differences(before, now))
    if shard(before) != shard(now):
        yield "the shard is another"
    if before["plans"] != now["plans"]:
        yield "the requests are others"


def shard(header: Mapping[str, Any]) -> Any:
    return (header["run"]["selection"] or {}).get("shard")


def answered(shot: Shot, earlier: Earlier) -> Exchange | None:
    """What came of it then, unless nothing could be established by it."""
    known = earlier.exchange(shot.id)
    if known is None or known.end in UNTRIED:
        return None
    asked_for = shot.call.auth == "limited" or shot.call.reply or shot.call.client
    return None if known.status in RETRYABLE and not asked_for else known
