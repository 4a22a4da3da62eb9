"""The nonce of a run: a value of the verifier that is sent with every request."""

from __future__ import annotations

from collections.abc import Iterator

from harness.certify.cases import Check
from harness.certify.run_folder import RunFolder
from harness.fire.request import NONCE
from harness.plan.repetitions import repeat_plan
from harness.report.text import plural
from harness.run.replay import RecordedRun


def run_nonce(run: RecordedRun) -> str:
    """The nonce in the target's headers; empty if there is none."""
    endpoints = run.header["target"]["endpoints"].values()
    headers = (header for endpoint in endpoints for header in endpoint["headers"])
    return next((str(value) for name, value in headers if name.lower() == NONCE), "")


def check_nonce(loaded: RunFolder, expected: str) -> Iterator[Check]:
    """Every request must carry the nonce, except those that an SDK made."""
    nonce = run_nonce(loaded.run)
    if expected and nonce != expected:
        yield Check("wrong", f"the nonce of the run is {nonce or 'none'}, not {expected}")
    if not nonce:
        return
    own_shots = {
        shot.id
        for plan in loaded.run.plans
        for turn in range(1, loaded.run.repeat + 1)
        for shot in repeat_plan(plan, turn).shots
        if not shot.call.client
    }
    exchanges = loaded.run.recorded.values()
    sent = [one for one in exchanges if one.attempts and one.shot in own_shots]
    missing = [one for one in sent if (NONCE, nonce) not in one.request_headers]
    if not sent:
        yield Check("note", f"the nonce is {nonce}; SDKs made every request and do not send it")
    elif missing:
        yield Check("wrong", f"{plural(len(missing), 'request')} did not carry the nonce")
    else:
        yield Check("ok", f"{plural(len(sent), 'request')} carried the nonce {nonce}")
