"""Turns the reply of an SDK and the recorded traffic into an exchange."""

from __future__ import annotations

import json
from dataclasses import dataclass

from harness.fire.request import encode_body, encode_json
from harness.fire.retry import RETRYABLE
from harness.fire.sdk.recorder import TrafficRecorder
from harness.model import Attempt, Call, End, Exchange, Json, NotSentReason


@dataclass(frozen=True, slots=True)
class SdkResult:
    """How a job ended, and the evidence. `body` is None if there is none."""

    end: End = "complete"
    note: str = ""
    reason: NotSentReason = ""
    body: Json = None
    status: int | None = None


def result_of_reply(reply: Json, recorder: TrafficRecorder, package: Json) -> SdkResult:
    """Returns the result of a job that replied.

    A reply counts as an answer with status 200, also if the SDK raised an error. It shows nothing
    about the target if the SDK sent no request, or if the target was busy to the end (unless the
    job is about the rate limit).
    """
    if "environment" in reply:
        return SdkResult("environment", str(reply["environment"]))
    body = evidence(reply, recorder, package)
    if recorder.failure is not None:
        return SdkResult(*recorder.failure, body=body)
    if not reply["ok"] and not recorder.entries:
        error = body["error"]
        return SdkResult("environment", f"nothing was sent: {error['class']}: {error['message']}")
    is_answer = reply["ok"] or recorder.key_label == "limited"
    return SdkResult(body=body, status=200 if is_answer else busy_status(recorder) or 200)


def result_of_failure(message: str, recorder: TrafficRecorder, package: Json) -> SdkResult:
    """Returns the result of a job without a reply: a failure of the target, or of this machine."""
    body = evidence({}, recorder, package)
    if recorder.failure is not None:
        return SdkResult(*recorder.failure, body=body)
    if status := busy_status(recorder):
        return SdkResult(body=body, status=status)
    return SdkResult("environment", message, body=body)


def busy_status(recorder: TrafficRecorder) -> int:
    """Returns the status of the last response if the target had no capacity, or else 0."""
    status = recorder.entries[-1]["answer"]["status"] if recorder.entries else None
    return status if status in RETRYABLE else 0


def evidence(reply: Json, recorder: TrafficRecorder, package: Json) -> Json:
    """Returns the SDK's result or error, and the recorded traffic."""
    outcome = {name: reply[name] for name in ("ok", "result", "error") if name in reply}
    traffic = {"wire": recorder.entries, "waits": recorder.retry_pauses()}
    text = json.dumps({**outcome, "sdk": package, **traffic})
    return json.loads(recorder.hide_placeholder(text))


def exchange(shot: str, call: Call, result: SdkResult, started: float, seconds: float) -> Exchange:
    """Returns the result as if it were an HTTP answer, which checks and reports can read."""
    has_body = result.body is not None
    return Exchange(
        shot=shot,
        method=call.method,
        url=call.path,
        request_headers=(),
        request_body=(encode_body(call) or b"").decode(),
        end=result.end,
        status=result.status,
        headers=(("content-type", "application/json"),) if has_body else (),
        chunks=((seconds, encode_json(result.body)),) if has_body else (),
        attempts=(Attempt(started, seconds, result.end, result.status),),
        started=started,
        seconds=seconds,
        note=f"{call.client['sdk']}: {result.note}" if result.note else "",
        reason=result.reason,
    )
