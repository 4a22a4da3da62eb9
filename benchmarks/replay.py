"""Judges the exchanges of all mutants, and of stored runs, again and compares the verdicts.

    python benchmarks/replay.py [FOLDER...]

FOLDER is the output folder of `harness run` against any gateway.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from harness.judge import judge
from harness.model import Exchange, Plan
from harness.prove.in_process import InProcessGateway, gateway
from harness.prove.in_process_upstream import InProcessUpstream
from harness.prove.matrix import mutants_of_cases
from harness.run import Options, load_session, resolved, transcript
from harness.run.replay import load_recorded
from harness.testbed.mutants import MUTANTS
from harness.util import serialization


def replay_mutants() -> tuple[int, list[str]]:
    """Return the number of mutants, and those whose verdict changes when it is judged again."""
    session = load_session(Options())
    cases = {case.name: case for pack in session.packs.values() for case in pack.cases}
    protocols = {name: session.packs[case.pack].protocol for name, case in cases.items()}
    mutants = mutants_of_cases(MUTANTS, protocols)
    direct, behind_provider = InProcessGateway(session.target), InProcessUpstream(())
    different = []
    for name, mutant in mutants.items():
        plan = session.plan(cases[mutant.case])
        exchanges = direct.fire(gateway(mutant.override), plan.scripts)
        if mutant.case in behind_provider.plans and judge(plan, exchanges).outcome == "pass":
            plan = behind_provider.plans[mutant.case]  # visible at the provider only
            exchanges = behind_provider.fire([plan], mutant.override)
        if judge(*through_transcript(plan, exchanges)) != judge(plan, exchanges):
            different.append(name)
    return len(mutants), different


def through_transcript(
    plan: Plan, exchanges: Mapping[str, Exchange]
) -> tuple[Plan, Mapping[str, Exchange]]:
    """Write a plan and its exchanges to a transcript, and read them back."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "transcript.jsonl"
        with transcript.Writer(path) as writer:
            writer.header({"plan": resolved(plan)})
            for exchange in exchanges.values():
                writer.exchange(exchange)
        header, recorded, _ = transcript.read(path)
    return serialization.from_json(Plan, header["plan"]), {e.shot: e for e in recorded}


def replay_run(folder: Path) -> tuple[int, list[str]]:
    """Return the number of cases of a run, and those whose report entry changes."""
    live = json.loads((folder / "report.json").read_text("utf-8"))
    again = load_recorded(str(folder / "transcript.jsonl")).report()
    pairs = zip(live["cases"], again["cases"], strict=True)
    return len(live["cases"]), [old["id"] for old, new in pairs if old != new]


def main() -> int:
    runs = {name: replay_run(Path(name)) for name in sys.argv[1:]}
    results = {"mutants": replay_mutants(), **runs}
    for name, (number, names) in results.items():
        print(f"{name}: {number} judged again, {len(names)} differ {' '.join(names)}".rstrip())
    return any(names for _, names in results.values())


if __name__ == "__main__":
    sys.exit(main())
