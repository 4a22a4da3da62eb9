"""Establishes which signals are alive, from the answers to the calibration of a run.

It is a pure function of recorded answers, so judging a run again finds the same signals.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Final

from harness.decode.response import read
from harness.judge.calibration_answers import (
    Tries,
    bounded,
    equal_vectors,
    follows,
    has_call,
    input_count,
    input_names,
    names_colour,
    output_count,
    output_name,
    problem,
    text_deltas,
    text_of,
    words_in,
)
from harness.judge.provider_signals import dead_own_key, dead_upstream
from harness.model import Calibration, Exchange, Json, Signal, Signals, SignalState
from harness.model.protocol import PROTOCOLS
from harness.plan.calibration import OF_MODEL
from harness.plan.calibration_requests import TEXTS, WORDS

MAX_MISSES: Final = 1  # instructions that may be missed, since models sample
LONGER: Final = 30  # an answer with so many characters more is clearly longer


def observe_signals(
    calibrations: Iterable[Calibration], exchanges: Mapping[str, Exchange]
) -> Signals:
    """Return the state of each calibrated signal.

    A model that shows a skill in one mode has it in the other as well. If it does not show there,
    the fault is not the model's.

    Args:
        exchanges: The exchanges of the calibration's shots, by shot id. Others can be among them.
    """
    states = [state for each in calibrations for state in states_of(each, exchanges)]
    shown = {(s.protocol, s.signal) for s in states if s.alive and s.signal in OF_MODEL}
    return {
        (s.protocol, s.mode, s.signal): replace(s, alive=True, reason="")
        if (s.protocol, s.signal) in shown
        else s
        for s in states
    }


def states_of(calibration: Calibration, exchanges: Mapping[str, Exchange]) -> Iterable[SignalState]:
    tries: Tries = {}
    for name, script in calibration.tries.items():
        [shot] = script.shots
        exchange = exchanges.get(shot.id)
        call = shot.call
        request = (call.protocol, shot.mode, call.body)
        tries[name] = read(bounded(exchange), *request) if exchange else None
    for signal in calibration.signals:
        reason = REASONS[signal](tries, calibration.protocol)
        yield SignalState(calibration.protocol, calibration.mode, signal, not reason, reason)


def dead_tokens(tries: Tries, protocol: str) -> str:
    names = ("short", "medium", "long")
    pairs = [(name, f"{name} again") for name in ("short", "count")]
    if reason := problem(tries, *names, *(name for pair in pairs for name in pair)):
        return reason
    counts = [input_count(tries[name], protocol) for name in names]
    repeated = [[input_count(tries[name], protocol) for name in pair] for pair in pairs]
    field = input_names(protocol)
    if None in (*counts, *(count for pair in repeated for count in pair)):
        return f"{field} is missing"
    lengths = [words_in(TEXTS[name]) for name in names]
    sizes = f"{lengths[0]}, {lengths[1]} and {lengths[2]} words"
    if len(set(counts)) == 1:
        return f"{field} is {counts[0]} for messages of {sizes}"
    if not rises(counts):
        values = ", ".join(map(str, counts))
        return f"{field} does not rise: it is {values} for messages of {sizes}"
    for one, other in repeated:
        if one != other:
            return f"{field} is {one} and {other} for the same message"
    return ""


def rises(counts: list[Json]) -> bool:
    return all(earlier < later for earlier, later in pairwise(counts))


def dead_output_tokens(tries: Tries, protocol: str) -> str:
    if reason := problem(tries, "short", "count"):
        return reason
    short, long = (tries[name] for name in ("short", "count"))
    counts = [output_count(answer, protocol) for answer in (short, long)]
    lengths = [len(text_of(answer, protocol)) for answer in (short, long)]
    field = output_name(protocol)
    if None in counts:
        return f"{field} is missing"
    if lengths[1] < lengths[0] + LONGER:
        return f"the model answers with {lengths[1]} characters where it should count to 20"
    if counts[0] < 1 or counts[0] >= counts[1]:
        return (
            f"{field} is {counts[0]} and {counts[1]} for {lengths[0]} and {lengths[1]} characters"
        )
    return ""


def dead_instructions(tries: Tries, protocol: str) -> str:
    names = [name for name in tries if name.removesuffix(" again") in WORDS]
    missed = [name for name in names if problem(tries, name) or not follows(tries, name, protocol)]
    if len(missed) <= MAX_MISSES:
        return ""
    reason = problem(tries, missed[0])
    text = reason or f"answers {text_of(tries[missed[0]], protocol)[:60]!r}"
    example = TEXTS[missed[0].removesuffix(" again")][-50:]
    many = f"{len(missed)} of {len(names)} plain instructions are not followed"
    return f"{many}; to {example!r}: {text}"


def dead_counting(tries: Tries, protocol: str) -> str:
    for name in ("count", "count again"):
        if reason := problem(tries, name):
            return reason
        text = text_of(tries[name], protocol)
        numbers = re.findall(r"\d+", text)
        expected = list(map(str, range(1, 21)))
        if not any(numbers[at : at + 20] == expected for at in range(len(numbers))):
            return f"asked to count from 1 to 20, the model answers {text[:60]!r}"
    return ""


def dead_tools(tries: Tries, protocol: str) -> str:
    reasons = []
    for name in ("forced call", "plain call"):
        if not (reason := problem(tries, name)) and has_call(tries[name], protocol):
            return ""
        reasons.append(f"{name}: {reason or 'no tool is called'}")
    return "; ".join(reasons)


def dead_vision(tries: Tries, protocol: str) -> str:
    for colour in ("red", "blue"):
        if reason := problem(tries, colour):
            return reason
        text = text_of(tries[colour], protocol)
        if not names_colour(colour, text):
            return f"asked for the colour of a {colour} image, the model answers {text[:60]!r}"
    return ""


def dead_repeatable(tries: Tries, protocol: str) -> str:
    for name in ("short", "count"):
        if reason := problem(tries, name, f"{name} again"):
            return reason
        if not PROTOCOLS[protocol].writes and not equal_vectors(tries, name, f"{name} again"):
            return "the same request is answered with different embeddings"
        one, other = (text_of(tries[each], protocol) for each in (name, f"{name} again"))
        if one != other:
            return f"the same request is answered {one[:40]!r} and {other[:40]!r}"
    return ""


def dead_streaming(tries: Tries, protocol: str) -> str:
    if reason := problem(tries, "count"):
        return reason
    deltas = text_deltas(tries["count"], protocol)
    return "" if deltas > 1 else f"a long answer arrives in {deltas or 'no'} content delta"


REASONS: Final[Mapping[Signal, Callable[[Tries, str], str]]] = {
    "tokens": dead_tokens,
    "output_tokens": dead_output_tokens,
    "instructions": dead_instructions,
    "counting": dead_counting,
    "tools": dead_tools,
    "vision": dead_vision,
    "repeatable": dead_repeatable,
    "streaming": dead_streaming,
    "upstream": dead_upstream,
    "own_key": dead_own_key,
}
