"""Merge of the shards of a run: of their transcripts, and of their reports.

Each shard sends its own controls. They keep ids of their own (`/s2`), so that every case is judged
with the controls of its shard.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from harness.model import Plan
from harness.report.data import BaselineData, BaselineMessage, ReportData
from harness.report.faults import case_name
from harness.report.transport import transport_data
from harness.run import transcript
from harness.run.facts import resolved
from harness.run.replay import RecordedRun, load_recorded
from harness.run.shard import Header, Shard, read_shard
from harness.util.errors import UsageError
from harness.util.serialization import to_json

RATES: Final = ("rpm", "tpm", "concurrency", "tiers")  # they change no request and no verdict


def merge_reports(
    transcripts: Sequence[str], reports: Sequence[ReportData], out: Path
) -> tuple[ReportData, RecordedRun]:
    """Write the merged transcript into `out`, and return its report and its run.

    Raises UsageError.
    """
    path = out / "transcript.jsonl"
    if any(Path(each).resolve() == path.resolve() for each in transcripts):
        raise UsageError(f"--out {out}: this folder contains a shard; choose another folder")
    write_merged(sorted(map(read_shard, transcripts), key=lambda shard: shard.number), path)
    run = load_recorded(str(path))
    merged = run.report()
    before = {case_name(case): case for report in reports for case in report["cases"]}
    for case in merged["cases"]:
        earlier = before.get(case_name(case))
        outcome = earlier["outcome"] if earlier else "nothing"
        if earlier is None or outcome != case["outcome"]:
            raise UsageError(
                f"{case_name(case)}: its outcome is {outcome} in the report and "
                f"{case['outcome']} in the transcript: they are from different runs or from "
                "different versions of the harness"
            )
        if "known" in earlier:
            case["known"] = earlier["known"]
    with_baseline = [report for report in reports if "baseline" in report]
    if with_baseline:
        merged["baseline"] = merge_baselines(with_baseline)
    return merged, run


def merge_baselines(reports: Sequence[ReportData]) -> BaselineData:
    """Return one message for each entry, from the shard that ran its case if there is one."""
    messages: dict[tuple[str, ...], BaselineMessage] = {}
    for ran_case in (False, True):
        for report in reports:
            ran = {form for case in report["cases"] for form in (case["id"], case_name(case))}
            for message in report["baseline"]["told"]:
                if (message["case"] in ran) == ran_case:
                    # Two texts state that an entry has expired.
                    subject = message["says"].partition(" expired on ")[0]
                    messages[message["kind"], message["case"], subject] = message
    return {"file": reports[0]["baseline"]["file"], "told": list(messages.values())}


def check_shards(shards: Sequence[Shard]) -> None:
    """Raises UsageError unless these are all shards of one run."""
    first = shards[0]
    for other in shards[1:]:
        of = "number of shards" if other.of != first.of else ""
        part = next(differences(first.header, other.header), of)
        if part:
            raise UsageError(f"{other.path}: another {part} than in {first.path}")
    numbers = [shard.number for shard in shards]
    missing = [f"{n}/{first.of}" for n in range(1, first.of + 1) if n not in numbers]
    if missing:
        raise UsageError(f"shard {', '.join(missing)} is missing")
    if len(numbers) > first.of:
        raise UsageError(f"a shard of {first.path} is given twice")


def differences(one: Header, other: Header) -> Iterator[str]:
    """Yield the parts in which the headers of two runs differ, which their shards share."""
    parts = {"pack": "packs", "repeat": "repeat"}
    yield from (part for part, key in parts.items() if one.get(key) != other.get(key))
    if target_of(one) != target_of(other):
        yield "target"
    if selection_of(one) != selection_of(other):
        yield "selection"


def target_of(header: Header) -> Mapping[str, Any]:
    """Return the target without its rates, and without the address of a reference gateway."""
    earlier = {"version": "", "insecure": False}  # transcripts of earlier versions lack these
    target = {key: v for key, v in {**earlier, **header["target"]}.items() if key not in RATES}
    if not target.get("builtin"):
        return target
    endpoints = {name: {**data, "base_url": ""} for name, data in target["endpoints"].items()}
    return {**target, "endpoints": endpoints}


def selection_of(header: Header) -> dict[str, Any]:
    """Return the selection without the shard."""
    selection = header["run"].get("selection") or {}
    return {key: value for key, value in selection.items() if key != "shard"}


def write_merged(shards: Sequence[Shard], out: Path) -> None:
    """Write the merged transcript. Raises UsageError."""
    check_shards(shards)
    with transcript.Writer(out) as writer:
        writer.header(merged_header(shards))
        for shard in shards:
            for exchange in shard.exchanges():
                name = shard.ids.get(exchange.shot) or shard.merged_id(exchange.shot)
                writer.exchange(replace(exchange, shot=name))
        writer.footer(merged_footer([shard.footer for shard in shards]))


def merged_header(shards: Sequence[Shard]) -> dict[str, Any]:
    first = shards[0].header
    plans = {plan.case.name: plan for shard in shards for plan in shard.plans}
    packs = {pack["id"]: number for number, pack in enumerate(first["packs"])}

    def order(plan: Plan) -> tuple[int, str, int]:
        return packs[plan.case.pack], plan.case.place.path, plan.case.place.line

    others = [o for o in first["run"]["not_selected"] if f"{o['pack']}/{o['id']}" not in plans]
    run = {**first["run"], "selection": selection_of(first) or None, "not_selected": others}
    started = min(str(shard.header["started"]) for shard in shards)
    ordered = map(resolved, sorted(plans.values(), key=order))
    calibrations = [to_json(each) for shard in shards for each in shard.calibrations()]
    more = {"run": run, "started": started, "plans": ordered, "calibration": calibrations}
    return {**first, **more}


def merged_footer(footers: Sequence[Header]) -> dict[str, Any]:
    reasons = dict.fromkeys(str(end["reason"]) for end in footers if end["reason"])
    peers: dict[str, dict[str, None]] = {}
    for host, digests in (item for end in footers for item in end.get("peers", {}).items()):
        peers.setdefault(host, {}).update(dict.fromkeys(digests))
    faulty = [name for end in footers for name in end.get("faulty", ())]
    return {
        **footers[0],
        **({"faulty": faulty} if faulty else {}),
        "finished": max(str(end["finished"]) for end in footers),
        "requests": sum(int(end["requests"]) for end in footers),
        "reason": "; ".join(reasons),
        "unjudged": [name for end in footers for name in end["unjudged"]],
        "peers": {host: [*digests] for host, digests in peers.items()},
        "unexpected": [request for end in footers for request in end.get("unexpected", ())],
        "transport": transport_data(
            *(
                sum(int(end.get("transport", {}).get(name, 0)) for end in footers)
                for name in ("requests", "dropped", "closed_idle", "recovered")
            )
        ),
    }
