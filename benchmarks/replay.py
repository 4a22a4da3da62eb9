"""Every mutant's verdicts, and those of runs in folders, judged again: equal to the live ones?

    python benchmarks/replay.py [FOLDER...]

FOLDER is what `harness run --out FOLDER` wrote, at any gateway.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from harness.judge import judge
from harness.model import Plan
from harness.prove.in_process import InProcessGateway, gateway
from harness.prove.in_process_upstream import InProcessUpstream
from harness.prove.matrix import mutants_of_cases
from harness.run import Options, load_session, resolved, transcript
from harness.run.replay import load_recorded
from harness.testbed.mutants import MUTANTS
from harness.util import serialization


def mutants() -> tuple[int, list[str]]:
    """How many were tried, and those of which their own case says something else."""
    opened = load_session(Options())
    cases = {case.name: case for pack in opened.packs.values() for case in pack.cases}
    protocols = {name: opened.packs[case.pack].protocol for name, case in cases.items()}
    home, in_process_gateway, other = (
        mutants_of_cases(MUTANTS, protocols),
        InProcessGateway(opened.target),
        [],
    )
    behind = InProcessUpstream(())
    for name, mutant in home.items():
        plan = opened.plan(cases[mutant.case])
        made = in_process_gateway.fire(gateway(mutant.override), plan.scripts)
        if mutant.case in behind.plans and judge(plan, made).outcome == "pass":
            plan = behind.plans[mutant.case]  # only a provider sees it
            made = behind.fire([plan], mutant.override)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "transcript.jsonl"
            with transcript.Writer(path) as writer:
                writer.header({"plan": resolved(plan)})
                for exchange in made.values():
                    writer.exchange(exchange)
            header, exchanges, _ = transcript.read(path)
        again = judge(
            serialization.from_json(Plan, header["plan"]), {one.shot: one for one in exchanges}
        )
        if again != judge(plan, made):
            other.append(name)
    return len(home), other


def run(folder: Path) -> tuple[int, list[str]]:
    """How many cases a run had, and those of which the replay says something else."""
    live = json.loads((folder / "report.json").read_text("utf-8"))
    again = load_recorded(str(folder / "transcript.jsonl")).report()
    pairs = zip(live["cases"], again["cases"], strict=True)
    return len(live["cases"]), [old["id"] for old, new in pairs if old != new]


def main() -> int:
    found = {"mutants": mutants(), **{name: run(Path(name)) for name in sys.argv[1:]}}
    for name, (number, other) in found.items():
        print(f"{name}: {number} judged again, {len(other)} differ {' '.join(other)}".rstrip())
    return any(other for _, other in found.values())


if __name__ == "__main__":
    sys.exit(main())
