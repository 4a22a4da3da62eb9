"""`harness list`, `explain`, `check`: what the cases say, without sending anything."""

from __future__ import annotations

import json
from collections.abc import Sequence

import click

from harness.model import Case, Demand, Json, Pack, Plan




@click.command("list")
@click.option("--pack", "packs", multiple=True, metavar="P", help="A pack's name or folder.")
@click.option("--coverage", is_flag=True, help="Rows against cases, and what is uncovered.")
def list_cases(packs: tuple[str, ...], coverage: bool) -> int:
    """List the cases, or what they cover."""
    from harness.behaviours import BY_ID
    from harness.load import load_packs

    loaded = load_packs(packs or ("openai-compat",), tuple(BY_ID))
    if coverage:
        return show_coverage(loaded)
    for pack in loaded:
        click.echo(f"{pack.id} {pack.version}: {pack.title}")
        for case in pack.cases:
            click.echo(f"  {case.id:<44} {case.behaviour:<13} {case.row}")
        click.echo(f"  {len(pack.cases)} cases, {len(pack.rows)} rows")
    return 0


def show_coverage(packs: Sequence[Pack]) -> int:
    """Rows and their cases; exit 1 when a row has neither a case nor a reason."""
    from harness.coverage import coverage

    bare = 0
    for pack in packs:
        lines = coverage(pack)
        click.echo(f"{pack.id} {pack.version}")
        for line in lines:
            told = ", ".join(line.cases) or (f"not testable: {line.row.not_testable}" if line.row.not_testable else "UNCOVERED")
            click.echo(f"  {line.row.id:<44} {line.row.declared:<13} {told}")
        uncovered = [line for line in lines if not line.cases and not line.row.not_testable]
        excused = [line for line in lines if not line.cases and line.row.not_testable]
        bare += len(uncovered)
        click.echo(
            f"  {len(lines)} rows: {len(lines) - len(uncovered) - len(excused)} with cases, "
            f"{len(excused)} not testable, {len(uncovered)} uncovered; {len(pack.cases)} cases"
        )
    return 1 if bare else 0


@click.command()
@click.argument("case")
@click.option("--pack", "packs", multiple=True, metavar="P", help="A pack's name or folder.")
def explain(case: str, packs: tuple[str, ...]) -> int:
    """Print what CASE expands to: every request, and every demand on its answers."""
    from harness import session

    opened = session.open_session(session.Options(packs=packs))
    found = find(opened.packs.values(), case)
    plan = opened.plan(found)
    pack = opened.packs[found.pack]
    row = next((r for p in opened.packs.values() for r in p.rows if r.id == found.row), None)
    click.echo(f"{found.name}  ({found.place})")
    click.echo(f"  {found.why}" if found.why else "", nl=bool(found.why))
    click.echo(f"  row {found.row}: {row.status if row else ''}   behaviour {found.behaviour}, {pack.id} {pack.version}")
    for line in explained(plan):
        click.echo(line)
    return 0


def find(packs: Sequence[Pack] | object, name: str) -> Case:
    import difflib

    from harness.errors import UsageError

    cases = [case for pack in packs for case in pack.cases]  # type: ignore[attr-defined]
    for case in cases:
        if name in (case.id, case.name):
            return case  # type: ignore[no-any-return]
    near = difflib.get_close_matches(name, [case.id for case in cases], 1)
    raise UsageError(f"no case `{name}`" + (f"; did you mean {near[0]}?" if near else "; `harness list` names them all"))


def explained(plan: Plan) -> list[str]:
    lines = [f"\n{len(plan.shots)} shots"]
    for shot in plan.shots:
        call = shot.call
        auth = "" if call.auth == "key" else f"  [auth {call.auth}]"
        lines.append(f"  {shot.id}{auth}")
        lines.append(f"      {call.method} {call.path} {cut(call.raw if call.raw is not None else call.body)}")
    lines.append(f"\n{len(plan.demands)} demands")
    seen: dict[tuple[str, ...], int] = {}
    for demand in plan.demands:
        key = (demand.stage, demand.level, demand.rule, told(demand))
        seen[key] = seen.get(key, 0) + len(demand.shots)
    for (stage, level, rule, text), count in seen.items():
        lines.append(f"  {stage:<6} {level:<6} {rule}  {text}  (on {count} answers)")
    return lines


def told(demand: Demand) -> str:
    against = " against its controls" if demand.against else ""
    parts = " or ".join(" and ".join(f"{d.rule} {cut(d.args, 80)}" for d in part) for part in demand.parts)
    return f"{parts or cut(demand.args, 120)}{against}"


def cut(value: Json, most: int = 200) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= most else f"{text[:most]}..."


@click.command()
@click.argument("folders", nargs=-1)
def check(folders: tuple[str, ...]) -> int:
    """Validate the packs in FOLDERS (default: those that ship), every mistake at once."""
    from harness import session

    opened = session.open_session(session.Options(packs=folders))
    for pack in opened.packs.values():
        for case in pack.cases:
            opened.plan(case)
        click.echo(f"{pack.id} {pack.version}: {len(pack.cases)} cases, {len(pack.rows)} rows, no mistakes")
    return 0
