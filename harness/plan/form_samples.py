"""Requests of other cases that report how an answer with certain parts is written.

A stream of parallel calls with wrong block numbers is a fault of streams. Cases about a tool choice
have such streams too; they compare with the request of the case about the form of these answers,
which is sent only if an answer breaks a rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Final

from harness.language.behaviours import Probe
from harness.language.behaviours.steps import steps_of
from harness.model import Case, Json, Mode, Pack, Prerequisite, Script, Shot, Target
from harness.plan.pack_facts import locations_of_rows
from harness.plan.shots import CACHED, ShotBuilder
from harness.util.identity import Same

# Members that do not add a part to the answer. A small limit does.
NEUTRAL: Final = frozenset(
    {
        *("model", "messages", "stream", "stream_options", "system"),
        *("tool_choice", "function_call"),
        *("max_tokens", "max_completion_tokens"),
    }
)
LIMITS: Final = ("max_tokens", "max_completion_tokens", "max_output_tokens")
ROOMY: Final = 256  # tokens; a limit below is chosen to cut the answer
FORM_KEYS: Final = frozenset({"body", "omit"})  # a request that differs in its body only


def form_samples(builder: ShotBuilder, scripts: Iterable[Script]) -> list[Prerequisite]:
    """Return the requests that show the form of the answers to some scripts, with their shots."""
    shots: dict[tuple[str, Mode], list[str]] = {}
    for script in scripts:
        if script.shared or is_about_form(builder, builder.case, script.mode):
            continue
        for shot in script.shots:
            is_usual = not shot.call.client and shot.call.protocol == builder.pack.protocol
            for case in cases_about_form(builder, shot) if is_usual else ():
                shots.setdefault((case.id, shot.mode), []).append(shot.id)
    cases = {case.id: case for case in builder.pack.cases} if shots else {}
    samples: dict[str, Prerequisite] = {}
    for (name, mode), own in shots.items():
        case, title = cases[name], cases[name].name
        sample = sample_of(Same(case), Same(builder.pack), Same(builder.target), mode)
        label = f"the request of {title}"
        samples.setdefault(sample.id, Prerequisite(sample, tuple(own), label, title, forms=True))
    return list(samples.values())


def cases_about_form(builder: ShotBuilder, shot: Shot) -> Iterator[Case]:
    """Yield the cases that report the form of answers with the same parts, or some of them."""
    if own := parts_of(shot.call.body):
        for case, parts in cases_with_parts(Same(builder.pack)):
            if parts <= own and is_about_form(builder, case, shot.mode):
                yield case


@lru_cache(maxsize=CACHED)
def cases_with_parts(pack: Same[Pack]) -> Sequence[tuple[Case, frozenset[str]]]:
    """Return the cases whose request adds parts to its answer, with these parts."""
    bodies = ((case, case.spec.get("request", {}).get("body")) for case in pack.value.cases)
    return [(case, parts) for case, body in bodies if (parts := parts_of(body))]


@lru_cache(maxsize=CACHED)
def sample_of(case: Same[Case], pack: Same[Pack], target: Same[Target], mode: Mode) -> Script:
    """Return the request of a case as a script that all cases share."""
    steps = steps_of(case.value.spec)
    probe = Probe("sample", case.value.id, steps, modes=(mode,), shared=True)
    return next(ShotBuilder(case.value, pack.value, target.value).scripts(probe))


def is_about_form(builder: ShotBuilder, case: Case, mode: Mode) -> bool:
    """Return whether a case reports how answers are written, and with a single usual request."""
    spec, pack, target = case.spec, builder.pack, builder.target
    is_usual = (
        case.behaviour in ("supported", "honoured_or_refused")
        and spec.get("request", {}).keys() <= FORM_KEYS
    )
    others = {"steps", "client", "upstream", "values", "repeat", "signals", "level"}
    if not is_usual or spec.keys() & others or "status" in spec.get("expect", {}):
        return False
    opt_in = pack.features.get(case.feature) == "opt-in" and case.feature not in target.features
    if opt_in or case.feature in target.lacks:
        return False
    about_streams = spec.get("modes") == ["stream"] and "stream" in case.row.split(".")
    if mode == "stream":
        return about_streams
    location = locations_of_rows(Same(pack)).get(case.row, "")
    return location == "response" and mode in spec.get("modes", [mode])


def parts_of(body: Json) -> frozenset[str]:
    """Return the members of a request from which its answer gets parts of their own."""
    if not isinstance(body, dict):
        return frozenset()
    limits = [body[name] for name in LIMITS if name in body]
    cut = {"limit"} if any(isinstance(n, int) and 0 < n < ROOMY for n in limits) else set[str]()
    named = {"tools" if name == "functions" else name for name in body.keys() - NEUTRAL}
    return frozenset(named | cut)
