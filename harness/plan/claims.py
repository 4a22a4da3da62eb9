"""Applies a target's claim on a row to the cases of that row.

A claim is judged like any promise: the values that the case tries are tried again, and the claimed
behaviour states what is expected of them. A claim can add values and cannot remove any.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import Final

from harness.language.behaviours import BY_ID, Behaviour
from harness.language.behaviours.steps import field_pointer
from harness.load import semantics
from harness.model import Case, Claim, Json, Pack, Place, Target
from harness.util import json_pointer, json_schema
from harness.util.errors import FileProblems

KEPT: Final = ("id", "row", "feature", "why", "source", "modes", "field")
BODY: Final = ("body", "omit")
PLACED: Final = ("path", "answers", "request")
TRIED: Final = ("value", "range", "values", "boundary_values")


def claim_for(case: Case, pack: Pack, target: Target) -> Claim | None:
    """Return the claim that changes what is expected of a case, if there is one."""
    for claim in target.deviations:
        if claim.row in (case.row, f"{case.pack}/{case.row}"):
            if case.behaviour != main_behaviour(case, pack):
                return None
            same = claim.behaviour == case.behaviour and not claim.spec
            return None if same else replace(claim, declared=case.behaviour)
    return None


def main_behaviour(case: Case, pack: Pack) -> str:
    """Return the behaviour that a claim on the case's row replaces.

    It is the declared one if a case has it. Other cases of the row, such as those with values of a
    wrong type, are not affected by the claim.
    """
    used = [other.behaviour for other in pack.cases if other.row == case.row] or [case.behaviour]
    declared = (row.declared for row in pack.rows if row.id == case.row)
    return next((behaviour for behaviour in declared if behaviour in used), used[0])


def apply_claim(case: Case, claim: Claim) -> Case:
    """Return the case with the claimed behaviour. Raises FileProblems if a key does not fit."""
    if claim.behaviour not in BY_ID:
        raise claim_error(claim, f"no behaviour `{claim.behaviour}`; there are {', '.join(BY_ID)}")
    behaviour = BY_ID[claim.behaviour]
    for key in claim.spec.keys() - behaviour.keys - {*behaviour.required, "field"}:
        raise claim_error(claim, f"`{key}` is not a key of `{behaviour.id}`")
    spec = {key: case.spec[key] for key in KEPT if key in case.spec}
    spec |= {"behaviour": behaviour.id, **inherited_keys(case, behaviour), **claim.spec}
    spec |= added_values(spec, behaviour, [*values_of(case)])
    if spec.get("values") == []:
        raise claim_error(claim, f"list in `values` what to send for the case {case.name}")
    errors = json_schema.errors(f"case#/$defs/{behaviour.id}", spec)
    if errors := errors or [*semantics.key_problems(spec), *semantics.expression_problems(spec)]:
        text = "; ".join(f"{at or 'here'}: {problem}" for at, problem in errors)
        raise claim_error(claim, f"as `{behaviour.id}`, for the case {case.name}: {text}")
    return replace(case, behaviour=behaviour.id, spec=spec)


def claim_error(claim: Claim, text: str) -> FileProblems:
    return FileProblems([(claim.place, f"the claim on `{claim.row}`: {text}")])


def inherited_keys(case: Case, behaviour: Behaviour) -> Mapping[str, Json]:
    """Return the keys that the claimed behaviour takes over from the case."""
    if "path" in behaviour.keys:
        return {key: case.spec[key] for key in PLACED if key in case.spec}
    request = case.spec.get("request", {})
    of_another_kind = any(key in case.spec for key in ("steps", "client", "path"))
    if of_another_kind or request.keys() - {*BODY}:
        return {}
    return {"request": request} if request else {}


def added_values(
    spec: Mapping[str, Json], behaviour: Behaviour, case_values: list[Json]
) -> dict[str, Json]:
    """Return the claim's values together with those that the case would have tried."""
    if "value" in behaviour.keys and "value" in spec:
        case_values = [value for value in case_values if value != spec["value"]]
    elif "range" in behaviour.keys:
        bounds = numbers_of(spec.get("range", ()))
        if len(bounds) != 2:  # The schema reports it.
            return {}
        case_values = [v for v in numbers_of(case_values) if not bounds[0] <= v <= bounds[1]]
    if "values" in behaviour.keys:
        values = without_repeats((*spec.get("values", ()), *case_values))
        return {"values": values} if values or "values" in behaviour.required else {}
    return {}


def numbers_of(values: Iterable[Json]) -> list[float]:
    return [value for value in values if type(value) in (int, float)]


def without_repeats(values: Iterable[Json]) -> list[Json]:
    """Return each value once. 1 and true, which are equal in Python, are two values."""
    by_text: dict[str, Json] = {}
    for value in values:
        by_text.setdefault(json.dumps(value, sort_keys=True), value)
    return list(by_text.values())


def values_of(case: Case) -> Iterator[Json]:
    """Yield the values that the case tries, or the one that is in its request body."""
    spec = case.spec
    for key in TRIED:
        if key in spec:
            yield from [spec[key]] if key == "value" else spec[key]
    body = spec.get("request", {}).get("body", {})
    in_body = json_pointer.resolve(body, field_pointer(case))
    if in_body is not None and not any(key in spec for key in TRIED):
        yield in_body


def unclaimable(target: Target, packs: Mapping[str, Pack]) -> list[tuple[Place, str]]:
    """Return the claims on rows that no loaded pack has. Claims on other packs can be right."""
    rows = {row.id for pack in packs.values() for row in pack.rows}
    rows |= {case.row for pack in packs.values() for case in pack.cases}
    errors = []
    for claim in target.deviations:
        pack, slash, row = claim.row.rpartition("/")
        if row not in rows and (not slash or pack in packs):
            near = get_close_matches(row, rows, 1, 0.75)
            hint = f"did you mean {near[0]}?" if near else "`harness list --coverage` names them"
            errors.append((claim.place, f"no row `{claim.row}` in these packs; {hint}"))
    return errors
