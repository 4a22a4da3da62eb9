"""Mutants that drop or reject images of a Messages request."""

from __future__ import annotations

from collections.abc import Callable

from harness.testbed.gateway.model_types import Image, Json, Part
from harness.testbed.mutants.anthropic.operators import mutant, refuses, repairs
from harness.testbed.mutants.anthropic.request_fields import REFUSED, TEXT
from harness.testbed.mutants.openai.operators import Body, found, has

BLOCK = ("messages", "*", "content")


def no_image(original: Callable[[Body], tuple[Part, ...]], item: Body) -> tuple[Part, ...]:
    return () if item["type"] == "image" else original(item)


def one_image(original: Callable[[Body], tuple[Part, ...]], message: Body) -> tuple[Part, ...]:
    parts = original(message)
    images = [part for part in parts if isinstance(part, Image)]
    return tuple(part for part in parts if part not in images[1:])


def unseen(original: Callable[[Body], Image], source: Body) -> Image:
    """Counts an image but does not forward it."""
    return Image("https://example.org/unseen.png")


def any_source(body: Body) -> None:
    good: Json = {"type": "url", "url": "https://example.org/unseen.png"}
    for item in found(body, *BLOCK, "*"):
        if isinstance(item, dict) and item.get("type") == "image":
            item["source"] = good


def pictured(body: Body) -> bool:
    return any(True for _ in found(body, *BLOCK, "*", "content", {"type": "image"}))


ANTHROPIC_IMAGES = (
    mutant("image.lost", "drops images", "images.base64", "any_of", {"anthropic.part": no_image}),
    mutant("image.unseen", "counts images but does not read them", "images.base64.seen", TEXT,
           {"anthropic.image": unseen}),
    mutant("image.second-lost", "forwards only the first image", "images.base64.several", "any_of",
           {"anthropic.parts": one_image}),
    mutant("image.broken", "answers without reading an unreadable image", "images.base64.broken",
           REFUSED, repairs(any_source)),
    mutant("image.from-tool", "rejects an image that a tool returned", "images.tool_result",
           "status", refuses(pictured, "content")),
    mutant("image.url-refused", "rejects an image URL", "images.url", "status",
           refuses(has(*BLOCK, {"type": "image"}, "source", "url"), "url")),
    mutant("image.url-any", "accepts any image URL", "images.url.wrong", REFUSED,
           repairs(any_source)),
)  # fmt: skip
