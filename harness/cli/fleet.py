"""`harness fleet`: runs of many targets, models and packs, side by side."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from harness.cli.printing import say
from harness.util.errors import INTERNAL_ERROR, UsageError
from harness.util.interruption import EXIT_CODE
from harness.util.printable import printable_name

if TYPE_CHECKING:
    from harness.fleet.live_table import LiveTable
    from harness.fleet.records import Record
    from harness.fleet.schedule import Engine
    from harness.fleet.units import Unit

# Options, and others that would have no effect beside them.
ALONE: Final = {
    "dask": ("jobs",),
    "listing": ("collect", "resume", "dask", "jobs"),
    "collect": ("only", "shard", "resume", "dask", "jobs"),
}
# Exit codes of units, the gravest first; that of the fleet is the first that a unit has.
GRAVEST: Final = (EXIT_CODE, INTERNAL_ERROR, 4, 1, 5)


@click.command()
@click.argument("fleet_file", metavar="FLEET")
@click.option(
    "--out", default="fleet", show_default=True, metavar="DIR", help="Folder of the fleet."
)
@click.option(
    "--jobs", type=click.IntRange(1), metavar="N", help="Units at a time (default: cores)."
)
@click.option("--unit", "only", multiple=True, metavar="ID", help="Unit to run; repeatable.")
@click.option("--shard", metavar="I/N", help="I-th of N parts of the units.")
@click.option("--resume", is_flag=True, help="Continue: no unit that has ended runs again.")
@click.option(
    "--retries",
    default=2,
    type=click.IntRange(0),
    show_default=True,
    metavar="N",
    help="Times that a unit is continued if its process or worker is killed.",
)
@click.option("--dask", metavar="ADDRESS", help="Scheduler of a Dask cluster that runs the units.")
@click.option("--list", "listing", is_flag=True, help="List the units; run nothing.")
@click.option(
    "--json", "as_json", is_flag=True, help="With --list: as JSON, for the matrix of a CI."
)
@click.option("--collect", is_flag=True, help="Write the pages from the folders that are there.")
def fleet(fleet_file: str, out: str, only: Sequence[str], shard: str | None, **given: Any) -> int:
    """Run every target of FLEET with every model and pack, and compare them.

    A unit is one target with one model and one pack, and has the reports of `harness run` in
    DIR/units/TARGET/MODEL/PACK. DIR/index.html has all results, comparisons field by field, and
    the history of each unit.
    """
    from harness.fleet.fleet_file import read_fleet
    from harness.fleet.selection import choose, listing, part
    from harness.run import hold_output_dir

    check_together({"only": only, "shard": shard, **given})
    units = read_fleet(Path(fleet_file))
    chosen = part(choose(units, only), shard)
    if given["listing"]:
        say(listing(fleet_file, out, chosen, given["as_json"]))
        return 0
    if given["collect"]:
        write_site(Path(out), units)
        return 0
    is_whole = len(chosen) == len(units)
    with hold_output_dir(Path(out)) if is_whole else nullcontext():
        records = run_fleet(Path(out), chosen, given)
        if is_whole:
            write_site(Path(out), units)
        else:
            say(f"for the pages of all units: harness fleet {fleet_file} --out {out} --collect")
    return exit_code(records)


def check_together(given: dict[str, Any]) -> None:
    """Raises UsageError for options of which one would have no effect."""
    words = {"only": "unit", "listing": "list", "as_json": "json"}
    if given["as_json"] and not given["listing"]:
        raise UsageError("--json is for --list")
    for one, others in ALONE.items():
        for other in others:
            if given[one] and given[other]:
                one, other = (words.get(name, name) for name in (one, other))
                raise UsageError(f"--{one} and --{other} contradict each other")


def run_fleet(out: Path, chosen: Sequence[Unit], given: dict[str, Any]) -> list[Record]:
    """Run the units that are left. Returns the records of all that were chosen."""
    from rich.console import Console

    from harness.fleet.live_table import LiveTable
    from harness.fleet.records import Record, folder_of, read_summary
    from harness.fleet.schedule import HostRoom, run_units

    ended = earlier(out, chosen) if given["resume"] else {}
    left = [unit for unit in chosen if unit.id not in ended]
    if not given["dask"]:  # the keys of workers are in their environments
        check_keys(left)
    table = LiveTable(left, Console(highlight=False))
    folders = {unit.id: folder_of(out, unit) for unit in left}
    with make_engine(out, given, table) as engine:
        prepare_folders(out, left, given["resume"], len(ended))
        try:
            with table.show():
                for record in run_units(left, engine, HostRoom(), table.set_state):
                    ended[record.unit] = record
                    table.print_record(record, read_summary(folders[record.unit]))
        except KeyboardInterrupt:
            click.echo("interrupted; to continue, add --resume to the same command", err=True)
            ended[""] = Record("", EXIT_CODE)
    return list(ended.values())


def check_keys(units: Sequence[Unit]) -> None:
    """Raises UsageError for a key that no unit would find, before any of them starts."""
    from harness.run.caller_keys import variable

    for name in dict.fromkeys(unit.key_env for unit in units if unit.key_env):
        if not os.environ.get(name, "").strip():
            raise UsageError(f"{variable(name)} is not set; set it to the API key")


def prepare_folders(out: Path, left: Sequence[Unit], resume: bool, ended: int) -> None:
    """Keep what the units to run continue with, or move their reports to the history."""
    from harness.fleet.records import begin_again, forget_record
    from harness.report.text import plural

    for unit in left:
        (forget_record if resume else begin_again)(out, unit)
    if ended:
        before = plural(ended, "unit has", "units have")
        say(f"{before} ended before, {len(left)} {'is' if len(left) == 1 else 'are'} left")


def earlier(out: Path, units: Sequence[Unit]) -> dict[str, Record]:
    """Return the records of units that were judged to their end before."""
    from harness.fleet.records import JUDGED, folder_of, read_record

    records = [read_record(folder_of(out, unit)) for unit in units]
    return {record.unit: record for record in records if record and record.code in JUDGED}


def make_engine(
    out: Path, given: dict[str, Any], table: LiveTable
) -> AbstractContextManager[Engine]:
    """Return what runs the units. Raises UsageError, Unreachable."""
    if given["dask"]:
        from harness.fleet.on_dask import DaskEngine

        return DaskEngine(given["dask"], out, given["retries"], table.set_answers)
    from harness.fleet.local import LocalEngine

    return LocalEngine(out, given["jobs"] or 0, given["retries"], table.set_answers)


def write_site(out: Path, units: Sequence[Unit]) -> None:
    """Write the pages, and print what could not be read."""
    from harness.fleet.site import INDEX, write_pages

    summary, problems = write_pages(out, units)
    for problem in problems:
        click.echo(f"WARNING: {printable_name(problem, 500)}", err=True)
    say(f"{summary}\nFleet: {out / INDEX}")


def exit_code(records: Sequence[Record]) -> int:
    """Return the gravest exit code of the units."""
    codes = {record.code if record.code >= 0 else INTERNAL_ERROR for record in records}
    return next((code for code in GRAVEST if code in codes), 0)
