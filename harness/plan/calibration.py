"""Plans the calibration of a run: plain requests that show which signals are alive on the target.

Only signals that an assertion of the run needs are calibrated. Each protocol and mode gets at most
twelve requests. They are shared like controls, so one that a case sends as well is sent once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from harness.language import checks
from harness.language.behaviours import Probe
from harness.model import (
    SIGNALS,
    Calibration,
    Case,
    Json,
    Mode,
    Pack,
    Place,
    Plan,
    PlannedAssertion,
    Script,
    Signal,
    Target,
)
from harness.model.types import SKILLS
from harness.plan.calibration_requests import REQUESTS
from harness.plan.shots import ShotBuilder

# The requests that establish each signal. A name that ends in `again` is the same request.
TRIES: Final[Mapping[Signal, tuple[str, ...]]] = {
    "tokens": ("short", "short again", "medium", "long", "count", "count again"),
    "output_tokens": ("short", "count"),
    "instructions": ("short", "short again", "medium", "long", "cat", "password"),
    "counting": ("count", "count again"),
    "tools": ("forced call", "plain call"),
    "vision": ("red", "blue"),
    "repeatable": ("short", "short again", "count", "count again"),
    "streaming": ("count",),
    "upstream": ("short",),
    "own_key": ("short",),
}
OF_MODEL: Final[frozenset[Signal]] = SKILLS | {"tools"}
AGAIN: Final = " again"
Where = tuple[str, Mode]


def plan_calibration(
    plans: Sequence[Plan], packs: Iterable[Pack], target: Target
) -> tuple[Calibration, ...]:
    """Return the requests that establish the signals which the plans need."""
    packs = tuple(packs)
    calibrations = []
    for (protocol, mode), needed in sorted(signals_of_plans(plans).items()):
        signals = tuple(signal for signal in SIGNALS if signal in needed)
        names = dict.fromkeys(name for signal in signals for name in TRIES[signal])
        builder = ShotBuilder(calibration_case(packs, protocol), pack_for(packs, protocol), target)
        tries = {name: script(builder, protocol, mode, name) for name in names}
        calibrations.append(Calibration(protocol, mode, signals, tries))
    return tuple(calibrations)


def restrict_calibrations(
    calibrations: Iterable[Calibration], plans: Iterable[Plan]
) -> tuple[Calibration, ...]:
    """Return the parts of calibrations that some of their plans need."""
    needed = signals_of_plans(plans)
    restricted = []
    for each in calibrations:
        where = each.protocol, each.mode
        signals = tuple(s for s in each.signals if s in needed.get(where, ()))
        names = {name for signal in signals for name in TRIES[signal]}
        tries = {name: script for name, script in each.tries.items() if name in names}
        restricted += [replace(each, signals=signals, tries=tries)] if signals else []
    return tuple(restricted)


def signals_of_plans(plans: Iterable[Plan]) -> Mapping[Where, set[Signal]]:
    """Return the signals that some assertion needs, by the protocol and mode of its shots."""
    needed: dict[Where, set[Signal]] = defaultdict(set)
    for plan in plans:
        shots = {shot.id: (shot.call.protocol, shot.mode) for shot in plan.shots}
        for assertion in (inner for each in plan.assertions for inner in with_parts(each)):
            for protocol, mode in {shots[shot] for shot in (*assertion.shots, *assertion.against)}:
                needed[protocol, mode].update(assertion.needs, optional_signals(assertion))
                # A model that shows a skill in plain answers has it in streams as well.
                needed[protocol, "plain"].update(OF_MODEL.intersection(assertion.needs))
    return {where: signals for where, signals in needed.items() if signals}


def optional_signals(assertion: PlannedAssertion) -> tuple[Signal, ...]:
    check = checks.BY_ID.get(assertion.check)
    return check.optional if check else ()


def with_parts(assertion: PlannedAssertion) -> Iterator[PlannedAssertion]:
    """Yield an assertion and all that it is composed of."""
    yield assertion
    for part in assertion.parts:
        for inner in part:
            yield from with_parts(inner)


def pack_for(packs: Sequence[Pack], protocol: str) -> Pack:
    """Return a pack that speaks the protocol, one of its own if there is one."""
    speaking = [pack for pack in packs if protocol in pack.protocols]
    return next((pack for pack in speaking if pack.protocol == protocol), speaking[0])


def calibration_case(packs: Sequence[Pack], protocol: str) -> Case:
    pack = pack_for(packs, protocol)
    place = Place(pack.folder, 1)
    return Case("calibration", pack.id, "", "supported", "core", {}, place)


def script(builder: ShotBuilder, protocol: str, mode: Mode, name: str) -> Script:
    """Return the script of a try, with the id that an equal control of a case has."""
    body: Json = REQUESTS[protocol][name.removesuffix(AGAIN)]
    own = builder.pack.protocol == protocol
    step = {"request": {"body": body}} | ({} if own else {"protocol": protocol})
    probe = Probe("control", "control", (step,), modes=(mode,), times=2, shared=True)
    first, again = builder.scripts(probe)
    return again if name.endswith(AGAIN) else first
