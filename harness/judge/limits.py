"""Answers that end at a limit of tokens, of their request, the server or the model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from harness.model import Answer, Json
from harness.plan.form_samples import LIMITS, ROOMY
from harness.util import jsonpath

COUNTS: Final = "$.usage['prompt_tokens','completion_tokens','input_tokens','output_tokens']"
SMALLEST: Final = 64  # tokens of a prompt and its answer; no target has a lower limit of its own

REASONS: Final = (
    "$.choices[*].finish_reason",
    "$.stop_reason",
    "$.incomplete_details.reason",
)
ENDED_BY_LIMIT: Final = (
    "length",
    "max_tokens",
    "max_output_tokens",
    "model_context_window_exceeded",
)


def is_cut(answer: Answer) -> bool:
    """Return whether a limit of tokens ended the answer, which can lack something then."""
    reasons = (value for path in REASONS for _, value in jsonpath.find(path, answer.body))
    return any(value in ENDED_BY_LIMIT for value in reasons)


def has_roomy_limit(body: Json) -> bool:
    """Return whether a request has no limit that could cut its answer on purpose."""
    limits = [body[name] for name in LIMITS if name in body] if isinstance(body, Mapping) else []
    return all(isinstance(limit, int) and limit >= ROOMY for limit in limits)


def is_cut_by_target(answer: Answer) -> bool:
    """Return whether an answer ends at a limit that its request did not ask for."""
    return is_cut(answer) and has_roomy_limit(answer.request)


def is_cut_by_plausible_limit(answer: Answer) -> bool:
    """Return whether the limit can be one of a target, which none has after a few tokens."""
    counts = [value for _, value in jsonpath.find(COUNTS, answer.body) if isinstance(value, int)]
    return is_cut_by_target(answer) and (not counts or sum(counts) >= SMALLEST)
