"""Tells a target that limits its rate from one that refuses a single request in that way.

Some gateways answer 429 or 503 for a value that they cannot handle, whenever it comes. Waiting for
them is in vain. So after a few refusals of one request a plain request is sent: if it is answered,
the target is not limited, and the refused request is sent again at the end of the run only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from harness.fire.health_check import HealthCheck
from harness.fire.rate_limiter import RateLimiter
from harness.fire.retry import RETRYABLE
from harness.model import Attempt

FEW: Final = 2  # refusals of a request, after which the plain request is sent
SURE: Final = 3  # plain requests in a row that were answered: one refusal is enough then


class LoneRefusals:
    """Checks refusals for the rate."""

    def __init__(self, health_check: HealthCheck, limiter: RateLimiter) -> None:
        self.health_check, self.limiter = health_check, limiter
        self.answered = 0  # plain requests in a row
        self.checked, self.lock = float("-inf"), asyncio.Lock()

    @property
    def is_sure(self) -> bool:
        return self.answered >= SURE

    async def is_alone(self, attempts: Sequence[Attempt]) -> bool:
        """Returns whether the target refused the last attempt, and answers a plain request."""
        refused = sum(attempt.status in RETRYABLE for attempt in attempts)
        is_due = refused > 0 if self.is_sure else refused > 0 and refused % FEW == 0
        if attempts[-1].status not in RETRYABLE or not is_due:
            return False
        sent = self.limiter.clock() - attempts[-1].seconds
        async with self.lock:
            if self.checked < sent:  # otherwise another refusal was checked meanwhile
                self.checked = self.limiter.clock()
                self.note(await self.health_check.is_free())
            return self.answered > 0

    def note(self, is_answered: bool) -> None:
        """Takes account of a plain request that was sent right after a refusal."""
        self.answered = self.answered + 1 if is_answered else 0
        if is_answered:
            self.limiter.backoff.resume()
