"""The check `header.limits`: no more of a rate limit remains than the limit is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from harness.language.checks.base import Controls, Findings, NotApplicable, check
from harness.model import Answer, Finding, Json

LIMITS: Final = "header.limits"
REMAINING: Final = re.compile(r"^(x-|anthropic-)?ratelimit-(.+-)?remaining(-.+)?$")


@check(LIMITS, "effect", in_cases=False)
def limits(args: Json, answer: Answer, controls: Controls) -> Findings:
    """Compare the remaining amount with its limit, in all headers that have both as numbers."""
    pairs = list(amounts(answer))
    if not pairs:
        raise NotApplicable
    for name, remaining, limit in pairs:
        if remaining > limit:
            yield Finding(f"header {name}", f"at most {limit}, the limit", str(remaining))


def amounts(answer: Answer) -> Iterator[tuple[str, int, int]]:
    """Yield (name, remaining amount, limit)."""
    names = sorted({name.lower() for name, _ in answer.headers})
    for name in filter(REMAINING.match, names):
        values = answer.header(name), answer.header(name.replace("remaining", "limit"))
        numbers = [v[0].strip() for v in values if v and re.fullmatch(r"\s*[0-9]{1,18}\s*", v[0])]
        if len(numbers) == len(values):
            yield name, int(numbers[0]), int(numbers[1])
