"""The pages of a fleet: an index of its units, and a comparison of the targets for each pack."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Final, cast
from urllib.parse import quote

from harness.fleet.records import OUTPUT, UNITS, Record, read_record, report_texts
from harness.fleet.records import folder_of as unit_folder
from harness.fleet.units import Unit
from harness.report.case_types import CaseData
from harness.report.compare import make_grid
from harness.report.compare_site import file_name, site_pages
from harness.report.data import ReportData
from harness.report.fleet_page import (
    CellData,
    FleetData,
    LineData,
    PackData,
    empty_cell,
    fleet_page,
    result_cell,
    summary,
)
from harness.report.report_file import parse_report
from harness.report.text import plural
from harness.util.errors import UsageError, damage, file_errors
from harness.util.file_access import write_whole

INDEX: Final = "index.html"
PACKS: Final = "packs"  # folder of the comparisons
PAGE: Final = "report.html"


def write_pages(out: Path, units: Sequence[Unit]) -> tuple[str, list[str]]:
    """Write the pages of a fleet from the folders of its units.

    Returns:
        How many units have which result, and what could not be read; the pages are written
        without it.

    Raises:
        UsageError: A page cannot be written.
    """
    units, problems = by_target(units), list[str]()
    cells = dict[str, CellData]()
    packs = list[PackData]()
    for pack in dict.fromkeys(unit.pack for unit in units):
        own = [unit for unit in units if unit.pack == pack]
        reports = {unit.id: read_reports(out, unit, problems) for unit in own}
        cells |= {unit.id: cell_of(out, unit, reports[unit.id]) for unit in own}
        packs.append(write_comparison(out, pack, list(reports.values())))
    data: FleetData = {"packs": packs, "lines": lines_of(units, cells, packs)}
    write_page(out / INDEX, fleet_page(data))
    return summary(data), problems


def by_target(units: Sequence[Unit]) -> list[Unit]:
    """Return the units of each target together; targets and models in the order of the file."""
    targets = [*dict.fromkeys(unit.target for unit in units)]
    models = [*dict.fromkeys(unit.model for unit in units)]
    return sorted(units, key=lambda unit: (targets.index(unit.target), models.index(unit.model)))


def lines_of(
    units: Sequence[Unit], cells: dict[str, CellData], packs: Sequence[PackData]
) -> list[LineData]:
    """Return the lines of the table; a cell is None if the fleet has no such unit."""
    by_line = defaultdict[tuple[str, str], dict[str, CellData]](dict)
    for unit in units:
        by_line[unit.target, unit.model][unit.pack] = cells[unit.id]
    return [
        {"target": target, "model": model, "cells": [own.get(pack["name"]) for pack in packs]}
        for (target, model), own in by_line.items()
    ]


def read_reports(out: Path, unit: Unit, problems: list[str]) -> list[ReportData]:
    """Return the reports of a unit, the oldest first; a damaged one is a problem."""
    reports = []
    for name, text in report_texts(out, unit, problems):
        try:
            report = parse_report(text, name)
            with damage(name):
                reports.append(shortened(report))
        except UsageError as error:
            problems.append(str(error))
    return reports


def shortened(report: ReportData) -> ReportData:
    """Return a report with what a comparison shows, which is a tenth of it."""
    cases = []
    for case in report["cases"]:
        failed = [f for f in case["findings"] if not f["holds"] or f["rule"] == "claim.deviates"]
        shots = [shot for shot in case["shots"] if shot["id"] in {f["shot"] for f in failed}]
        cases.append({**case, "findings": failed, "shots": shots})
    return {**report, "cases": cast(list[CaseData], cases), "observations": []}


def cell_of(out: Path, unit: Unit, reports: Sequence[ReportData]) -> CellData:
    """Return the cell of a unit: its latest report, or why it has none."""
    folder = unit_folder(out, unit)
    record = read_record(folder)
    if not (folder / PAGE).is_file() or not reports:
        output = quote(f"{UNITS}/{unit.id}/{OUTPUT}") if (folder / OUTPUT).is_file() else ""
        return empty_cell(record.problem if record else "it was not run", output)
    return result_cell(reports[-1], quote(f"{UNITS}/{unit.id}/{PAGE}"), note_of(record))


def note_of(record: Record | None) -> str:
    """Return what is unusual about the run of a unit."""
    if record is None:
        return "the run has not ended"
    notes = [record.problem] if record.problem else []
    if record.attempts > 1:
        notes.append(
            f"continued {plural(record.attempts - 1, 'time')} after its process was killed"
        )
    return "; ".join(notes)


def target_and_model(report: ReportData) -> str:
    """Return what the runs of one unit have in common."""
    return f"{report['target']['name']}, {report['target']['model']}"


def write_comparison(out: Path, pack: str, by_unit: Sequence[Sequence[ReportData]]) -> PackData:
    """Write the site that compares the units of one pack. Raises UsageError."""
    reports = [report for own in by_unit for report in own]
    if not reports:
        return {"name": pack, "link": "", "fields": 0, "differing": 0, "runs": 0}
    folder = f"{PACKS}/{file_name(pack)}"
    for path, page in site_pages(reports, target_and_model, "../../index.html").items():
        write_page(out / folder / path, page)
    rows = make_grid([own[-1] for own in by_unit if own])["rows"]
    return {
        "name": pack,
        "link": quote(f"{folder}/"),
        "fields": len(rows),
        "differing": sum(row["differs"] for row in rows),
        "runs": max(map(len, by_unit)),
    }


def write_page(path: Path, text: str) -> None:
    with file_errors("write", path):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, text)
