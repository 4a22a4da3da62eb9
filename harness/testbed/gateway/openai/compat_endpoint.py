"""The Chat Completions endpoint as Anthropic's OpenAI SDK compatibility page describes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from harness.testbed.gateway.endpoint import Body
from harness.testbed.gateway.model_types import Json, ModelReply, Part
from harness.testbed.gateway.openai.endpoint import OpenAIEndpoint
from harness.testbed.gateway.openai.validation import FIELDS, check_together
from harness.testbed.gateway.validators import Check


class CompatEndpoint(OpenAIEndpoint):
    """Ignores fields that the page lists as ignored, and uses 1 for greater temperatures."""

    fields: ClassVar[Mapping[str, Check]] = FIELDS

    def check_together(self, body: Body) -> None:
        check_together(body)

    def options(self, body: Body) -> Body:
        return {}

    def json_schema(self, body: Body) -> Json:
        return None

    def logprobs(self, body: Body, reply: ModelReply) -> Json:
        return None

    def part(self, piece: Body) -> Part | None:
        """Drops refusals too, as the page states."""
        return None if piece["type"] == "refusal" else super().part(piece)

    def refusal(self, message: Body) -> tuple[Part, ...]:
        return ()

    def is_strict(self, function: Body) -> bool:
        return False

    def temperature(self, body: Body) -> float | None:
        """Returns at most 1, as the page states."""
        temperature = super().temperature(body)
        return None if temperature is None else min(temperature, 1)
