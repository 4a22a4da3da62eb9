"""Calls with a client -> Exchanges: the official SDKs as users of the target. May not judge.

Who only speaks of SDKs (the case language, the plan) takes them from here; the one who sends is
`sender.Clients`.
"""

from __future__ import annotations

from harness.clients.sdks import SCRIPTS, SDKS, UNASKED, Sdk

__all__ = ["SCRIPTS", "SDKS", "UNASKED", "Sdk"]
