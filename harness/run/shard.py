"""The transcript of a shard of a run, with the ids that its shots have after the merge."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from harness.model import Calibration, Exchange, Json, Plan
from harness.model.exchanges import is_shared
from harness.model.option_values import parse_shard
from harness.plan.repetitions import possible_shots, rename_script, rename_scripts, repeat_plan
from harness.run.calibration import calibrations_in
from harness.run.replay import repetitions
from harness.run.stored_exchanges import open_recorded
from harness.run.transcript import scan
from harness.run.transcript_checks import check_footer, check_header, check_repetitions
from harness.util import serialization
from harness.util.errors import UsageError, damage

Header = Mapping[str, Json]


@dataclass(slots=True)
class Shard:
    """A shard of a run.

    Attributes:
        number: Which of the `of` shards it is, from 1.
        plans: Its plans with the merged ids of their shots.
        ids: The merged id of each shot whose id changes, in all repetitions.
    """

    path: str
    number: int
    of: int
    header: dict[str, Json]
    footer: Header
    plans: list[Plan] = field(default_factory=list)
    ids: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for data in self.header.pop("plans"):
            plan = serialization.from_json(Plan, data)
            self.plans.append(rename_scripts(plan, self.merged_id))
            for turn in range(1, repetitions(self.header) + 1):
                before, after = (
                    possible_shots(repeat_plan(p, turn)) for p in (plan, self.plans[-1])
                )
                pairs = zip(before, after, strict=True)
                self.ids |= {b.id: a.id for b, a in pairs if b.id != a.id}

    def exchanges(self) -> Iterator[Exchange]:
        """Yield the exchanges in the order of the file. Raises UsageError."""
        return (line.value for line in scan(self.path) if line.kind == "exchange")

    def calibrations(self) -> Iterator[Calibration]:
        """Yield the calibrations of the shard, which count for its own cases only."""
        cases = tuple(plan.case.name for plan in self.plans)
        for each in calibrations_in(self.header):
            tries = {
                name: rename_script(script, self.merged_id) for name, script in each.tries.items()
            }
            yield replace(each, tries=tries, cases=cases)

    def merged_id(self, name: str) -> str:
        """Return the merged id of a script; controls of the first shard keep theirs."""
        return f"{name}/s{self.number}" if is_shared(name) and self.number > 1 else name


def read_shard(path: str) -> Shard:
    """Read the transcript of a shard. Raises UsageError if it is not a complete shard."""
    header, _, footer, lines, _ = open_recorded(path)
    check_header(path, header)
    if footer is not None:
        check_footer(path, footer)
    check_repetitions(path, repetitions(header), len(header["plans"]), lines)
    selection = header["run"].get("selection") or {}
    number, _, of = selection.get("shard", "").partition("/")
    if not of:
        raise UsageError(
            f"{path}: it is not a shard of a run; `harness run --shard I/N` writes shards"
        )
    if footer is None:
        raise UsageError(f"{path}: the run has not ended; `harness run --resume` continues it")
    with damage(path):
        return Shard(path, *parse_shard(f"{number}/{of}"), header, footer)
