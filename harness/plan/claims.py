"""A case, a target's claims -> the case as the target claims that it is. Pure.

What the case tries is tried again, and the claimed behaviour says what is owed: a claim is judged
like any promise. It may name more to try, and cannot leave anything out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import Final

from harness.language.behaviours import BY_ID, Behaviour
from harness.load import semantics
from harness.model import Case, Claim, Json, Pack, Place, Target
from harness.util import json_schema
from harness.util.errors import FileProblems

KEPT: Final = ("id", "row", "also", "feature", "why", "source", "modes", "at")
BODY: Final = ("request", "omit")
PLACED: Final = ("path", "header", "on", "provoke")
TRIED: Final = ("values", "extreme", "value", "others", "range", "over")
ELSEWHERE: Final = ("steps", "raw", "http", "client")  # requests that are no field's


def claim_for(case: Case, pack: Pack, target: Target) -> Claim | None:
    """The claim that concerns a case; one that says what the case says is none."""
    for claim in target.deviations:
        if claim.row in (case.row, f"{case.pack}/{case.row}"):
            if case.behaviour != main(case, pack):
                return None
            same = claim.behaviour == case.behaviour and not claim.spec
            return None if same else replace(claim, declared=case.behaviour)
    return None


def main(case: Case, pack: Pack) -> str:
    """The behaviour that a claim on the case's row speaks of: the declared one, where a case has
    it. Cases of the row that are about something else, such as values of a wrong type, stay.
    """
    ways = [other.behaviour for other in pack.cases if other.row == case.row] or [case.behaviour]
    declared = (row.declared for row in pack.rows if row.id == case.row)
    return next((way for way in declared if way in ways), ways[0])


def apply_claim(case: Case, claim: Claim) -> Case:
    """Raises FileProblems where the claim does not say enough, or more than a claim may."""
    if claim.behaviour not in BY_ID:
        raise wrong(claim, f"no behaviour `{claim.behaviour}`; there are {', '.join(BY_ID)}")
    own = BY_ID[claim.behaviour]
    for key in claim.spec.keys() - own.keys - {*own.required, "at"}:
        raise wrong(claim, f"`{key}` is no key of `{own.id}`")
    spec = {key: case.spec[key] for key in KEPT if key in case.spec}
    spec |= {"behaviour": own.id, **usual(case, own), **claim.spec}
    spec |= widened(spec, own, [*tried(case)])
    if "values" in own.required and not spec["values"]:
        raise wrong(claim, f"say with `values` what to send for the case {case.name}")
    found = json_schema.errors(f"case#/$defs/{own.id}", spec)
    if found := found or [*semantics.wording(spec), *semantics.inner(spec)]:
        said = "; ".join(f"{at or 'here'}: {text}" for at, text in found)
        raise wrong(claim, f"as `{own.id}`, for the case {case.name}: {said}")
    return replace(case, behaviour=own.id, spec=spec)


def wrong(claim: Claim, text: str) -> FileProblems:
    return FileProblems([(claim.place, f"the claim on `{claim.row}`: {text}")])


def usual(case: Case, own: Behaviour) -> Mapping[str, Json]:
    """What the claimed behaviour takes over from the case."""
    if "path" in own.keys:
        return {key: case.spec[key] for key in PLACED if key in case.spec and key in own.keys}
    if any(key in case.spec for key in ELSEWHERE):
        return {}
    return {key: case.spec[key] for key in BODY if key in case.spec}


def widened(spec: Mapping[str, Json], own: Behaviour, known: list[Json]) -> dict[str, Json]:
    """What the claim tries, and what the case would have tried."""
    if "others" in own.keys and "value" in spec:
        others = [value for value in known if value != spec["value"]]
        return {"others": [*once((*spec.get("others", ()), *others))]}
    if "over" in own.keys and "range" in spec:
        low, high = spec["range"].get("min"), spec["range"].get("max")
        numbers = [v for v in known if type(v) in (int, float)]
        beyond = [v for v in numbers if not (low is None or high is None or low <= v <= high)]
        return {"over": [*once((*spec.get("over", ()), *beyond))]}
    if "values" in own.keys:
        values = [*once((*spec.get("values", ()), *known))]
        return {"values": values} if values or "values" in own.required else {}
    return {}


def once(values: Iterable[Json]) -> Iterator[Json]:
    """Each value once; 1 and true, which are equal to Python, are two."""
    seen: set[str] = set()
    for value in values:
        text = json.dumps(value, sort_keys=True)
        if text not in seen:
            seen.add(text)
            yield value


def tried(case: Case) -> Iterator[Json]:
    """The values that the case puts where its field is, or the one that is in its request."""
    spec = case.spec
    for key in TRIED:
        if key in spec:
            given = spec[key]
            many = given.values() if key == "range" else [given] if key == "value" else given
            yield from many
    tokens = str(spec.get("at", "/" + case.row)).split("/")[1:]
    place = spec.get("request", {})
    for token in tokens:
        inner = place.get(token) if isinstance(place, dict) else None
        place = place[int(token)] if of_list(place, token) else inner
    if place is not None and not any(key in spec for key in TRIED):
        yield place


def of_list(place: Json, token: str) -> bool:
    return isinstance(place, list) and token.isdecimal() and int(token) < len(place)


def unclaimable(target: Target, packs: Mapping[str, Pack]) -> list[tuple[Place, str]]:
    """Claims on rows that nobody has; what is claimed of packs that are not here may be right."""
    rows = {row.id for pack in packs.values() for row in pack.rows}
    rows |= {case.row for pack in packs.values() for case in pack.cases}
    found = []
    for claim in target.deviations:
        pack, slash, row = claim.row.rpartition("/")
        if row not in rows and (not slash or pack in packs):
            near = get_close_matches(row, rows, 1)
            hint = f"did you mean {near[0]}?" if near else "`harness list --coverage` names them"
            found.append((claim.place, f"no row `{claim.row}` in these packs; {hint}"))
    return found
