"""Equal scripts, and equal parts of bodies, as one object, since a run keeps all its plans."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

from harness.model import Json, Plan, PlannedAssertion, Script, Shot


class EqualParts:
    """Returns plans with the parts of earlier plans; nothing of them may be changed in place."""

    def __init__(self) -> None:
        self.scripts: dict[str, Script] = {}
        self.values: dict[Hashable, Json] = {}

    def plan(self, plan: Plan) -> Plan:
        """Return an equal plan."""
        prerequisites = (replace(p, script=self.script(p.script)) for p in plan.prerequisites)
        return replace(
            plan,
            scripts=tuple(map(self.script, plan.scripts)),
            assertions=tuple(map(self.assertion, plan.assertions)),
            prerequisites=tuple(prerequisites),
        )

    def script(self, script: Script) -> Script:
        earlier = self.scripts.get(script.id)
        if earlier is None:
            shots = tuple(map(self.shot, script.shots))
            earlier = self.scripts[script.id] = replace(script, shots=shots)
        return earlier if earlier == script else script

    def shot(self, shot: Shot) -> Shot:
        return replace(shot, call=replace(shot.call, body=self.value(shot.call.body)))

    def assertion(self, assertion: PlannedAssertion) -> PlannedAssertion:
        args = self.value(assertion.args)
        return replace(
            assertion,
            args=args,
            parts=tuple(tuple(map(self.assertion, part)) for part in assertion.parts),
        )

    def value(self, value: Json) -> Json:
        """Return equal data; an object with its members in the same order."""
        if isinstance(value, dict):
            members = {name: self.value(item) for name, item in value.items()}
            key = (dict, *((name, key_of(item)) for name, item in members.items()))
            return self.values.setdefault(key, members)
        if isinstance(value, list):
            items = [self.value(item) for item in value]
            return self.values.setdefault((list, *map(key_of, items)), items)
        return value


def key_of(value: Json) -> Hashable:
    """Return what equal values have in common; 1, 1.0 and true differ. Objects are kept above."""
    if isinstance(value, dict | list):
        return id(value)
    return type(value), repr(value) if isinstance(value, float) else value
