"""`harness explain`: the requests and assertions of a case, or the meaning of a language word."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

from harness.cli.explain_language import (
    behaviour_data,
    behaviour_lines,
    check_data,
    check_lines,
    to_text,
)
from harness.cli.plan_preview import find_case, load_shipped_or, preview, row_of
from harness.util.errors import UsageError

if TYPE_CHECKING:
    from harness.model import Case, Pack, Plan, PlannedAssertion


@click.command()
@click.argument("name", metavar="CASE|BEHAVIOUR|CHECK")
@click.option("--pack", "packs", multiple=True, metavar="PACK", help="Name or folder of a pack.")
@click.option("--json", "as_json", is_flag=True, help="JSON for other programs.")
def explain(name: str, packs: tuple[str, ...], as_json: bool) -> int:
    """Explain a case (ID or PACK/ID), a behaviour (such as clamped) or a check (such as body).

    A case is shown with every request that it sends and every assertion on the answers.
    Assertions marked `upstream` are checked only by `harness run --upstream`.
    """
    from harness.language.behaviours import BY_ID as BEHAVIOURS
    from harness.language.checks import BY_ID as CHECKS

    loaded = load_shipped_or(packs)
    cases = [case for pack in loaded.values() for case in pack.cases]
    if name in BEHAVIOURS:
        data = behaviour_data(BEHAVIOURS[name], cases)
        lines = list(behaviour_lines(data))
    elif name in CHECKS and CHECKS[name].in_cases:
        data = check_data(CHECKS[name], cases)
        lines = list(check_lines(data))
    else:
        try:
            case = find_case(loaded.values(), name)
        except UsageError as error:
            words = [word for word in (*BEHAVIOURS, *CHECKS) if word.startswith(name[:4])]
            hint = f"; `{words[0]}` is a behaviour or check" if words else ""
            raise UsageError(f"{error}{hint}") from None
        data = case_data(case, loaded, preview(case, loaded[case.pack]))
        lines = list(case_lines(data))
    click.echo(to_text(data, indent=2) if as_json else "\n".join(lines))
    return 0


def case_data(case: Case, packs: Mapping[str, Pack], plan: Plan) -> dict[str, Any]:
    row, pack = row_of(case, packs.values()), packs[case.pack]
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
                "shot": shot.id,
                "auth": shot.call.auth,
                "method": shot.call.method,
                "path": shot.call.path,
                "body": shot.call.body if shot.call.raw is None else shot.call.raw,
            }
            for shot in plan.shots
        ],
        "assertions": [assertion_data(assertion) for assertion in plan.assertions],
    }


def assertion_data(assertion: PlannedAssertion) -> dict[str, Any]:
    return {
        "rule": assertion.rule,
        "check": assertion.check,
        "level": assertion.level,
        "stage": "upstream" if assertion.grade == "upstream" else assertion.stage,
        "arguments": assertion.args,
        "any_of": [[assertion_data(part) for part in parts] for parts in assertion.parts],
        "shots": list(assertion.shots),
        "controls": list(assertion.against),
    }


def case_lines(data: Mapping[str, Any]) -> Iterator[str]:
    from harness.report.text import plural

    yield f"{data['id']}  ({data['place']})"
    if data["why"]:
        yield f"  {data['why']}"
    row = f"row {data['row']}" + (f": {data['documented_as']}" if data["documented_as"] else "")
    yield f"  {row}   behaviour {data['behaviour']}, {data['pack']['id']} {data['pack']['version']}"
    yield f"\n{plural(len(data['requests']), 'request')}"
    for request in data["requests"]:
        yield f"  {request['shot']}" + (
            "" if request["auth"] == "key" else f"  [auth {request['auth']}]"
        )
        yield f"      {request['method']} {request['path']} {to_text(request['body'])}"
    yield f"\n{plural(len(data['assertions']), 'assertion')}"
    answers: dict[tuple[str, ...], int] = {}
    for item in data["assertions"]:
        key = (item["stage"], item["level"], item["rule"], assertion_text(item))
        answers[key] = answers.get(key, 0) + len(item["shots"])
    for (stage, level, rule, text), count in answers.items():
        yield f"  {stage:<8} {level:<6} {rule}  {text}  (on {plural(count, 'answer')})"


def assertion_text(item: Mapping[str, Any]) -> str:
    alternatives = [
        " and ".join(f"{part['rule']} {to_text(part['arguments'])}" for part in parts)
        for parts in item["any_of"]
    ]
    controls = " compared with its controls" if item["controls"] else ""
    return (" or ".join(alternatives) or to_text(item["arguments"])) + controls
