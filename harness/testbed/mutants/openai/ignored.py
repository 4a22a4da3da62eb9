"""Mutants of ignored fields: each one rejected, validated, and forwarded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from harness.testbed.base import Mutant
from harness.testbed.gateway.model_types import Json
from harness.testbed.mutants.openai.operators import (
    Body,
    Test,
    forwards,
    has,
    refuses,
    values_at,
)

Path = tuple[str | Mapping[str, Json], ...]


@dataclass(frozen=True, slots=True)
class Field:
    """An ignored field: its case, its path, and its types in OpenAI's own API.

    Without types no value of another type is sent, because strict servers refuse it rightly.
    """

    case: str
    path: Path
    types: tuple[type, ...]

    @property
    def name(self) -> str:
        return str(self.path[-1])


def top_level(name: str, *types: type) -> Field:
    return Field(name, (name,), types)


def message_field(role: str, name: str, *types: type) -> Field:
    return Field(f"message.{role}.{name}", ("messages", {"role": role}, name), types)


def name_field(role: str) -> Field:
    return message_field(role, "name")


IMAGE: Path = ("messages", "*", "content", {"type": "image_url"}, "image_url", "detail")
FIELDS = (
    top_level("logprobs", bool),
    top_level("metadata", dict),
    top_level("response_format", dict),
    top_level("prediction", dict),
    top_level("presence_penalty", int, float),
    top_level("frequency_penalty", int, float),
    top_level("seed", int),
    top_level("service_tier", str),
    top_level("audio", dict),
    top_level("logit_bias", dict),
    top_level("store", bool),
    top_level("user", str),
    top_level("modalities", list),
    top_level("top_logprobs", int),
    top_level("reasoning_effort", str),
    top_level("verbosity", str),
    top_level("web_search_options", dict),
    top_level("prompt_cache_key", str),
    top_level("prompt_cache_retention", str),
    top_level("safety_identifier", str),
    name_field("system"),
    name_field("developer"),
    name_field("user"),
    name_field("assistant"),
    message_field("assistant", "refusal", str, type(None)),
    message_field("assistant", "audio", dict, type(None)),
    name_field("tool"),
    name_field("function"),
    Field("message.user.content.image_url.detail", IMAGE, ()),
    Field("tools.function.strict", ("tools", "*", "function", "strict"), (bool,)),
    Field("functions.strict", ("functions", "*", "strict"), (bool,)),
)


def wrong_type(field: Field) -> Test:
    """Tests the JSON type; a boolean is not a number."""

    def test(body: Body) -> bool:
        values = values_at(body, *field.path)
        return any(
            not isinstance(v, field.types) or (isinstance(v, bool) and bool not in field.types)
            for v in values
        )

    return test


def field_mutants(field: Field) -> tuple[Mutant, ...]:
    case, name = field.case, field.name
    refused = "ignored.refused"
    return (
        Mutant(
            f"{case}.refused", f"rejects {name}", case, refused, refuses(has(*field.path), name)
        ),
        Mutant(
            f"{case}.typed",
            f"validates the type of {name} as OpenAI does",
            case,
            "ignored.wrong-type",
            refuses(wrong_type(field), name),
        ),
        Mutant(
            f"{case}.forwarded",
            f"forwards {name} to the model",
            case,
            "ignored.effect",
            forwards(*field.path),
        ),
    )


def limited(field: str, test: Callable[[Any], bool], rule: str = "ignored.wrong-type") -> Mutant:
    """Rejects values outside OpenAI's limits, or legal ones at the edge of the range."""
    return Mutant(
        f"{field}.limited",
        f"enforces OpenAI's limits of {field}",
        field,
        rule,
        refuses(lambda body: any(test(value) for value in values_at(body, field)), field),
    )


def is_outside(value: Json, low: float, high: float) -> bool:
    return isinstance(value, int | float) and not low <= value <= high


LIMITED = (
    limited("top_logprobs", lambda value: is_outside(value, 0, 20)),
    limited("presence_penalty", lambda value: is_outside(value, -2, 2)),
    limited("frequency_penalty", lambda value: is_outside(value, -2, 2)),
    limited("seed", lambda value: is_outside(value, 0, 2**31), "ignored.refused"),
    limited("metadata", lambda value: isinstance(value, dict) and len(value) > 16),
    limited("service_tier", lambda value: value in ("priority", "fast"), "ignored.refused"),
    limited("reasoning_effort", lambda value: value in ("xhigh", "max"), "ignored.refused"),
    limited("verbosity", lambda value: value not in ("low", "medium", "high")),
    limited("user", lambda value: value == "", "ignored.refused"),
    limited("modalities", lambda value: isinstance(value, list) and value[:1] != ["text"]),
    limited(
        "logit_bias",
        lambda value: (
            isinstance(value, dict) and any(is_outside(v, -100, 100) for v in value.values())
        ),
    ),
)


# A function message cannot be sent without its name.
IMPOSSIBLE = ("message.function.name.refused",)
IGNORED = (
    *(
        mutant
        for field in FIELDS
        for mutant in field_mutants(field)
        if (field.types or not mutant.id.endswith(".typed")) and mutant.id not in IMPOSSIBLE
    ),
    *LIMITED,
)
