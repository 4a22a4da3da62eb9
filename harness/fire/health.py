"""Whether the target still answers, and how many connections it dropped."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from harness.fire.response_buffer import ResponseBuffer
from harness.model import Exchange
from harness.model.exchanges import is_shared

IN_A_ROW: Final = 3  # requests without an answer, after which the target is checked
SILENCE: Final = 5.0  # seconds without a byte before a timeout, after which it is checked
PROBE_SECONDS: Final = 25.0  # for the plain request that checks it
MAX_NAMED: Final = 5  # requests in flight that a message names
SEVERAL: Final = "requests that several cases need"


@dataclass(slots=True)
class Health:
    """The facts about the target that the answers so far show.

    A target that begins its answers and ends none has stopped answering too.

    Attributes:
        stopped: Why the run ends; empty as long as the target answers.
        requests: Attempts over HTTP, without those that were meant to fail.
        dropped: Those of them whose connection broke before the answer was complete.
        closed_idle: Those on a connection that the server had kept open and closed without an
            answer. A server may do so at any time; they are not among the dropped ones.
        recovered: Requests with a server error first, and another answer when sent again.
    """

    stopped: str = ""
    requests: int = 0
    dropped: int = 0
    closed_idle: int = 0
    recovered: int = 0
    answers: int = 0
    slowest: float = 0.0
    start: float | None = None
    last_sign: float = 0.0
    last_complete: float = float("-inf")
    in_flight: dict[str, float] = field(default_factory=dict)
    unanswered: list[str] = field(default_factory=list)

    def begin(self, shot: str, now: float) -> None:
        if self.start is None:
            self.start = self.last_sign = now
        self.in_flight[shot] = now

    def note_data(self, now: float) -> None:
        """Notes that a byte arrived."""
        self.last_sign = now

    def attempt(self, response: ResponseBuffer, seconds: float, counts: bool, now: float) -> None:
        """Takes account of an attempt; `counts` is whether a drop of it is the target's fault."""
        if response.status is not None:
            self.slowest = max(self.slowest, seconds)
            self.note_data(now)
        if response.end == "complete":
            self.answers, self.last_complete = self.answers + 1, now
            self.unanswered.clear()
        idle = response.end == "dropped" and response.status is None and not response.fresh
        if counts:
            self.requests += 1
            self.closed_idle += idle
            self.dropped += response.end == "dropped" and not idle

    def ended(self, exchange: Exchange) -> None:
        self.in_flight.pop(exchange.shot, None)
        if exchange.end == "timeout" or (
            exchange.status is None and exchange.end in ("dropped", "unreachable")
        ):
            self.unanswered.append(exchange.shot)

    def may_have_stopped(self, exchange: Exchange, now: float) -> bool:
        """Returns whether the target may have stopped answering."""
        silent = exchange.end == "timeout" and now - self.last_sign > SILENCE
        return silent or len(self.unanswered) >= IN_A_ROW

    def probe_seconds(self, timeout: float) -> float:
        """Returns how long to wait for the plain request; longer if the target is slow."""
        return min(timeout, max(PROBE_SECONDS, 1.5 * self.slowest))

    def message(self) -> str:
        """Returns the message for a target that does not answer any more."""
        seconds = self.last_sign - (self.start or 0.0)
        ids = (*self.unanswered, *self.in_flight)
        names = list(dict.fromkeys(SEVERAL if is_shared(each) else each for each in ids))
        rest = len(names) - MAX_NAMED
        flight = ", ".join(names[:MAX_NAMED]) + (f" and {rest} more" if rest > 0 else "")
        return (
            f"the target stopped answering after {self.answers} answers, {seconds:.0f} s after the "
            f"first request; a plain request on its own got no whole answer either; "
            f"in flight: {flight}"
        )
