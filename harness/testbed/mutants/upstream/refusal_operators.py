"""Mutation operators for the refusals of what the provider behind a gateway lacks."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.model_types import ModelRequest
from harness.testbed.mutants.upstream.operators import Change


def forgives(side: str, change: Change) -> Overrides:
    """Refuses what the provider lacks only if it would still be refused after the change."""

    def check(original: Callable[[ModelRequest], None], request: ModelRequest) -> None:
        body, options = copy.deepcopy((request.body, dict(request.options)))
        for each in (body, options):
            change(each)
        original(replace(request, body=body, options=options))

    return {f"{side}.check_translatable": check}


def refuses_nothing(hook: str) -> Overrides:
    """Replaces a check by none."""

    def check(original: Callable[..., None], *args: Any) -> None:
        """Accepts everything."""

    return {hook: check}
