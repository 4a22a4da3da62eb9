"""What an SDK said, and its wire -> an Exchange like any other. May not judge or hide."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from harness.fire.sdk.command import DriverCommand
from harness.fire.sdk.recorder import TrafficRecorder
from harness.model import Attempt, Call, End, Exchange, Json
from harness.model.sdk import Sdk

HURRY: Final = (429, 503, 529)  # a target that has no time for us is not wrong


@dataclass(frozen=True, slots=True)
class SdkResult:
    """How a job ended, why, and what there is to show of it."""

    end: End = "complete"
    note: str = ""
    body: Json = None
    status: int | None = None


def understood(
    reply: Json, tape: TrafficRecorder, sdk: Sdk, ready: DriverCommand | None
) -> SdkResult:
    """A reply is an answer with status 200, whatever the SDK made of the target's; but a target
    that was too busy to the end (unless that is the question), and an SDK that asked nothing at
    all, say nothing.
    """
    if "environment" in reply:
        return SdkResult("environment", str(reply["environment"]))
    body = evidence(reply, tape, sdk, ready)
    if tape.trouble is not None:
        return SdkResult(*tape.trouble, body)
    if reply["ok"]:
        return SdkResult(body=body, status=200)
    if not tape.wire:
        error = body["error"]
        return SdkResult("environment", f"nothing was sent: {error['class']}: {error['message']}")
    return SdkResult(body=body, status=200 if "limited" in tape.uses else hurry(tape) or 200)


def broken(why: str, tape: TrafficRecorder, sdk: Sdk, ready: DriverCommand | None) -> SdkResult:
    """No reply: the target's last word on it, if it had one, else it is trouble of ours."""
    body = evidence({}, tape, sdk, ready)
    if tape.trouble is not None:
        return SdkResult(*tape.trouble, body)
    busy = hurry(tape)
    return SdkResult(body=body, status=busy) if busy else SdkResult("environment", why, body)


def hurry(tape: TrafficRecorder) -> int:
    """The status of the last answer, where it was that of a target without time."""
    last = tape.wire[-1]["answer"]["status"] if tape.wire else None
    return last if last in HURRY else 0


def evidence(reply: Json, tape: TrafficRecorder, sdk: Sdk, ready: DriverCommand | None) -> Json:
    """What the SDK made of it, and what went over the wire."""
    said = {name: reply[name] for name in ("ok", "result", "error") if name in reply}
    which = {"package": sdk.package, "language": sdk.language}
    if ready and ready.version:
        which["version"] = ready.version
    body = {**said, "sdk": which, "wire": tape.wire, "waits": tape.waits()}
    return json.loads(tape.named(json.dumps(body)))


def exchange(shot: str, call: Call, said: SdkResult, started: float, seconds: float) -> Exchange:
    """The SDK's word as if it were an answer: checks, transcript and report know those."""
    there = said.body is not None
    return Exchange(
        shot=shot,
        method=call.method,
        url=call.path,
        request_headers=(),
        request_body=sent(call.body).decode() if call.body is not None else "",
        end=said.end,
        status=said.status,
        headers=(("content-type", "application/json"),) if there else (),
        chunks=((seconds, sent(said.body)),) if there else (),
        attempts=(Attempt(started, seconds, said.end, said.status),),
        started=started,
        seconds=seconds,
        note=f"{call.client['sdk']}: {said.note}" if said.note else "",
    )


def sent(body: Json) -> bytes:
    """JSON, half a surrogate pair as its escape."""
    return json.dumps(body, ensure_ascii=False).encode("utf-8", "backslashreplace")
