"""The provider behind a gateway, played and recorded. May not judge what it hears."""

from __future__ import annotations

from harness.testbed.mock_provider.server import Upstream

__all__ = ["Upstream"]
