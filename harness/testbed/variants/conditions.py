"""Right gateways under conditions of their transport. They need a real socket and an engine."""

from __future__ import annotations

from typing import Final

from harness.testbed.variants import connections, load_limits
from harness.testbed.variants.condition import Condition

CONDITIONS: Final = tuple(
    Condition(f"transport.{name}", description, wrap)
    for name, description, wrap in (*connections.CONDITIONS, *load_limits.CONDITIONS)
)
