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
    found,
    has,
    refuses,
)

Path = tuple[str | Mapping[str, Json], ...]


@dataclass(frozen=True, slots=True)
class Field:
    """An ignored field: its case, its path, and its types in OpenAI's own API."""

    case: str
    path: Path
    types: tuple[type, ...]

    @property
    def name(self) -> str:
        return str(self.path[-1])


def top(name: str, *types: type) -> Field:
    return Field(name, (name,), types)


def of(role: str, name: str, *types: type) -> Field:
    return Field(f"message.{role}.{name}", ("messages", {"role": role}, name), types)


IMAGE: Path = ("messages", "*", "content", {"type": "image_url"}, "image_url", "detail")
FIELDS = (
    top("logprobs", bool),
    top("metadata", dict),
    top("response_format", dict),
    top("prediction", dict),
    top("presence_penalty", int, float),
    top("frequency_penalty", int, float),
    top("seed", int),
    top("service_tier", str),
    top("audio", dict),
    top("logit_bias", dict),
    top("store", bool),
    top("user", str),
    top("modalities", list),
    top("top_logprobs", int),
    top("reasoning_effort", str),
    top("verbosity", str),
    top("web_search_options", dict),
    top("prompt_cache_key", str),
    top("prompt_cache_retention", str),
    top("safety_identifier", str),
    of("system", "name", str),
    of("developer", "name", str),
    of("user", "name", str),
    of("assistant", "name", str),
    of("assistant", "refusal", str, type(None)),
    of("assistant", "audio", dict, type(None)),
    of("tool", "name", str),
    of("function", "name", str),
    Field("message.user.content.image_url.detail", IMAGE, (str,)),
    Field("tools.function.strict", ("tools", "*", "function", "strict"), (bool,)),
    Field("functions.strict", ("functions", "*", "strict"), (bool,)),
)


def wrong_type(field: Field) -> Test:
    """Tests the JSON type; a boolean is not a number."""

    def test(body: Body) -> bool:
        values = found(body, *field.path)
        return any(
            not isinstance(v, field.types) or (isinstance(v, bool) and bool not in field.types)
            for v in values
        )

    return test


def family(field: Field) -> tuple[Mutant, ...]:
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


def beyond(field: str, test: Callable[[Any], bool]) -> Mutant:
    """Rejects values outside OpenAI's limits."""
    return Mutant(
        f"{field}.limited",
        f"enforces OpenAI's limits of {field}",
        field,
        "ignored.refused",
        refuses(lambda body: any(test(value) for value in found(body, field)), field),
    )


def number(value: Json, low: float, high: float) -> bool:
    return isinstance(value, int | float) and not low <= value <= high


LIMITED = (
    beyond("top_logprobs", lambda value: number(value, 0, 20)),
    beyond("presence_penalty", lambda value: number(value, -2, 2)),
    beyond("frequency_penalty", lambda value: number(value, -2, 2)),
    beyond("seed", lambda value: number(value, 0, 2**31)),
    beyond("metadata", lambda value: isinstance(value, dict) and len(value) > 16),
    beyond("service_tier", lambda value: value not in ("auto", "default", "flex")),
    beyond("reasoning_effort", lambda value: value not in ("minimal", "low", "medium", "high")),
    beyond("verbosity", lambda value: value not in ("low", "medium", "high")),
    beyond("user", lambda value: value == ""),
    beyond("modalities", lambda value: isinstance(value, list) and value[:1] != ["text"]),
    beyond(
        "logit_bias",
        lambda value: isinstance(value, dict) and any(number(v, -100, 100) for v in value.values()),
    ),
)


IGNORED = (*(mutant for field in FIELDS for mutant in family(field)), *LIMITED)
