"""`harness list`: the cases of packs, which rows they cover, or the gateways to serve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from harness.cli import test_bed
from harness.cli.check import load_shipped_or
from harness.cli.printing import say

if TYPE_CHECKING:
    from harness.model import Pack


@click.command("list")
@click.option("--pack", "packs", multiple=True, metavar="PACK", help="Name or folder of a pack.")
@click.option("--coverage", is_flag=True, help="Rows with their cases, and rows without any.")
@click.option("--mutants", is_flag=True, help="Gateways with one fault, for `harness serve`.")
@click.option("--variants", is_flag=True, help="Right but unusual gateways to serve.")
@click.option("--rules", is_flag=True, help="Rules of assertions, with what is wrong if one fails.")
def list_cases(
    packs: tuple[str, ...], coverage: bool, mutants: bool, variants: bool, rules: bool
) -> int:
    """List the cases of the packs (default: all that ship), the rules, or the gateways to serve."""
    if rules:
        return print_rules()
    if mutants or variants:
        return print_gateways(
            {**(test_bed.mutants() if mutants else {}), **(test_bed.variants() if variants else {})}
        )
    loaded = [*load_shipped_or(packs).values()]
    if coverage:
        return print_coverage(loaded)
    for pack in loaded:
        say(f"{pack.id} {pack.version}: {pack.title}")
        for case in pack.cases:
            say(f"  {case.id:<44} {case.behaviour:<13} {case.row}")
        say(f"  {len(pack.cases)} cases, {len(pack.rows)} rows")
    return 0


def print_rules() -> int:
    """Print each rule with its sentences."""
    from harness.report.causes.rule_list import list_rules

    for rule in list_rules():
        say(f"{rule.id}: {rule.wrong}")
        for label, text in (("why", rule.why), ("search first", rule.hint)):
            if text:
                say(f"  {label}: {text}")
        for protocol, level, expected, _ in rule.parts:
            say(f"  {protocol}, {level}: {expected}")
    return 0


def print_gateways(gateways: Mapping[str, Any]) -> int:
    for name, gateway in gateways.items():
        say(f"{name:<34} {gateway.description}")
    return 0


def print_coverage(packs: Sequence[Pack]) -> int:
    """Print the rows and their cases; return 1 if a row has neither a case nor a reason."""
    from harness.report.coverage import coverage

    total_uncovered = 0
    for pack in packs:
        lines = coverage(pack)
        say(f"{pack.id} {pack.version}")
        for line in lines:
            reason = f"not testable: {line.row.not_testable}" if line.row.not_testable else ""
            cases = ", ".join(line.cases) or reason or "UNCOVERED"
            say(f"  {line.row.id:<44} {line.row.declared:<13} {cases}")
        with_cases = sum(bool(line.cases) for line in lines)
        uncovered = sum(line.uncovered for line in lines)
        total_uncovered += uncovered
        untestable = len(lines) - with_cases - uncovered
        say(
            f"  {len(lines)} rows: {with_cases} with cases, {untestable} not testable, "
            f"{uncovered} uncovered; {len(pack.cases)} cases"
        )
    return 1 if total_uncovered else 0
