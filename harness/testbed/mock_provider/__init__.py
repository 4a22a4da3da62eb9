"""A mock provider that a gateway forwards to. It records requests and plays scripted replies."""

from __future__ import annotations

from harness.testbed.mock_provider.server import Upstream

__all__ = ["Upstream"]
