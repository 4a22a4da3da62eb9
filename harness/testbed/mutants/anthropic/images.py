"""Mutants that drop or reject images of a Messages request."""

from __future__ import annotations

from collections.abc import Callable

from harness.testbed.gateway.model_types import Image, Json, Part
from harness.testbed.mutants.anthropic.operators import mutant, refuses, repairs
from harness.testbed.mutants.anthropic.request_fields import REFUSED, TEXT
from harness.testbed.mutants.openai.operators import Body, has, values_at

BLOCK = ("messages", "*", "content")


def drop_image(original: Callable[[Body], tuple[Part, ...]], item: Body) -> tuple[Part, ...]:
    return () if item["type"] == "image" else original(item)


def keep_one_image(original: Callable[[Body], tuple[Part, ...]], message: Body) -> tuple[Part, ...]:
    parts = original(message)
    images = [part for part in parts if isinstance(part, Image)]
    return tuple(part for part in parts if part not in images[1:])


def unread_image(original: Callable[[Body], Image], source: Body) -> Image:
    """Counts an image but does not forward it."""
    return Image("https://example.org/unseen.png")


def any_source(body: Body) -> None:
    good: Json = {"type": "url", "url": "https://example.org/unseen.png"}
    for item in values_at(body, *BLOCK, "*"):
        if isinstance(item, dict) and item.get("type") == "image":
            item["source"] = good


def has_result_image(body: Body) -> bool:
    return any(True for _ in values_at(body, *BLOCK, "*", "content", {"type": "image"}))


ANTHROPIC_IMAGES = (
    mutant("image.lost", "drops images", "images.base64", "any_of", {"anthropic.part": drop_image}),
    mutant("image.unseen", "counts images but does not read them", "images.base64.seen", TEXT,
           {"anthropic.image": unread_image}),
    mutant("image.second-lost", "forwards only the first image", "images.base64.several", "any_of",
           {"anthropic.parts": keep_one_image}),
    mutant("image.broken", "answers without reading an unreadable image", "images.base64.broken",
           REFUSED, repairs(any_source)),
    mutant("image.from-tool", "rejects an image that a tool returned", "images.tool_result",
           "status", refuses(has_result_image, "content")),
    mutant("image.url-refused", "rejects an image URL", "images.url", "status",
           refuses(has(*BLOCK, {"type": "image"}, "source", "url"), "url")),
    mutant("image.url-any", "accepts any image URL", "images.url.wrong", REFUSED,
           repairs(any_source)),
)  # fmt: skip
