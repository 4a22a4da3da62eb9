"""Compliant variants of the reference gateway. Every case must pass on each."""

from __future__ import annotations

from harness.testbed.base import Variant
from harness.testbed.variants.chance import CHANCE
from harness.testbed.variants.coincidences import COINCIDENCES
from harness.testbed.variants.delivery import DELIVERY
from harness.testbed.variants.editors import EDITORS
from harness.testbed.variants.embeddings import EMBEDDINGS
from harness.testbed.variants.error_style import ERROR_STYLE
from harness.testbed.variants.event_streams import EVENT_STREAMS
from harness.testbed.variants.lenient import LENIENT
from harness.testbed.variants.limited_models import LIMITED_MODELS
from harness.testbed.variants.messages import MESSAGES
from harness.testbed.variants.newer_messages import NEWER_MESSAGES
from harness.testbed.variants.newest_models import NEWEST_MODELS
from harness.testbed.variants.older_gateways import OLDER_GATEWAYS
from harness.testbed.variants.options import OPTIONS
from harness.testbed.variants.partial import PARTIAL
from harness.testbed.variants.request_ids import REQUEST_IDS
from harness.testbed.variants.resold import RESOLD
from harness.testbed.variants.responses import RESPONSES
from harness.testbed.variants.responses_endpoints import RESPONSES_ENDPOINTS
from harness.testbed.variants.responses_settings import RESPONSES_SETTINGS
from harness.testbed.variants.result_order import RESULT_ORDER
from harness.testbed.variants.shape import SHAPE
from harness.testbed.variants.skills import SKILLS
from harness.testbed.variants.spellings import SPELLINGS
from harness.testbed.variants.usage import USAGE
from harness.testbed.variants.wire import WIRE

VARIANTS: tuple[Variant, ...] = (
    *WIRE,
    *REQUEST_IDS,
    *EVENT_STREAMS,
    *SPELLINGS,
    *SHAPE,
    *CHANCE,
    *DELIVERY,
    *ERROR_STYLE,
    *MESSAGES,
    *LENIENT,
    *NEWER_MESSAGES,
    *OLDER_GATEWAYS,
    *OPTIONS,
    *NEWEST_MODELS,
    *USAGE,
    *SKILLS,
    *RESULT_ORDER,
    *COINCIDENCES,
    *LIMITED_MODELS,
    *PARTIAL,
    *RESOLD,
    *EDITORS,
    *EMBEDDINGS,
    *RESPONSES,
    *RESPONSES_ENDPOINTS,
    *RESPONSES_SETTINGS,
)
