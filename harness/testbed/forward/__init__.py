"""Forwarding of model requests to providers behind the gateway."""

from __future__ import annotations

from harness.testbed.forward.forwarding import Forwarding

__all__ = ["Forwarding"]
