"""A stream that is held back is reported; one that is slow or fast for another reason is not."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from harness.language.checks import BY_ID, NotApplicable
from harness.model import Answer, Event, Json

LONG, SHORT = " ".join(map(str, range(1, 51))), "ready"
HELD, ENDED_SOON, WHOLE = [3.0] * 30, [0.01 * n for n in range(30)], [3.0]


def openai_delta(text: str) -> Json:
    return {"choices": [{"index": 0, "delta": {"content": text}}]}


def anthropic_delta(text: str) -> Json:
    return {
        "type": "content_block_delta",
        "index": 0,
        "delta": {"type": "text_delta", "text": text},
    }


def stream(text: str, times: Sequence[float], make: Any = openai_delta, **body: Json) -> Answer:
    """Return a streamed answer whose text comes in as many equal pieces as there are times."""
    size = -(-len(text) // len(times))
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    data = [{"choices": [{"delta": {"role": "assistant", "content": ""}}]}, *map(make, pieces)]
    events = tuple(Event(n, "", json.dumps(each), "") for n, each in enumerate(data))
    arrivals = (0.01, *times[: len(pieces)])
    return Answer(
        "shot", "stream", "complete", 200, (), "", body,
        streamed=True, events=events, arrivals=arrivals,
    )  # fmt: skip


def turns(long: Sequence[Sequence[float]], short: Sequence[float], **more: Any) -> list[Answer]:
    answers = [stream(LONG, times, **more) for times in long]
    return answers + [stream(SHORT, [time], **more) for time in short]


def failures(answers: list[Answer]) -> list[str]:
    return [finding.got for finding in BY_ID["stream.arrival"].run(None, answers, ())]


@pytest.mark.parametrize("make", [openai_delta, anthropic_delta])
def test_long_answers_that_came_whole_each_time_were_held_back(make: Any) -> None:
    failed = failures(turns([HELD] * 3, [0.3, 0.4], make=make))
    assert len(failed) == 3
    assert failed[0].endswith(
        "all of them between 3.00 and 3.00 s; a short answer begins after 0.40 s"
    )


STEADY = [0.1 * n for n in range(30)]
THREE_PARTS = [1.0] * 10 + [2.0] * 10 + [3.0] * 10


@pytest.mark.parametrize(
    "answers",
    [
        turns([ENDED_SOON] * 3, [0.01, 0.01]),
        turns([[1.5] * 30] * 3, [0.01, 0.01]),
        turns([STEADY] * 3, [0.1, 0.1]),
        turns([THREE_PARTS] * 3, [0.1, 0.1]),
        turns([HELD, HELD, STEADY], [0.3, 0.4]),
        turns([HELD] * 3, [3.0, 3.0]),
        turns([HELD] * 3, [0.3, 2.0]),
        turns([HELD] * 2, [0.3, 0.4]),
        turns([HELD] * 3, [0.3]),
        turns([WHOLE] * 3, [0.3, 0.4]),
        turns([HELD] * 3, [0.3, 0.4], usage={"completion_tokens_details": {"reasoning_tokens": 9}}),
        [],
    ],
    ids=[
        "fast", "too short to tell", "steady", "three parts", "not every time",
        "every answer waits", "one short answer waits", "too few", "one short answer", "one piece",
        "thought before", "no answer",
    ],
)  # fmt: skip
def test_other_times_decide_nothing(answers: list[Answer]) -> None:
    with pytest.raises(NotApplicable):
        failures(answers)
