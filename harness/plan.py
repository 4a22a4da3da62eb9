"""Case, Pack, Target -> Plan: every shot with its bytes-to-be, every demand with its shots. Pure."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from harness import checks, placeholders
from harness.behaviours import BY_ID, Ask, Probe, Step
from harness.errors import FileProblems
from harness.model import Call, Case, Demand, Json, Mode, Pack, Plan, Place, Script, Shot, Target

CHAT = {"openai": "/chat/completions"}
ANSWER = {"openai": "openai/completion"}
BASE = "base"
ERROR = {"openai": "openai/error"}


@dataclass(frozen=True, slots=True)
class Fired:
    """A script with the tag and the mode under which demands find it."""

    tag: str
    mode: Mode
    script: Script
    panel: str = ""


def plan(case: Case, pack: Pack, target: Target) -> Plan:
    """What to fire for one case, and what to ask. Raises FileProblems for a case that cannot be."""
    if case.feature in target.lacks:
        return Plan(case, (), (), f"the target claims to lack {case.feature}")
    behaviour = BY_ID[case.behaviour]
    expansion = behaviour.expand(case)
    try:
        fired = [one for probe in expansion.probes for one in aim(case, pack, target, probe)]
    except (KeyError, ValueError, IndexError, TypeError) as error:
        raise FileProblems([(case.place, f"{case.id}: {explain(error)}")]) from error
    demands = [
        demand
        for mode in ("plain", "stream")
        for ask in expansion.asks
        for demand in resolve(case, pack, ask, [one for one in fired if one.mode == mode])
    ]
    bases = list(aim_base(case, pack, target, {one.mode for one in fired}))
    demands += unasked(pack, case, fired, bases, demands)
    fired += bases
    if not any(demand.stage == "rest" or demand.stage == "status" for demand in demands):
        raise FileProblems([(case.place, f"{case.id}: demands nothing of any answer")])
    return Plan(case, tuple(one.script for one in fired), tuple(demands))


def explain(error: Exception) -> str:
    return str(error.args[0]) if error.args else type(error).__name__


def aim(case: Case, pack: Pack, target: Target, probe: Probe) -> Iterator[Fired]:
    """The scripts of a probe: modes x times, or the pack's panel."""
    if probe.panel:
        yield from aim_panel(case, pack, target, probe)
        return
    bare = any(step.http or step.raw is not None for step in probe.steps)
    default = ["plain"] if bare else ["plain", "stream"]
    for mode in probe.modes or case.spec.get("modes", default):
        for turn in range(probe.times):
            yield Fired(probe.tag, mode, script(case, pack, target, probe, mode, turn))


def aim_panel(case: Case, pack: Pack, target: Target, probe: Probe) -> Iterator[Fired]:
    """`ok`, `stream` and `error`: the shared answers on which constants are judged."""
    mode: Mode = "stream" if probe.panel == "stream" else "plain"
    for name, entry in pack.panel.items():
        if (name == "error") != (probe.panel == "error") or entry.get("feature") in target.lacks:
            continue
        steps = (Step(request=entry.get("request", {}), omit=tuple(entry.get("omit", ()))),)
        one = replace(probe, steps=steps, panel="", label=name)
        yield Fired(probe.tag, mode, script(case, pack, target, one, mode, 0), name)


def aim_base(case: Case, pack: Pack, target: Target, modes: set[Mode]) -> Iterator[Fired]:
    """The panel's base answer in each mode, and its error: what is wrong in all is told once."""
    for group, mode in (("ok", "plain"), ("stream", "stream"), ("error", "plain")):
        if mode in modes or group == "error":
            for one in aim_panel(case, pack, target, Probe(BASE, panel=group, shared=True)):
                if one.panel in ("plain", "error"):
                    yield one


def script(
    case: Case, pack: Pack, target: Target, probe: Probe, mode: Mode, turn: int
) -> Script:
    calls = [call(pack, target, step, mode) for step in probe.steps]
    if probe.shared:
        room = f"panel/{probe.label}" if probe.tag in ("panel", BASE) else "shared"
        name = f"{room}/{fingerprint(calls)}/{mode}/{turn + 1}"
    else:
        parts = [case.name, probe.label, mode, str(turn + 1) if probe.times > 1 else ""]
        name = "/".join(part for part in parts if part)
    shots, captured = [], set[str]()
    for step, made in zip(probe.steps, calls, strict=True):
        wanted = placeholders.names_in([made.body, *made.path.split("/")])
        for unknown in sorted(wanted - captured):
            raise ValueError(f"nothing defines ${unknown}; define it in pack.yaml or capture it")
        for taken in sorted(set(step.capture) & {"model", *pack.define}):
            raise ValueError(f"the capture `{taken}` hides the pack's ${taken}; choose another name")
        captured |= set(step.capture)
        own = f"{name}/{step.name}" if len(calls) > 1 else name
        shots.append(
            Shot(own, probe.tag, probe.label, mode, step.name, made, probe.value, step.capture)
        )
    return Script(name, tuple(shots))


def fingerprint(calls: Iterable[Call]) -> str:
    text = json.dumps([[getattr(c, k) for k in c.__slots__] for c in calls], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:10]


def call(pack: Pack, target: Target, step: Step, mode: Mode) -> Call:
    """Base, mode, request, omit, put and drop, in this order; `http` and `raw` as they are."""
    http = step.http
    method, model = http.get("method", "POST"), target.fronts[pack.protocol].model
    made = Call(
        protocol=pack.protocol,
        method=method,
        path=placeholders.fill_path(http.get("path", CHAT[pack.protocol]), {"model": model}),
        headers=tuple((name, value) for name, value in http.get("headers", ())),
        auth=http.get("auth", "key"),
        raw=step.raw,
    )
    if step.raw is not None or (method in ("GET", "HEAD", "OPTIONS") and not step.request):
        return made
    body = {**pack.base, **pack.modes.get(mode, {}), **step.request}
    body = {key: value for key, value in body.items() if key not in step.omit}
    names = {**pack.define, "model": model}
    body = placeholders.fill(body, names, keep=lambda name: name.split(".")[0] not in names)
    for at, value in step.put:
        put(body, at, value)
    for at in step.drop:
        drop(body, at)
    return replace(made, body=body)


def put(body: Json, at: str, value: Json) -> None:
    """Writes a value at a JSON Pointer; its parent must be there."""
    parent, token = parent_of(body, at)
    if isinstance(parent, list):
        parent[int(token)] = copy.deepcopy(value)
    else:
        parent[token] = copy.deepcopy(value)


def drop(body: Json, at: str) -> None:
    parent, token = parent_of(body, at)
    del parent[int(token) if isinstance(parent, list) else token]


def parent_of(body: Json, at: str) -> tuple[Json, str]:
    *path, token = [t.replace("~1", "/").replace("~0", "~") for t in at.split("/")[1:]]
    for step in path:
        try:
            body = body[int(step)] if isinstance(body, list) else body[step]
        except (KeyError, IndexError, ValueError, TypeError) as error:
            raise ValueError(f"the request has no {at} (nothing at `{step}`)") from error
    return body, token


def resolve(case: Case, pack: Pack, ask: Ask, fired: list[Fired]) -> Iterator[Demand]:
    """An ask of tags -> a demand of shots, in one mode; nothing where it has no shots."""
    shots = picked(fired, ask.tags, ask.step)
    if not shots:
        return
    parts = tuple(
        tuple(d for inner in part for d in resolve(case, pack, inner_of(ask, inner), fired))
        for part in ask.parts
    )
    grade = checks.BY_ID[ask.check].grade if ask.check in checks.BY_ID else "accepted"
    args = ask.args
    if ask.check == "schema" and args == "error":
        args = ERROR[pack.protocol]
    yield Demand(
        rule=ask.rule,
        check=ask.check,
        args=args,
        level=ask.level,
        grade=ask.grade or strongest([d.grade for part in parts for d in part], grade),
        shots=shots,
        against=picked(fired, (ask.against,), "") if ask.against else (),
        place=case.at(ask.pointer),
        stage=ask.stage,
        parts=parts,
    )


def inner_of(outer: Ask, inner: Ask) -> Ask:
    return replace(inner, tags=outer.tags, step=outer.step, pointer=inner.pointer or outer.pointer)


def strongest(grades: Iterable[str], least: str) -> Json:
    order = ("none", "accepted", "shape", "effect", "differential", "upstream")
    return max((least, *grades), key=order.index)


def picked(fired: Iterable[Fired], tags: Iterable[str], step: str) -> tuple[str, ...]:
    wanted = set(tags)
    return tuple(
        shot.id
        for one in fired
        if one.tag in wanted
        for shot in ([s for s in one.script.shots if s.step == step] if step else one.script.shots[-1:])
    )


def unasked(
    pack: Pack, case: Case, fired: Iterable[Fired], bases: Iterable[Fired], asked: Iterable[Demand]
) -> Iterator[Demand]:
    """Every shot owes a status and, on the chat path, a shape; of the panel only the plain must."""
    covered = {shot for d in asked if d.stage == "status" for shot in d.shots}
    schemas = {"answer": ANSWER[pack.protocol], "error": ERROR[pack.protocol]}
    place: Place = case.place
    known = [(one.mode, one.panel, one.script.shots[0]) for one in bases]
    for one in fired:
        for shot in one.script.shots:
            if shot.id not in covered:
                wanted = "refused" if one.panel == "error" else "ok"
                level = "must" if one.panel in ("", "plain", "error") else "may"
                yield Demand("status", "status", wanted, level, "accepted", (shot.id,), (), place, "status")
            if (shot.call.method, shot.call.path) == ("POST", CHAT[pack.protocol]):
                excuses = excused(one, shot, known)
                yield Demand("schema", "shape", schemas, "must", "none", (shot.id,), excuses, place, "shape")


def excused(one: Fired, shot: Shot, bases: list[tuple[Mode, str, Shot]]) -> tuple[str, ...]:
    """The base answers whose shape is told elsewhere; a case that sends the base itself tells it."""
    ours = [base for mode, panel, base in bases if panel == "error" or mode == one.mode]
    tells = not one.panel and any(shot.call == base.call for base in ours)
    return () if tells else tuple(base.id for base in ours)


def first_call(pack: Pack, target: Target) -> Script:
    """The plain base request: the cheapest one, and a control of many cases."""
    case = Case("first", pack.id, "", "supported", "core", {}, Place(pack.folder, 1))
    probe = Probe("control", "control", (Step(),), shared=True)
    return script(case, pack, target, probe, "plain", 0)
