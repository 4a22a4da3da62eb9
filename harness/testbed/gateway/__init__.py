"""The reference gateway: one toy model behind an OpenAI and an Anthropic endpoint."""

from __future__ import annotations

COMPAT = "/compat"  # the path of the compatibility layer
