"""Right ways to forward embeddings: no case of the pack fails, whatever the gateway does itself."""

from __future__ import annotations

from functools import cache

import pytest

from harness.prove.matrix import Kill, false_accusations
from harness.prove.reference import Reference
from harness.testbed.base import Variant
from harness.testbed.variants.forwarded_embeddings import FORWARDED_EMBEDDINGS


@cache
def reference() -> Reference:
    return Reference(("openai-embeddings",))


def problems(variant: Variant) -> tuple[Kill, ...]:
    return reference().with_provider(false_accusations, variant.overrides, everything=True)


@pytest.mark.parametrize("variant", FORWARDED_EMBEDDINGS, ids=lambda variant: variant.id)
def test_no_case_fails(variant: Variant) -> None:
    assert problems(variant) == ()


def test_each_way_sends_other_requests_to_the_provider() -> None:
    behind = reference().behind
    plans = behind.plans.values()

    def requests(variant: Variant | None) -> list[list[str]]:
        sent = behind.fire(plans, variant.overrides if variant else None)
        return [[each.body for each in exchange.forwarded or ()] for exchange in sent.values()]

    usual = requests(None)
    assert all(requests(variant) != usual for variant in FORWARDED_EMBEDDINGS)
