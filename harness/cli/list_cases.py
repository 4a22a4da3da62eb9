"""`harness list`: the cases of packs, which rows they cover, the rules, or gateways to serve."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

import click

from harness.cli.check import load_shipped_or
from harness.cli.printing import say
from harness.util.errors import UsageError
from harness.util.suggestion import suggestion

if TYPE_CHECKING:
    from harness.model import Case, Pack
    from harness.report.coverage import CoveredRow

Records = Sequence[dict[str, Any]]


@click.command("list")
@click.option("--pack", "packs", multiple=True, metavar="PACK", help="Name or folder of a pack.")
@click.option("--case", "names", multiple=True, metavar="ID", help="Only this case; repeatable.")
@click.option("--coverage", is_flag=True, help="Rows with their cases, and rows without any.")
@click.option("--mutants", is_flag=True, help="Gateways with one fault, for `harness serve`.")
@click.option("--variants", is_flag=True, help="Right but unusual gateways to serve.")
@click.option("--rules", is_flag=True, help="Rules of assertions, with what is wrong if one fails.")
@click.option("--json", "as_json", is_flag=True, help="JSON for other programs.")
def list_cases(packs: tuple[str, ...], names: tuple[str, ...], as_json: bool, **what: bool) -> int:
    """List the cases of the packs (default: all that ship), the rules, or the gateways to serve.

    With --pack or --case, --mutants has the mutants that these cases find, and --variants has the
    variants of the pack's protocol, or those that change what the case's row shows.
    """
    check_together(packs, names, what)
    if what["rules"]:
        return print_rules(as_json)
    loaded = [*load_shipped_or(packs).values()]
    chosen = find_cases(loaded, names)
    if what["mutants"] or what["variants"]:
        return print_gateways(loaded, chosen if names else None, what, as_json)
    if what["coverage"]:
        return print_coverage(loaded, as_json)
    return print_cases(loaded, chosen, as_json)


def check_together(packs: Sequence[str], names: Sequence[str], what: dict[str, bool]) -> None:
    """Raises UsageError for options of which one would have no effect."""
    given = [name for name in ("rules", "coverage", "mutants", "variants") if what[name]]
    without = {"rules": {"pack": packs, "case": names}, "coverage": {"case": names}}
    given += [name for name, value in without.get("".join(given[:1]), {}).items() if value]
    if len(given) > 1 and given != ["mutants", "variants"]:
        raise UsageError(f"--{given[0]} and --{given[1]} contradict each other")


def find_cases(packs: Sequence[Pack], names: Sequence[str]) -> list[Case]:
    """Return the cases with these ids (ID or PACK/ID), or all. Raises UsageError."""
    cases = [case for pack in packs for case in pack.cases]
    known = {name for case in cases for name in (case.id, case.name)}
    for name in names:
        if name not in known:
            raise UsageError(f"no case `{name}`; {suggestion(name, known, 'see `harness list`')}")
    return [case for case in cases if not names or case.id in names or case.name in names]


def print_json(records: Records) -> None:
    say(json.dumps(records, ensure_ascii=False, indent=2))


def print_cases(packs: Sequence[Pack], cases: Sequence[Case], as_json: bool) -> int:
    """Print the cases by pack."""
    if as_json:
        keys = ("pack", "id", "row", "behaviour", "feature", "why")
        print_json([{key: getattr(case, key) for key in keys} for case in cases])
        return 0
    for pack in packs:
        own = [case for case in cases if case.pack == pack.id]
        if own:
            say(f"{pack.id} {pack.version}: {pack.title}")
        for case in own:
            say(f"  {case.id:<44} {case.behaviour:<13} {case.row}")
        if len(own) == len(pack.cases):
            say(f"  {len(pack.cases)} cases, {len(pack.rows)} rows")
    return 0


def print_rules(as_json: bool) -> int:
    """Print each rule with its sentences."""
    from harness.report.causes.rule_list import list_rules

    rules = [*list_rules()]
    if as_json:
        print_json([rule._asdict() for rule in rules])
        return 0
    for rule in rules:
        say(f"{rule.id}: {rule.wrong}")
        for label, text in (("why", rule.why), ("search first", rule.hint)):
            if text:
                say(f"  {label}: {text}")
        for protocol, level, expected, _ in rule.parts:
            say(f"  {protocol}, {level}: {expected}")
    return 0


def print_gateways(
    packs: Sequence[Pack], cases: Sequence[Case] | None, what: dict[str, bool], as_json: bool
) -> int:
    """Print the mutants by the case that finds each, and the variants."""
    from harness.cli import test_bed

    mutants = test_bed.mutant_records(packs, cases) if what["mutants"] else []
    variants = test_bed.variant_records(packs, cases) if what["variants"] else []
    if as_json:
        print_json([*mutants, *variants])
        return 0
    for case, own in groupby(mutants, lambda record: str(record["case"])):
        say(f"{case}")
        print_described([*own], "  ")
    print_described(variants)
    counts = {"mutants": mutants, "variants": variants}
    say(", ".join(f"{len(counts[name])} {name}" for name in counts if what[name]))
    return 0


def print_described(records: Records, indent: str = "") -> None:
    for record in records:
        say(f"{indent}{record['id']:<38} {record['description']}")


def print_coverage(packs: Sequence[Pack], as_json: bool) -> int:
    """Print the rows and their cases; return 1 if a row has neither a case nor a reason."""
    from harness.report.coverage import coverage

    lines = {pack.id: coverage(pack) for pack in packs}
    is_uncovered = any(line.uncovered for own in lines.values() for line in own)
    if as_json:
        print_json(
            [
                {
                    "pack": pack,
                    "row": line.row.id,
                    "behaviour": line.row.declared,
                    "cases": line.cases,
                    "not_testable": line.row.not_testable,
                }
                for pack, own in lines.items()
                for line in own
            ]
        )
        return int(is_uncovered)
    for pack in packs:
        print_rows(pack, lines[pack.id])
    return int(is_uncovered)


def print_rows(pack: Pack, lines: Sequence[CoveredRow]) -> None:
    say(f"{pack.id} {pack.version}")
    for line in lines:
        reason = f"not testable: {line.row.not_testable}" if line.row.not_testable else ""
        cases = ", ".join(line.cases) or reason or "UNCOVERED"
        say(f"  {line.row.id:<44} {line.row.declared:<13} {cases}")
    with_cases = sum(bool(line.cases) for line in lines)
    uncovered = sum(line.uncovered for line in lines)
    untestable = len(lines) - with_cases - uncovered
    say(
        f"  {len(lines)} rows: {with_cases} with cases, {untestable} not testable, "
        f"{uncovered} uncovered; {len(pack.cases)} cases"
    )
