"""The check `stream.arrival`: a streamed answer arrives while it is written.

It concludes from times only what holds on any machine and network. A stream is held back if the
answers that took long came whole at their end, every time, and their beginning waited for their
length: short answers, asked for in between, began much earlier. A slow first token, a queue or a
busy machine delays long and short answers alike, and a model that thinks first writes as fast as it
thinks. Everything else decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from harness.language.checks.base import Controls, Findings, NotApplicable, check
from harness.model import Answer, Finding, Json
from harness.util import jsonpath
from harness.util.strict_json import parse

ARRIVAL: Final = "stream.arrival"
# JSONPaths of what a person or a program reads, in an event of either protocol.
CONTENT: Final = (
    "$.choices[*].delta['content','reasoning_content','reasoning','refusal']",
    "$.delta['text','thinking','partial_json']",
)
THOUGHT: Final = "$.usage..reasoning_tokens"
LONG, SHORT = 100, 60  # characters of an answer that is long or short
MIN_LONG, MIN_SHORT = 3, 2  # answers of each kind
SECONDS: Final = 2.0  # a long answer that took less decides nothing
BURST: Final = 0.03  # part of the time within which a whole answer that was held back arrives
FACTOR: Final = 3  # how much later long answers begin than short ones, if they are held back


class Timing(NamedTuple):
    """When the content of an answer began and ended to arrive, and how long it is."""

    first: float
    last: float
    pieces: int
    characters: int


@check(ARRIVAL, "effect", across=True, in_cases=False)
def arrival(args: Json, answers: Sequence[Answer], controls: Controls) -> Findings:
    """Report long answers that were held back. That none was does not show anything."""
    timed = [(answer, timing_of(answer)) for answer in answers if answer.streamed]
    long = [(a, t) for a, t in timed if t and t.characters >= LONG and not has_thought(a)]
    short = [t for _, t in timed if t and t.characters <= SHORT]
    if len(long) < MIN_LONG or len(short) < MIN_SHORT:
        raise NotApplicable
    waited = max(timing.first for timing in short)
    if not all(is_held_back(timing, waited) for _, timing in long):
        raise NotApplicable
    expected = "the first words soon after the request, as in a short answer"
    for answer, timing in long:
        got = f"{timing.characters} characters in {timing.pieces} events, all of them between "
        got += f"{timing.first:.2f} and {timing.last:.2f} s; a short answer begins after "
        yield Finding("events", expected, f"{got}{waited:.2f} s", answer.shot)


def is_held_back(timing: Timing, waited: float) -> bool:
    """Whether a long answer came whole at its end, much later than short ones began."""
    burst = timing.last - timing.first <= BURST * timing.last
    later = timing.first >= SECONDS and timing.first >= FACTOR * waited
    return timing.pieces > 1 and burst and later


def timing_of(answer: Answer) -> Timing | None:
    """Return when the content of a complete stream arrived; None if it has none."""
    pieces = [(time, size) for time, size in content_of(answer) if size]
    if answer.end != "complete" or not pieces:
        return None
    characters = sum(size for _, size in pieces)
    return Timing(pieces[0][0], pieces[-1][0], len(pieces), characters)


def content_of(answer: Answer) -> Iterator[tuple[float, int]]:
    """Yield the time and the size of the content of each event."""
    for time, event in zip(answer.arrivals, answer.events, strict=True):
        data = parse(event.data).value
        values = [value for path in CONTENT for _, value in jsonpath.find(path, data)]
        yield time, sum(len(value) for value in values if isinstance(value, str))


def has_thought(answer: Answer) -> bool:
    """Whether the model thought before it wrote, according to the usage."""
    return any(value for _, value in jsonpath.find(THOUGHT, answer.body))
