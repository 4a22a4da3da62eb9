"""The provider behind a gateway, played and recorded. May not judge what it hears."""

from __future__ import annotations

from harness.servers.upstream.stage import KEY, Upstream

__all__ = ["KEY", "Upstream"]
