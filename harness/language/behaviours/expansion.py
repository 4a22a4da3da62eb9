"""Helpers that every behaviour uses to build its expansion: probes for values, levels, controls."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import replace

from harness.language.behaviours.assertions import case_assertions
from harness.language.behaviours.base import Assertion, Expansion, Probe
from harness.language.behaviours.steps import field_pointer, steps_of
from harness.model import Case, Json, Level

MAX_LABEL = 40  # characters of a value in a shot id


def probes_for(case: Case, tag: str, values: Iterable[Json]) -> Iterator[Probe]:
    """Yield one probe for each value, which is written into the field under test."""
    steps, pointer = steps_of(case.spec), field_pointer(case)
    for value in values:
        yield Probe(tag, f"{tag}={abbreviate(value)}", steps, value, put=((pointer, value),))


def probe_or_values(case: Case) -> list[Probe]:
    """Return one probe for each of the case's `values`, or one for its request."""
    if "values" in case.spec:
        return list(probes_for(case, "probe", case.spec["values"]))
    return [Probe("probe", "", steps_of(case.spec))]


def if_answered(assertion: Assertion) -> Assertion:
    """Return the assertion restricted to 2xx answers. A refusal shows nothing about an answer."""
    return replace(
        assertion, check="when", args={"status": "ok"}, stage="rest", parts=((assertion,),)
    )


def build_expansion(
    case: Case,
    probes: Iterable[Probe],
    assertions: Iterable[Assertion],
    tags: tuple[str, ...] = ("probe",),
) -> Expansion:
    """Return a behaviour's probes and assertions with those that the case itself writes out.

    Args:
        case: its `level` lowers the behaviour's own musts, its `repeat` repeats the probes.
        probes: the probes of the behaviour.
        assertions: the assertions of the behaviour.
        tags: the probes that the case's own `expect`, `should` and `may` apply to.
    """
    level: Level = case.spec.get("level", "must")
    own = [replace(one, level=level) if one.level == "must" else one for one in assertions]
    own += case_assertions(case.spec, tags)
    times = case.spec.get("repeat", 1)
    sent = [
        probe if probe.shared else replace(probe, times=probe.times * times) for probe in probes
    ]
    sent += [probe for one in own for probe in controls_of(one)]
    return Expansion(tuple(without_duplicates(sent)), tuple(own))


def controls_of(assertion: Assertion) -> Iterator[Probe]:
    """Yield the controls of an assertion and of its parts."""
    yield from assertion.controls
    for part in assertion.parts:
        for inner in part:
            yield from controls_of(inner)


def without_duplicates(probes: Iterable[Probe]) -> Iterator[Probe]:
    """Yield each probe; a control that several assertions use only once."""
    visited: set[tuple[str, str]] = set()
    for probe in probes:
        if not probe.shared or (probe.tag, probe.panel) not in visited:
            yield probe
        visited.add((probe.tag, probe.panel))


def abbreviate(value: Json) -> str:
    """Return a value as JSON for a shot id; of a long one the beginning and a digest."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    if len(text) <= MAX_LABEL:
        return text
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{text[:30]}..{digest}"
