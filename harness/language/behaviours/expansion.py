"""A case's shared keys (request, steps, values, level) -> steps, probes and controls. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from harness.language.behaviours.assertions import demanded
from harness.language.behaviours.base import Assertion, Expansion, Probe, Step
from harness.model import Case, Json, Level


def steps(case: Case) -> tuple[Step, ...]:
    """The case's requests, in order; a case without `steps` is one step."""
    written = case.spec.get("steps") or [case.spec]
    return tuple(step(item) for item in written)


def step(item: Mapping[str, Json]) -> Step:
    return Step(
        name=item.get("name", ""),
        request=item.get("request", {}),
        omit=tuple(item.get("omit", ())),
        http=item.get("http", {}),
        protocol=item.get("protocol", ""),
        raw=item.get("raw"),
        capture=item.get("capture", {}),
        client=item.get("client", {}),
        upstream=item.get("upstream", {}),
    )


def pointer(case: Case) -> str:
    """Where the case's value goes in the request body."""
    at: str = case.spec.get("at", "/" + case.row)
    return at


def last(path: tuple[Step, ...], **changes: Json) -> tuple[Step, ...]:
    """The steps with the last one changed."""
    return (*path[:-1], replace(path[-1], **changes))


def laid(path: tuple[Step, ...], over: Mapping[str, Json]) -> tuple[Step, ...]:
    """The steps with a control's `request` and `omit` laid over the last one."""
    end = path[-1]
    request = {**end.request, **over.get("request", {})}
    omit = tuple(key for key in end.omit if key not in over.get("request", {}))
    return last(path, request=request, omit=(*omit, *over.get("omit", ())))


def control(path: tuple[Step, ...], tag: str, over: Mapping[str, Json]) -> Probe:
    """The same request, changed: fired twice, and shared by all that ask for the same bytes."""
    return Probe(tag, tag, laid(path, over), times=2, shared=True)


def probes_for(case: Case, tag: str, values: Iterable[Json]) -> Iterator[Probe]:
    """One probe for each value, put where the case says."""
    path, at = steps(case), pointer(case)
    for value in values:
        put = (*path[-1].put, (at, value))
        yield Probe(tag, f"{tag}={short(value)}", last(path, put=put), value)


def plain_or_each(case: Case) -> list[Probe]:
    """The request as it is written, or once for each of the case's `values`."""
    if "values" in case.spec:
        return list(probes_for(case, "probe", case.spec["values"]))
    return [Probe("probe", "", steps(case))]


def when_ok(ask: Assertion) -> Assertion:
    """The same demand, of answers only: a refusal says nothing about a field of the answer."""
    return replace(ask, check="when", args={"status": "ok"}, stage="rest", parts=((ask,),))


def finish(
    case: Case,
    probes: Iterable[Probe],
    assertions: Iterable[Assertion],
    tags: tuple[str, ...] = ("probe",),
) -> Expansion:
    """Adds what the case itself demands of `tags`, and lowers the musts where it says `level`."""
    lowered: Level = case.spec.get("level", "must")
    own = [replace(ask, level=lowered) if ask.level == "must" else ask for ask in assertions]
    times = case.spec.get("repeat", 1)
    fired = [p if p.shared else replace(p, times=p.times * times) for p in probes]
    for written in demanded(case.spec, tags):
        own.append(written.ask)
        for compared in written.compared:
            path = steps(case)[: compared.steps]
            fired.append(control(path, compared.tag, compared.over))
    return Expansion(tuple(once(fired)), tuple(own))


def once(probes: Iterable[Probe]) -> Iterator[Probe]:
    """Several demands may name the same control: it is fired once."""
    seen: set[tuple[str, str]] = set()
    for probe in probes:
        if not probe.shared or (probe.tag, probe.panel) not in seen:
            yield probe
        seen.add((probe.tag, probe.panel))


def short(value: Json) -> str:
    """A value in a shot's name: as JSON; of a long one the beginning and a digest."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= 40 else f"{text[:30]}..{digest(text)}"


def digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
