"""API keys of the reference gateway and the mock provider.

They are public on purpose: they open nothing but servers of this test bed.
"""

from __future__ import annotations

from typing import Final

GATEWAY_KEY: Final = "sk-builtin-0123456789abcdef"
# The same gateway, with a small burst limit for requests that carry this key.
LIMITED_GATEWAY_KEY: Final = "sk-builtin-limited-0123456789"
PROVIDER_KEY: Final = "sk-upstream-0123456789abcdef"
