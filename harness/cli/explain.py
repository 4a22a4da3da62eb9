"""`harness explain`: the requests and assertions of a case, or the meaning of a language word."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from harness.cli import test_bed
from harness.cli.check import load_shipped_or
from harness.cli.printing import say
from harness.util.errors import UsageError
from harness.util.suggestion import suggestion

if TYPE_CHECKING:
    from harness.language.behaviours import Behaviour
    from harness.language.checks import Check
    from harness.model import Case, Json, Pack, PlannedAssertion


@click.command()
@click.argument("name", metavar="NAME")
@click.option("--pack", "packs", multiple=True, metavar="PACK", help="Name or folder of a pack.")
@click.option("--json", "as_json", is_flag=True, help="JSON for other programs.")
def explain(name: str, packs: tuple[str, ...], as_json: bool) -> int:
    """Explain a case, a behaviour, a check, or a gateway that `harness serve` runs.

    NAME is a case (ID or PACK/ID), a behaviour such as clamped, a check such as body, or the ID of
    a mutant or a variant. A case is shown with every request that it sends, every assertion on the
    answers, and the signals that these need. Assertions marked `upstream` are checked only by
    `harness run --upstream`.
    """
    from harness.language.behaviours import BY_ID as BEHAVIOURS
    from harness.language.checks import BY_ID as CHECKS

    loaded = load_shipped_or(packs)
    cases = [case for pack in loaded.values() for case in pack.cases]
    if name in BEHAVIOURS:
        data = behaviour_data(BEHAVIOURS[name], cases)
    elif name in CHECKS and CHECKS[name].in_cases:
        data = check_data(CHECKS[name], cases)
    elif gateway := test_bed.gateway_data(name):
        data = gateway
    else:
        try:
            data = case_data(find_case(loaded.values(), name), loaded)
        except UsageError as error:
            words = [word for word in (*BEHAVIOURS, *CHECKS) if word.startswith(name[:4])]
            hint = f"; `{words[0]}` is a behaviour or check" if words else ""
            raise UsageError(f"{error}{hint}") from None
    say(json.dumps(data, ensure_ascii=False, indent=2) if as_json else format_data(data))
    return 0


def find_case(packs: Iterable[Pack], name: str) -> Case:
    """Return the case with an id (ID or PACK/ID). Raises UsageError."""
    cases = [case for pack in packs for case in pack.cases]
    matches = [case for case in cases if name in (case.id, case.name)]
    if len(matches) > 1:
        raise UsageError(f"several cases are called `{name}`: {', '.join(c.name for c in matches)}")
    if matches:
        return matches[0]
    names = {case.name if "/" in name else case.id for case in cases}
    names |= {*test_bed.mutants(), *test_bed.variants()}
    if name in {case.pack for case in cases}:
        raise UsageError(f"`{name}` is a pack; `harness list --pack {name}` lists its cases")
    raise UsageError(f"no case `{name}`; {suggestion(name, names, 'see `harness list`')}")


def format_data(data: Mapping[str, Any]) -> str:
    from harness.language.case_format import yaml_lines
    from harness.report.rendering import render
    from harness.report.signals import meanings

    more: dict[str, Any] = {"to_text": to_text}
    if data["kind"] == "case":
        answers = Counter[str]()
        for item in data["assertions"]:
            line = f"{item['stage']:<8} {item['level']:<6} {item['rule']}  {assertion_text(item)}"
            answers[line] += len(item["shots"])
        more |= {"assertion_lines": answers, "meanings": meanings()}
    elif "example" in data:
        more["example_lines"] = yaml_lines(data["example"])
        more["schemas"] = {
            key["key"]: {k: v for k, v in key["schema"].items() if k != "description"}
            for key in data.get("keys", ())
        }
    return render("explain.txt.jinja2", {**data, **more}).rstrip("\n")


def to_text(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def case_data(case: Case, packs: dict[str, Pack]) -> dict[str, Any]:
    pack = packs[case.pack]
    from harness.run.pack_checks import preview, rows_of

    plan, row = preview(case, pack), rows_of(pack, packs).get(case.row)
    calls = {shot.id: shot.call for shot in plan.shots}
    return {
        "kind": "case",
        "id": case.name,
        "place": str(case.place),
        "why": case.why,
        "row": case.row,
        "documented_as": row.documented_as if row else "",
        "behaviour": case.behaviour,
        "pack": {"id": pack.id, "version": pack.version},
        "skipped": plan.skip,
        "requests": [
            {
                "shot": shot,
                **{key: getattr(call, key) for key in ("auth", "method", "path")},
                "body": call.body if call.raw is None else call.raw,
            }
            for shot, call in calls.items()
        ],
        "assertions": [assertion_data(assertion) for assertion in plan.assertions],
        "signals": signals_of(plan.assertions),
    }


def signals_of(assertions: Iterable[PlannedAssertion]) -> list[str]:
    """Return the signals without which some assertion is undecided."""
    from harness.plan.calibration import with_parts

    needs = [need for each in assertions for inner in with_parts(each) for need in inner.needs]
    return list(dict.fromkeys(needs))


def assertion_data(assertion: PlannedAssertion) -> dict[str, Any]:
    return {
        **{key: getattr(assertion, key) for key in ("rule", "check", "level")},
        "stage": "upstream" if assertion.grade == "upstream" else assertion.stage,
        "arguments": assertion.args,
        "signals": list(assertion.needs),
        "any_of": [[assertion_data(part) for part in parts] for parts in assertion.parts],
        "shots": list(assertion.shots),
        "controls": list(assertion.against),
    }


def assertion_text(item: Mapping[str, Any]) -> str:
    alternatives = [
        " and ".join(f"{part['rule']} {to_text(part['arguments'])}" for part in parts)
        for parts in item["any_of"]
    ]
    controls = " compared with its controls" if item["controls"] else ""
    return (" or ".join(alternatives) or to_text(item["arguments"])) + controls


def behaviour_data(behaviour: Behaviour, cases: Sequence[Case]) -> dict[str, Any]:
    from harness.language.case_schema import definitions

    used = [case for case in cases if case.behaviour == behaviour.id]
    return {
        "kind": "behaviour",
        "id": behaviour.id,
        "meaning": behaviour.promise,
        "strongest_evidence_without_upstream": behaviour.ceiling,
        "note": behaviour.needs,
        "keys": [
            {"key": key, "required": key in behaviour.required, "schema": schema}
            for key, schema in behaviour.keys.items()
        ],
        "example": definitions()[behaviour.id]["examples"][0],
        "used_in": [case.name for case in used],
    }


def check_data(check: Check, cases: Sequence[Case]) -> dict[str, Any]:
    from harness.language.case_schema import check_definitions
    from harness.load.semantics import assertions

    schema = check_definitions()[check.id]
    hidden = ("description", "examples")
    uses = {case.name: [name for _, name, _ in assertions(case.spec)] for case in cases}
    return {
        "kind": "check",
        "id": check.id,
        "meaning": schema["description"],
        "evidence": check.grade,
        "arguments": {k: value for k, value in schema.items() if k not in hidden},
        "example": {check.id: schema["examples"][0]},
        "used_in": [name for name, checks in uses.items() if check.id in checks],
    }
