"""Mutants of the Responses endpoint that lose something in silence, or hide that they do."""

from __future__ import annotations

from harness.testbed.gateway.endpoint import Body
from harness.testbed.mutants.responses.operators import parts, reads, responses


def without_first_images(content: list[Body]) -> list[Body]:
    """Drops images before a text, which the model then answers with words like colours."""
    if content[0].get("type") != "input_image":
        return content
    return [{"type": "input_text", "text": "Repeat exactly: No blueish image was shared."}]


LOSSES = (
    responses("images.several", "shared", "drops images before a text", "any_of",
        reads(parts(without_first_images))),
)  # fmt: skip
