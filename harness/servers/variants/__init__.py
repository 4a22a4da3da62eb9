"""The builtin gateway, right in another way: as other right gateways are. May not be wrong."""

from __future__ import annotations

from harness.servers.record import Variant
from harness.servers.variants.leeway import LEEWAY
from harness.servers.variants.messages import MESSAGES
from harness.servers.variants.shape import SHAPE
from harness.servers.variants.taste import TASTE
from harness.servers.variants.wire import WIRE

VARIANTS: tuple[Variant, ...] = (*WIRE, *SHAPE, *TASTE, *MESSAGES, *LEEWAY)
