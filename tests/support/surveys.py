"""Surveys of the reference gateway in this process, also behind a provider."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from functools import cache

from harness.judge.signals import observe_signals
from harness.language.behaviours import BY_ID
from harness.load.packs import load_packs
from harness.load.targets import BUILTIN, load_target
from harness.model import Case, Exchange, Pack, Row, Script, Target
from harness.plan import plan
from harness.plan.calibration import plan_calibration
from harness.prove.calibration import scripts_in
from harness.prove.gateway_run import GatewayRun
from harness.prove.in_process import InProcessGateway, gateway, scripts_of
from harness.prove.in_process_upstream import InProcessUpstream
from harness.report.case_data import case_data
from harness.run import run_cases
from harness.run.replay import opt_in_reason
from harness.survey.session import DOCUMENTS
from harness.survey.shot_facts import ShotFacts, shot_facts
from harness.survey.table import SurveyRow, survey_rows
from harness.testbed.gateway.gateway import Overrides


@cache
def packs_of(protocol: str) -> tuple[Pack, ...]:
    """Return the packs of a protocol; what their rows declare is removed."""
    loaded = load_packs(DOCUMENTS[protocol], tuple(BY_ID))
    return tuple(replace(pack, rows=tuple(map(undeclared, pack.rows))) for pack in loaded)


def undeclared(row: Row) -> Row:
    return replace(row, declared="", documented_as="")


def declared_rows(pack: str) -> list[Row]:
    """Return the rows of a pack with what they declare."""
    return list(next(p for p in load_packs([pack], tuple(BY_ID)) if p.id == pack).rows)


def survey(
    protocol: str,
    root: str = "",
    overrides: Overrides | None = None,
    rows: Collection[str] = (),
) -> dict[str, SurveyRow]:
    """Return the rows of a survey of the gateway, by `PACK/ROW` of each row of the documents.

    Args:
        root: The path of the gateway's endpoints, such as `/compat`.
        rows: Ids of the rows to survey; all if empty.
    """
    target = at_root(root)
    plans = [plan(case, pack, target) for pack, case in cases_of(protocol, target, rows)]
    calibrations = plan_calibration(plans, packs_of(protocol), target)
    in_process = InProcessGateway(target)

    def fire(scripts: Iterable[Script]) -> dict[str, Exchange]:
        return in_process.fire(gateway(overrides), scripts)

    sent = fire([*scripts_in(calibrations), *scripts_of(plans)])
    run = GatewayRun(plans, sent, fire, observe_signals(calibrations, sent))
    return rows_of(protocol, run)


def survey_behind(
    protocol: str,
    provider: str,
    root: str = "",
    overrides: Overrides | None = None,
    rows: Collection[str] = (),
) -> dict[str, SurveyRow]:
    """Return the rows of a survey with a mock provider of a protocol behind the gateway."""
    behind = InProcessUpstream((DOCUMENTS[protocol][-1],))
    behind.session.target = replace(at_root(root), upstream=True, features=("upstream",))
    target = behind.session.target
    plans = [plan(case, pack, target) for pack, case in cases_of(protocol, target, rows)]
    calibrations = plan_calibration(plans, packs_of(protocol), target)
    providers = (provider,)

    def fire(scripts: Iterable[Script]) -> dict[str, Exchange]:
        return behind.fire_scripts(scripts, overrides, providers)

    sent = behind.fire(plans, overrides, scripts_in(calibrations), providers=providers)
    run = GatewayRun(plans, sent, fire, observe_signals(calibrations, sent))
    return rows_of(protocol, run)


def at_root(root: str) -> Target:
    target = load_target("builtin")
    endpoints = {
        name: replace(each, base_url=f"{BUILTIN}{root}") for name, each in target.endpoints.items()
    }
    return replace(target, endpoints=endpoints)


def cases_of(protocol: str, target: Target, rows: Collection[str]) -> list[tuple[Pack, Case]]:
    return [
        (pack, case)
        for pack in packs_of(protocol)
        for case in pack.cases
        if not opt_in_reason(pack, case.feature, target)
        and (not rows or not {case.row, *case.also}.isdisjoint(rows))
    ]


def rows_of(protocol: str, run: GatewayRun) -> dict[str, SurveyRow]:
    packs, facts, entries = packs_of(protocol), dict[str, ShotFacts](), []
    for result in run_cases(run):
        facts |= shot_facts(result.plan, result.exchanges)
        entries.append(case_data(result.verdict, result.plan, packs, result.exchanges))
    made = survey_rows(packs, entries, facts)
    return {name: row for row in made for name in row["rows"]}
