"""The builtin gateway, right in another way: as other right gateways are. May not be wrong."""

from __future__ import annotations

from harness.testbed.base import Variant
from harness.testbed.variants.error_style import TASTE
from harness.testbed.variants.lenient import LEEWAY
from harness.testbed.variants.messages import MESSAGES
from harness.testbed.variants.shape import SHAPE
from harness.testbed.variants.wire import WIRE

VARIANTS: tuple[Variant, ...] = (*WIRE, *SHAPE, *TASTE, *MESSAGES, *LEEWAY)
