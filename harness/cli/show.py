"""`harness list`, `explain`, `check`: what the cases say, without sending anything."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from harness.util.errors import FileProblems, UsageError

if TYPE_CHECKING:
    from harness.model import Case, Json, Pack, Place, Plan, PlannedAssertion, Row

# Nothing listens there: a plan is made as if somebody stood behind the gateway.
EXAMPLE: Final = "127.0.0.1:0"


@click.command("list")
@click.option("--pack", "packs", multiple=True, metavar="P", help="A pack's name or folder.")
@click.option("--coverage", is_flag=True, help="Rows against cases, and what is uncovered.")
def list_cases(packs: tuple[str, ...], coverage: bool) -> int:
    """List the cases, or what they cover."""
    from harness.language.behaviours import BY_ID
    from harness.load import load_packs, shipped_packs

    loaded = load_packs(packs or shipped_packs(), tuple(BY_ID))
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
    from harness.report.coverage import coverage

    bare = 0
    for pack in packs:
        lines = coverage(pack)
        click.echo(f"{pack.id} {pack.version}")
        for line in lines:
            excuse = f"not testable: {line.row.not_testable}" if line.row.not_testable else ""
            covered = ", ".join(line.cases) or excuse or "UNCOVERED"
            click.echo(f"  {line.row.id:<44} {line.row.declared:<13} {covered}")
        excused = [line for line in lines if not line.cases and line.row.not_testable]
        uncovered = [line for line in lines if not line.cases and not line.row.not_testable]
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
    """Print what CASE expands to: every request, and every demand on its answers.

    Those that say `upstream` are asked where a provider is played, by `harness run --upstream`.
    """
    from harness import load, run

    options = run.Options(packs=packs or load.shipped_packs(), upstream=EXAMPLE)
    opened = run.load_session(options)
    found = find(opened.packs.values(), case)
    row = row_of(found, opened.packs.values())
    pack = opened.packs[found.pack]
    about = f"row {found.row}: {row.documented_as}" if row else f"row {found.row}"
    click.echo(f"{found.name}  ({found.place})")
    if found.why:
        click.echo(f"  {found.why}")
    click.echo(f"  {about}   behaviour {found.behaviour}, {pack.id} {pack.version}")
    for line in explained(opened.plan(found)):
        click.echo(line)
    return 0


def find(packs: Iterable[Pack], name: str) -> Case:
    import difflib

    cases = [case for pack in packs for case in pack.cases]
    meant = [case for case in cases if name in (case.id, case.name)]
    if len(meant) > 1:
        raise UsageError(f"which `{name}`: {' or '.join(case.name for case in meant)}?")
    if meant:
        return meant[0]
    near = difflib.get_close_matches(name, [case.id for case in cases], 1)
    hint = f"did you mean {near[0]}?" if near else "`harness list` names them all"
    raise UsageError(f"no case `{name}`; {hint}")


def row_of(case: Case, packs: Iterable[Pack]) -> Row | None:
    """In the case's own pack, or in one that it extends."""
    own_first = sorted(packs, key=lambda pack: pack.id != case.pack)
    return next((row for pack in own_first for row in pack.rows if row.id == case.row), None)


def explained(plan: Plan) -> Iterator[str]:
    from harness.report.text import plural

    yield f"\n{plural(len(plan.shots), 'shot')}"
    for shot in plan.shots:
        call = shot.call
        yield f"  {shot.id}" + ("" if call.auth == "key" else f"  [auth {call.auth}]")
        yield f"      {call.method} {call.path} {cut(call.body if call.raw is None else call.raw)}"
    yield f"\n{plural(len(plan.assertions), 'assertion')}"
    seen: dict[tuple[str, ...], int] = {}
    for assertion in plan.assertions:
        stage = "upstream" if assertion.grade == "upstream" else str(assertion.stage)
        key = (stage, assertion.level, assertion.rule, told(assertion))
        seen[key] = seen.get(key, 0) + len(assertion.shots)
    for (stage, level, rule, text), count in seen.items():
        yield f"  {stage:<8} {level:<6} {rule}  {text}  (on {plural(count, 'answer')})"


def told(assertion: PlannedAssertion) -> str:
    against = " against its controls" if assertion.against else ""
    parts = [" and ".join(f"{d.rule} {cut(d.args, 80)}" for d in part) for part in assertion.parts]
    return f"{' or '.join(parts) or cut(assertion.args, 120)}{against}"


def cut(value: Json, most: int = 200) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= most else f"{text[:most]}..."


@click.command()
@click.argument("files", nargs=-1)
def check(files: tuple[str, ...]) -> int:
    """Validate packs, or FILES of them (default: what ships), every mistake at once."""
    from harness import load, run
    from harness.load import requirements, smoke

    opened = run.load_session(run.Options(packs=tuple(map(pack_of, files)) or load.shipped_packs()))
    problems: list[tuple[Place, str]] = []
    for pack in opened.packs.values():
        problems += (*requirements.requirement_problems(pack), *smoke.smoke_problems(pack))
        for case in pack.cases:
            try:
                opened.plan(case)
            except FileProblems as error:
                problems += error.problems
    if problems:
        raise FileProblems(problems)
    for pack in opened.packs.values():
        later = len(requirements.later(pack)) if pack.frozen else 0
        frozen = f"; {later} not required before the next version" if later else ""
        click.echo(
            f"{pack.id} {pack.version}: {len(pack.cases)} cases, {len(pack.rows)} rows, "
            f"no mistakes{frozen}"
        )
    return 0


def pack_of(name: str) -> str:
    """The pack that a file lies in; anything else is a pack's own name or folder."""
    path = Path(name)
    if not path.is_file():
        return name
    if not (path.parent / "pack.yaml").is_file():
        raise UsageError(f"{name} lies in no pack: put it beside a pack.yaml")
    return str(path.parent)
