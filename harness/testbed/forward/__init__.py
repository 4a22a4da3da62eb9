"""What the model is asked -> a provider behind the gateway, and its answer back. Never answers."""

from __future__ import annotations

from harness.testbed.forward.forwarding import Forwarding

__all__ = ["Forwarding"]
