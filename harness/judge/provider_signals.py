"""Establishes the signals of the provider that the harness plays behind the gateway."""

from __future__ import annotations

from harness.judge.calibration_answers import Tries


def dead_upstream(tries: Tries, protocol: str) -> str:
    answer = tries.get("short")
    if answer and answer.forwarded:
        return ""
    return "nothing reached the provider: is the gateway pointed at the upstream?"


def dead_own_key(tries: Tries, protocol: str) -> str:
    answer = tries.get("short")
    if answer and any(request.has_callers_key for request in answer.forwarded or ()):
        return "callers send the provider's key themselves"
    return dead_upstream(tries, protocol)
