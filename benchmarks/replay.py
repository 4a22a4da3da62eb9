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
from harness.prove.in_process import Straight, gateway
from harness.prove.in_process_upstream import Behind
from harness.prove.matrix import at_home
from harness.run import Options, open_session, resolved, transcript
from harness.run.replay import recorded
from harness.testbed.mutants import MUTANTS
from harness.util import serialization


def mutants() -> tuple[int, list[str]]:
    """How many were tried, and those of which their own case says something else."""
    opened = open_session(Options())
    cases = {case.name: case for pack in opened.packs.values() for case in pack.cases}
    protocols = {name: opened.packs[case.pack].protocol for name, case in cases.items()}
    home, straight, other = at_home(MUTANTS, protocols), Straight(opened.target), []
    behind = Behind(())
    for name, mutant in home.items():
        plan = opened.plan(cases[mutant.case])
        made = straight.fire(gateway(mutant.wrong), plan.scripts)
        if mutant.case in behind.plans and judge(plan, made).outcome == "pass":
            plan = behind.plans[mutant.case]  # only a provider sees it
            made = behind.fire([plan], mutant.wrong)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "transcript.jsonl"
            with transcript.Writer(path) as writer:
                writer.header({"plan": resolved(plan)})
                for exchange in made.values():
                    writer.exchange(exchange)
            header, exchanges, _ = transcript.read(path)
        again = judge(
            serialization.noun(Plan, header["plan"]), {one.shot: one for one in exchanges}
        )
        if again != judge(plan, made):
            other.append(name)
    return len(home), other


def run(folder: Path) -> tuple[int, list[str]]:
    """How many cases a run had, and those of which the replay says something else."""
    live = json.loads((folder / "report.json").read_text("utf-8"))
    again = recorded(str(folder / "transcript.jsonl")).report()
    pairs = zip(live["cases"], again["cases"], strict=True)
    return len(live["cases"]), [old["id"] for old, new in pairs if old != new]


def main() -> int:
    found = {"mutants": mutants(), **{name: run(Path(name)) for name in sys.argv[1:]}}
    for name, (number, other) in found.items():
        print(f"{name}: {number} judged again, {len(other)} differ {' '.join(other)}".rstrip())
    return any(other for _, other in found.values())


if __name__ == "__main__":
    sys.exit(main())
