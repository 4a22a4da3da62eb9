"""Mutants that drop or reject images of a Messages request."""

from __future__ import annotations

from collections.abc import Callable

from harness.testbed.gateway.model_types import Image, Part
from harness.testbed.mutants.anthropic.operators import mutant
from harness.testbed.mutants.openai.operators import Body
from harness.testbed.mutation.rows import mutants_in


def keep_one_image(original: Callable[[Body], tuple[Part, ...]], message: Body) -> tuple[Part, ...]:
    parts = original(message)
    images = [part for part in parts if isinstance(part, Image)]
    return tuple(part for part in parts if part not in images[1:])


ANTHROPIC_IMAGES = (
    *mutants_in("anthropic/images"),
    mutant("image.second-lost", "forwards only the first image", "images.base64.several", "any_of",
           {"anthropic.parts": keep_one_image}),
)  # fmt: skip
