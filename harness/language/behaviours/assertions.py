"""Turns what a case expects (`expect`, `should`, `may`, `assume`, `control`) into assertions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from harness.language.behaviours.base import Assertion, Probe, Step
from harness.language.behaviours.steps import merge_over, steps_of
from harness.model import Json, Level
from harness.util.json_pointer import escape
from harness.util.whole_words import with_patterns

BY_KEY = ("headers", "body", "events", "sum")  # one assertion for each key
COMPARING = ("same_as", "more_than")
LEVELS: Mapping[str, Level] = {"expect": "must", "should": "should", "may": "may"}
CHANGES = ("body", "omit")  # what a control changes in the request


def case_assertions(spec: Mapping[str, Json], tags: tuple[str, ...]) -> Iterator[Assertion]:
    """Yield every assertion that a case writes out, for the probes with one of `tags`."""
    steps, base = steps_of(spec), Assertion("", "", tags=tags)
    for key, level in LEVELS.items():
        template = replace(base, level=level, pointer=f"/{key}")
        yield from expand_checks(spec.get(key, {}), template, steps)
    for index, step in enumerate(spec.get("steps", ())):
        for key, level in LEVELS.items():
            pointer = f"/steps/{index}/{key}"
            template = replace(base, level=level, step=step["name"], pointer=pointer)
            yield from expand_checks(step.get(key, {}), template, steps[: index + 1])
    yield from assumptions(spec, base, steps)


def assumptions(
    spec: Mapping[str, Json], base: Assertion, steps: tuple[Step, ...]
) -> Iterator[Assertion]:
    """Yield what must hold, on the shots or on a control, before the case can be decided."""
    for assumed in expand_checks(spec.get("assume", {}), replace(base, pointer="/assume"), steps):
        yield replace(assumed, stage="assume")
    if "control" in spec:
        probe = control_probe("assume", spec["control"], steps)
        template = replace(base, tags=(probe.tag,), pointer="/control/expect")
        for assumed in expand_checks(spec["control"].get("expect", {}), template, steps):
            yield replace(assumed, stage="assume", controls=(probe, *assumed.controls))


def control_probe(kind: str, change: Mapping[str, Json], steps: tuple[Step, ...]) -> Probe:
    """Return the case's own conversation with its last request changed."""
    over = {key: change[key] for key in CHANGES if key in change}
    text = json.dumps([over, len(steps)], sort_keys=True)
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return control(steps, f"{kind}-{digest}", over)


def control(steps: tuple[Step, ...], tag: str, change: Mapping[str, Json]) -> Probe:
    """Return a changed request that is sent twice; equal controls of several cases are shared."""
    return Probe(tag, tag, merge_over(steps, change), times=2, shared=True)


def expand_checks(
    checks: Mapping[str, Json], template: Assertion, steps: tuple[Step, ...]
) -> Iterator[Assertion]:
    """Yield one assertion for each check, or for each key or path of its arguments.

    Args:
        checks: {check: arguments} as under `expect`.
        template: the level, tags, step and pointer of the assertions.
        steps: the requests up to the step that is checked, for controls.
    """
    for name, args in checks.items():
        pointer = f"{template.pointer}/{escape(name)}"
        made = replace(template, rule=name, check=name, args=args, pointer=pointer)
        if name in BY_KEY:
            yield from by_key(made, args)
        elif name in BY_ITEM:
            yield from BY_ITEM[name](made, args)
        elif name in COMPARING:
            probe = control_probe("control", args["control"], steps)
            yield replace(made, args=args["paths"], against=probe.tag, controls=(probe,))
        elif name in ("any_of", "when"):
            yield combine(made, steps)
        elif name == "schema":
            yield replace(made, rule=f"{name} {args}")
        else:
            yield replace(made, stage="status" if name == "status" else "rest")


def by_key(made: Assertion, args: Mapping[str, Json]) -> Iterator[Assertion]:
    for key, expected in args.items():
        arguments = {key: expected if made.check == "sum" else to_schema(expected)}
        rule, below = f"{made.check} {key.removesuffix('?')}", f"{made.pointer}/{escape(key)}"
        yield replace(made, rule=rule, args=arguments, pointer=below)


def to_schema(expected: Json) -> Json:
    """Return the JSON Schema of an expected value: an object, true or false is one already."""
    return with_patterns(expected) if isinstance(expected, (dict, bool)) else {"const": expected}


def unique(made: Assertion, args: Sequence[str]) -> Iterator[Assertion]:
    for index, path in enumerate(args):
        below = f"{made.pointer}/{index}"
        yield replace(made, rule=f"{made.check} {path}", args=path, pointer=below)


def same(made: Assertion, args: Sequence[Json]) -> Iterator[Assertion]:
    """A path has the same value in all answers; the paths of a list have it within an answer."""
    for index, item in enumerate(args):
        check, path = ("same", item) if isinstance(item, str) else ("same_within", item[0])
        below = f"{made.pointer}/{index}"
        yield replace(made, rule=f"same {path}", check=check, args=item, pointer=below)


def forwarded(made: Assertion, args: Mapping[str, Json]) -> Iterator[Assertion]:
    """Yield one assertion for each path and header that reached a provider of either protocol."""
    if "count" in args:
        yield replace(made, rule="forwarded count", args={"count": to_schema(args["count"])})
    for protocol, expected in args.items():
        for kind, keys in expected.items() if protocol != "count" else ():
            for key in keys:
                # The check has its own name for `unique`; transcripts contain it.
                own = "single" if kind == "unique" else kind
                only = [key] if own == "single" else {key: to_schema(keys[key])}
                prefix = {"body": "", "headers": "header ", "single": "single "}[own]
                yield replace(
                    made,
                    rule=f"forwarded {prefix}{key.removesuffix('?')}",
                    args={protocol: {own: only}},
                    pointer=f"{made.pointer}/{protocol}/{kind}/{escape(key)}",
                )


def steps_agree(made: Assertion, args: Sequence[Json]) -> Iterator[Assertion]:
    """Yield assertions on the first of two steps, to be compared with the second."""
    for index, entry in enumerate(args):
        (step, path), (other, _) = entry["paths"].items()
        rule, below = f"steps_agree {step}.{path.removeprefix('$.')}", f"{made.pointer}/{index}"
        # The check has its own name for `values`; transcripts contain it.
        own = {"pairs" if key == "values" else key: value for key, value in entry.items()}
        yield replace(made, rule=rule, args=own, step=step, beside=other, pointer=below)


def combine(made: Assertion, steps: tuple[Step, ...]) -> Assertion:
    """Return the assertion for `any_of` (alternatives) or `when` (checks under a condition)."""
    if made.check == "any_of":
        alternatives = [(f"{made.pointer}/{i}", checks) for i, checks in enumerate(made.args)]
        args: Json = {}
    else:
        args = {"status": made.args["status"]}
        checks = {key: value for key, value in made.args.items() if key != "status"}
        alternatives = [(made.pointer, checks)]
    plain = replace(made, args=None, stage="rest")
    parts = tuple(
        tuple(expand_checks(checks, replace(plain, pointer=pointer), steps))
        for pointer, checks in alternatives
    )
    return replace(made, args=args, parts=parts)


BY_ITEM: Mapping[str, Callable[[Assertion, Json], Iterator[Assertion]]] = {
    "unique": unique,
    "same": same,
    "forwarded": forwarded,
    "steps_agree": steps_agree,
}
