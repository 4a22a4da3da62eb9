"""What a case demands in its own words (expect, should, may, assume) -> asks and controls. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from harness.language.behaviours.base import Assertion
from harness.model import Json, Level
from harness.util.json_pointer import escape

KEYED = ("headers", "body", "events", "sum")
LISTED = ("unique", "equal")
COMPARED = ("same_as", "more_than")
LEVELS: Mapping[str, Level] = {"expect": "must", "should": "should", "may": "may"}


@dataclass(frozen=True, slots=True)
class Compared:
    """A control to fire: the first `steps` requests of the case, `over` laid over the last."""

    tag: str
    over: Mapping[str, Json]
    steps: int


@dataclass(frozen=True, slots=True)
class Written:
    """One demand, and the controls that it needs."""

    ask: Assertion
    compared: tuple[Compared, ...] = ()


@dataclass(frozen=True, slots=True)
class Scope:
    """Of what the demands are made: probes with these tags, at a step (none: the last)."""

    tags: tuple[str, ...]
    steps: int
    step: str = ""
    level: Level = "must"


def demanded(spec: Mapping[str, Json], tags: tuple[str, ...]) -> Iterator[Written]:
    """Every demand written in a case: its own, those of its steps, and what it assumes."""
    path = spec.get("steps", ())
    whole = Scope(tags, max(1, len(path)))
    for key, level in LEVELS.items():
        yield from lower(spec.get(key, {}), replace(whole, level=level), f"/{key}")
    for index, item in enumerate(path):
        for key, level in LEVELS.items():
            scope = Scope(tags, index + 1, item["name"], level)
            yield from lower(item.get(key, {}), scope, f"/steps/{index}/{key}")
    yield from assumed(spec.get("assume", {}), whole)


def assumed(assume: Mapping[str, Json], scope: Scope) -> Iterator[Written]:
    """What the model must do for the case to say anything, on a control or on the shots."""
    here = {key: value for key, value in assume.items() if key != "control"}
    for written in lower(here, scope, "/assume"):
        yield replace(written, ask=replace(written.ask, stage="assume"))
    if "control" in assume:
        over = assume["control"]
        checks = {key: value for key, value in over.items() if key not in ("request", "omit")}
        compared = against("assume", over, scope)
        for written in lower(checks, replace(scope, tags=(compared.tag,)), "/assume/control"):
            ask = replace(written.ask, stage="assume")
            yield Written(ask, (compared, *written.compared))


def against(kind: str, over: Mapping[str, Json], scope: Scope) -> Compared:
    laid = {key: over[key] for key in ("request", "omit") if key in over}
    text = json.dumps([laid, scope.steps], sort_keys=True)
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return Compared(f"{kind}-{digest}", laid, scope.steps)


def lower(checks: Mapping[str, Json], scope: Scope, where: str) -> Iterator[Written]:
    """`{check: arguments}` -> one ask for each key or path, with the controls it needs."""
    for name, args in checks.items():
        at = f"{where}/{escape(name)}"
        plain = Assertion(name, name, args, scope.level, scope.tags, scope.step, pointer=at)
        if name in KEYED:
            for key, wanted in args.items():
                rule, below = f"{name} {key.removesuffix('?')}", f"{at}/{escape(key)}"
                yield Written(replace(plain, rule=rule, args={key: wanted}, pointer=below))
        elif name in LISTED:
            for index, path in enumerate(args):
                below = f"{at}/{index}"
                yield Written(replace(plain, rule=f"{name} {path}", args=path, pointer=below))
        elif name in APART:
            yield from APART[name](plain, args)
        elif name in COMPARED:
            compared = against("control", args["control"], scope)
            yield Written(replace(plain, args=args["paths"], against=compared.tag), (compared,))
        elif name in ("any", "when"):
            yield combined(plain, scope)
        elif name == "schema":
            yield Written(replace(plain, rule=f"{name} {args}"))
        else:
            yield Written(replace(plain, stage="status" if name == "status" else "rest"))


def seen(plain: Assertion, args: Json) -> Iterator[Written]:
    """One ask for each path, header and count of what reached a provider of either kind."""
    if "times" in args:
        yield Written(replace(plain, rule="forwarded times", args={"times": args["times"]}))
    for protocol, wanted in args.items():
        for kind, listed in wanted.items() if protocol != "times" else ():
            for key in listed:
                one = [key] if kind == "once" else {key: listed[key]}
                prefix = "" if kind == "body" else f"{'once' if kind == 'once' else 'header'} "
                rule = f"forwarded {prefix}{key.removesuffix('?')}"
                below = f"{plain.pointer}/{protocol}/{kind}/{escape(key)}"
                told = {protocol: {kind: one}}
                yield Written(replace(plain, rule=rule, args=told, pointer=below))


def agreed(plain: Assertion, args: Json) -> Iterator[Written]:
    """Of two steps the first is asked, with the second beside it."""
    for index, entry in enumerate(args):
        (step, path), (other, _) = entry["paths"].items()
        rule, below = f"agree {step}.{path.removeprefix('$.')}", f"{plain.pointer}/{index}"
        yield Written(replace(plain, rule=rule, args=entry, step=step, beside=other, pointer=below))


def combined(outer: Assertion, scope: Scope) -> Written:
    """`any` of several alternatives, or checks `when` a status was seen."""
    if outer.check == "any":
        parts = [(f"{outer.pointer}/{i}", checks) for i, checks in enumerate(outer.args)]
        args: Json = {}
    else:
        args = {"status": outer.args["status"]}
        checks = {key: value for key, value in outer.args.items() if key != "status"}
        parts = [(outer.pointer, checks)]
    lowered = [list(lower(checks, scope, where)) for where, checks in parts]
    compared = tuple(one for part in lowered for written in part for one in written.compared)
    assertions = tuple(tuple(written.ask for written in part) for part in lowered)
    return Written(replace(outer, args=args, parts=assertions), compared)


APART: Mapping[str, Callable[[Assertion, Json], Iterator[Written]]] = {
    "forwarded": seen,
    "agree": agreed,
}
