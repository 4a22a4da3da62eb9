"""A case's shared keys (request, steps, expect, assume) -> steps, asks and controls. Pure."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping

from harness.behaviours.record import Ask, Expansion, Probe, Step
from harness.model import Case, Json, Level

KEYED = ("headers", "body", "events", "sum")
LISTED = ("unique", "equal")
COMPARED = ("same_as", "more_than")
LEVELS: Mapping[str, Level] = {"expect": "must", "should": "should", "may": "may"}


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
        raw=item.get("raw"),
        capture=item.get("capture", {}),
    )


def pointer(case: Case) -> str:
    """Where the case's value goes in the request body."""
    at: str = case.spec.get("at", "/" + case.row)
    return at


def last(path: tuple[Step, ...], **changes: Json) -> tuple[Step, ...]:
    """The steps with the last one changed."""
    return (*path[:-1], dataclasses.replace(path[-1], **changes))


def laid(path: tuple[Step, ...], over: Mapping[str, Json]) -> tuple[Step, ...]:
    """The steps with a control's `request` and `omit` laid over the last one."""
    end = path[-1]
    request = {**end.request, **over.get("request", {})}
    omit = tuple(key for key in end.omit if key not in over.get("request", {}))
    return last(path, request=request, omit=(*omit, *over.get("omit", ())))


def probes_for(case: Case, tag: str, values: Iterable[Json]) -> Iterator[Probe]:
    """One probe for each value, put where the case says."""
    path, at = steps(case), pointer(case)
    for value in values:
        put = (*path[-1].put, (at, value))
        yield Probe(tag, f"{tag}={short(value)}", last(path, put=put), value)


def control(case: Case, tag: str = "control", over: Mapping[str, Json] | None = None) -> Probe:
    """The same request without the field under test, fired twice and shared."""
    return Probe(tag, tag, laid(steps(case), over or {}), times=2, shared=True)


def finish(
    case: Case, probes: Iterable[Probe], asks: Iterable[Ask], tags: tuple[str, ...] = ("probe",)
) -> Expansion:
    """Adds what the case itself demands of `tags`, and lowers the musts where it says `level`."""
    probes, own = list(probes), list(asks)
    lowered: Level | None = case.spec.get("level")
    if lowered:
        own = [dataclasses.replace(ask, level=lowered) if ask.level == "must" else ask for ask in own]
    for written, more in demanded(case, tags):
        own.append(written)
        probes.extend(more)
    times = case.spec.get("repeat", 1)
    probes = [p if p.shared else dataclasses.replace(p, times=times) for p in probes]
    return Expansion(tuple(unique(probes)), tuple(own))


def demanded(case: Case, tags: tuple[str, ...]) -> Iterator[tuple[Ask, list[Probe]]]:
    """Every demand written in the case: expect, should, may, assume, and those of its steps."""
    for key, level in LEVELS.items():
        yield from lower(case, case.spec.get(key, {}), level, f"/{key}", tags)
    for index, item in enumerate(case.spec.get("steps", ())):
        for key, level in LEVELS.items():
            where = f"/steps/{index}/{key}"
            for ask, more in lower(case, item.get(key, {}), level, where, tags):
                yield dataclasses.replace(ask, step=item["name"]), more
    yield from assumed(case, case.spec.get("assume", {}), tags)


def assumed(
    case: Case, assume: Mapping[str, Json], tags: tuple[str, ...]
) -> Iterator[tuple[Ask, list[Probe]]]:
    """What the model must do for the case to say anything, on a control or on the shots."""
    here = {key: value for key, value in assume.items() if key != "control"}
    for ask, more in lower(case, here, "must", "/assume", tags):
        yield dataclasses.replace(ask, stage="assume"), more
    if "control" in assume:
        over = assume["control"]
        probe = control(case, f"assume-{digest(over)}", over)
        checks = {key: value for key, value in over.items() if key not in ("request", "omit")}
        for ask, more in lower(case, checks, "must", "/assume/control", (probe.tag,)):
            yield dataclasses.replace(ask, stage="assume"), [probe, *more]


def lower(
    case: Case, checks: Mapping[str, Json], level: Level, where: str, tags: tuple[str, ...]
) -> Iterator[tuple[Ask, list[Probe]]]:
    """`{check: arguments}` -> one ask for each key or path, with the controls it needs."""
    for name, args in checks.items():
        at = f"{where}/{escaped(name)}"
        if name in KEYED:
            for key, wanted in args.items():
                rule = f"{name} {key.removesuffix('?')}"
                yield Ask(rule, name, {key: wanted}, level, tags, pointer=f"{at}/{escaped(key)}"), []
        elif name in LISTED:
            for index, path in enumerate(args):
                yield Ask(f"{name} {path}", name, path, level, tags, pointer=f"{at}/{index}"), []
        elif name in COMPARED:
            probe = control(case, f"control-{digest(args['control'])}", args["control"])
            yield Ask(name, name, args["paths"], level, tags, "", probe.tag, pointer=at), [probe]
        elif name in ("any", "when"):
            yield combined(case, name, args, level, at, tags)
        else:
            stage = "status" if name == "status" else "rest"
            rule = f"{name} {args}" if name == "schema" else name
            yield Ask(rule, name, args, level, tags, stage=stage, pointer=at), []


def combined(
    case: Case, name: str, args: Json, level: Level, at: str, tags: tuple[str, ...]
) -> tuple[Ask, list[Probe]]:
    """`any` of several alternatives, or checks `when` a status was seen."""
    conditions = {} if name == "any" else {"status": args["status"]}
    written = args if name == "any" else [{k: v for k, v in args.items() if k != "status"}]
    parts, probes = [], []
    for index, checks in enumerate(written):
        lowered = list(lower(case, checks, level, f"{at}/{index}" if name == "any" else at, tags))
        parts.append(tuple(ask for ask, _ in lowered))
        probes.extend(probe for _, more in lowered for probe in more)
    return Ask(name, name, conditions, level, tags, pointer=at, parts=tuple(parts)), probes


def unique(probes: Iterable[Probe]) -> Iterator[Probe]:
    """Several demands may name the same control: it is fired once."""
    seen: set[tuple[str, str]] = set()
    for probe in probes:
        if not probe.shared or (probe.tag, probe.panel) not in seen:
            yield probe
        seen.add((probe.tag, probe.panel))


def digest(value: Json) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:8]


def escaped(token: str) -> str:
    return token.replace("~", "~0").replace("/", "~1")


def short(value: Json) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= 40 else f"{text[:30]}..{digest(value)}"
