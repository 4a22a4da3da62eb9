"""Compliant variants of the reference gateway. Every case must pass on each."""

from __future__ import annotations

from harness.testbed.base import Variant
from harness.testbed.variants.error_style import TASTE
from harness.testbed.variants.lenient import LEEWAY
from harness.testbed.variants.messages import MESSAGES
from harness.testbed.variants.shape import SHAPE
from harness.testbed.variants.wire import WIRE

VARIANTS: tuple[Variant, ...] = (*WIRE, *SHAPE, *TASTE, *MESSAGES, *LEEWAY)
