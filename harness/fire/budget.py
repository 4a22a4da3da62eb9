"""What a run may spend -> why no more may be sent. Reads no clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

SPENT: Final = "is spent: the rest was not sent"


@dataclass(slots=True)
class Budget:
    """Requests, tokens, seconds; 0 is no bound. `over` keeps the first reason: it is final.

    `spent` are the tokens of answers that have come, `guessed` those of what is under way.
    """

    requests: int = 0
    tokens: float = 0.0
    seconds: float = 0.0
    over: str = ""
    spent: float = field(default=0.0, init=False)
    guessed: float = field(default=0.0, init=False)

    def left(self, elapsed: float) -> float:
        """Seconds until time is up; infinite where that does not matter."""
        return self.seconds - elapsed if self.seconds else float("inf")

    def allows(self, requests: int, cost: float, elapsed: float) -> bool:
        """Whether one more request may go, after so many, at this cost in tokens."""
        if self.over:
            return False
        if self.requests and requests >= self.requests:
            self.over = f"--max-requests {self.requests} {SPENT}"
        elif self.tokens and self.spent + cost > self.tokens:
            self.over = f"--max-tokens {self.tokens:g} {SPENT}"
        elif self.seconds and elapsed >= self.seconds:
            self.over = f"--max-seconds {self.seconds:g} {SPENT}"
        return not self.over

    def waits(self, cost: float) -> bool:
        """Whether it is for the answers under way to tell if there is room."""
        return bool(self.tokens) and self.spent + self.guessed + cost > self.tokens

    def settle(self, guesses: float, told: float | None) -> None:
        """An answer has come: what it cost stands for what was guessed of its tries."""
        self.guessed -= guesses
        self.spent += guesses if told is None else told
