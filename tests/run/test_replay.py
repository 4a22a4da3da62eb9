"""Judging a transcript again, without the target, gives the same verdicts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

from harness import run
from harness.fire.redaction.exchange import ExchangeRedactor
from harness.judge import judge
from harness.model import Exchange, Plan, Target
from harness.prove.in_process import InProcessGateway, gateway
from harness.prove.in_process_upstream import InProcessUpstream
from harness.prove.matrix import mutants_of_cases
from harness.run import LiveSession, outputs, transcript
from harness.run.facts import transcript_header
from harness.run.replay import RecordedRun, load_recorded, replan
from harness.testbed.gateway.gateway import Gateway
from harness.testbed.http_server.server import serve_in_thread
from harness.testbed.mutants import MUTANTS
from harness.testbed.variants import VARIANTS
from harness.util import serialization
from harness.util.errors import UsageError
from tests.support import pack_on_disk


@pytest.fixture(scope="module")
def finished_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of the smoke cases of all packs; .ci/run judges all cases again."""
    out = tmp_path_factory.mktemp("run")
    result = pack_on_disk.harness("run", "--smoke", "--out", out)
    assert result.err == ""
    return out


@pytest.fixture(scope="module")
def recorded(finished_run: Path) -> RecordedRun:
    return load_recorded(str(finished_run / "transcript.jsonl"))


def test_judging_a_transcript_again_gives_the_same_report(
    finished_run: Path, tmp_path: Path
) -> None:
    result = pack_on_disk.harness("judge", finished_run, "--out", tmp_path)
    assert (result.code, result.err) == (0, "")
    live, again = pack_on_disk.read_report(finished_run), pack_on_disk.read_report(tmp_path)
    again["finished"] = live["finished"]  # the report is written after the transcript ends
    assert len(live["cases"]) > 100
    assert again == live
    files = {path.name for path in tmp_path.iterdir()}
    assert files == {*outputs.RENDERERS, "report.html"}


def test_the_page_is_the_same_when_it_is_written_again(finished_run: Path, tmp_path: Path) -> None:
    result = pack_on_disk.harness("report", finished_run, "--out", tmp_path)
    assert (result.code, result.err) == (0, "")
    assert (tmp_path / "report.html").read_bytes() == (finished_run / "report.html").read_bytes()


def test_transcript_contains_arrival_times_of_streams(recorded: RecordedRun) -> None:
    times = [{time for time, _ in exchange.chunks} for exchange in recorded.recorded.values()]
    assert sum(len(each) > 1 for each in times) > 20


def test_replanning_the_same_packs_keeps_the_verdicts(recorded: RecordedRun) -> None:
    target = serialization.from_json(Target, recorded.header["target"])
    replanned = replan(recorded, target, ["openai-compat"])
    names = {plan.case.name for plan in replanned.plans}
    assert {plan.case.pack for plan in replanned.plans} == {"openai-chat", "openai-compat"}
    before = {plan.case.name: verdict for plan, verdict in recorded.verdicts()}
    after = {plan.case.name: verdict for plan, verdict in replanned.verdicts()}
    assert after == {name: before[name] for name in names}


@pytest.fixture(scope="module")
def session() -> LiveSession:
    return run.load_session(run.Options())


def test_transcript_of_a_mutant_gives_the_same_verdict(
    session: LiveSession, tmp_path: Path
) -> None:
    """`python benchmarks/replay.py` does this with all mutants."""
    cases = {case.name: case for pack in session.packs.values() for case in pack.cases}
    protocols = {name: session.packs[case.pack].protocol for name, case in cases.items()}
    in_process_gateway, upstream = InProcessGateway(session.target), InProcessUpstream(())
    kills = 0
    sample = mutants_of_cases(MUTANTS[::36], protocols)
    for name, mutant in sample.items():
        plan = session.plan(cases[mutant.case])
        exchanges = in_process_gateway.fire(gateway(mutant.override), plan.scripts)
        if mutant.case in upstream.plans and judge(plan, exchanges).outcome == "pass":
            plan = upstream.plans[mutant.case]  # only the provider can observe this mutant
            exchanges = upstream.fire([plan], mutant.override)
        live = judge(plan, exchanges)
        write(tmp_path / "t.jsonl", session, [plan], exchanges.values())
        [(_, again)] = load_recorded(str(tmp_path / "t.jsonl")).verdicts()
        assert again == live, name
        kills += live.outcome in ("fail", "warn")
    assert kills > 0.9 * len(sample) > 20


def write(
    path: Path,
    session: LiveSession,
    plans: Sequence[Plan],
    exchanges: Iterable[Exchange],
    **footer: Any,
) -> None:
    """Write a transcript, without a footer if `none` is given."""
    packs = {plan.case.pack: session.packs[plan.case.pack] for plan in plans}
    target = {"name": "x", "base_url": "http://x", "model": "m"}
    run: dict[str, Any] = {"target": target, "selection": None, "command": "", "not_selected": []}
    with transcript.Writer(path) as writer:
        head = transcript_header(session.target, packs, plans, ExchangeRedactor({}, session.target))
        writer.header({**head, "started": "", "run": run})
        for exchange in exchanges:
            writer.exchange(exchange)
        if "none" not in footer:
            fields = {"finished": "", "requests": 0, "reason": "", "unjudged": []}
            writer.footer({**fields, **footer})


@pytest.fixture
def small(tiny_pack: Path) -> tuple[LiveSession, list[Plan], list[Exchange]]:
    """A small pack, its plans, and the exchanges with the reference gateway."""
    session = run.load_session(run.Options(packs=(str(tiny_pack),)))
    plans = [session.plan(case) for case in session.packs["tiny"].cases[:3]]
    scripts = [script for plan in plans for script in plan.scripts]
    exchanges = InProcessGateway(session.target).fire(gateway(), scripts)
    return session, plans, [*exchanges.values()]


Small = tuple[LiveSession, list[Plan], list[Exchange]]


def test_unfinished_transcript_is_judged_only_with_its_option(small: Small, tmp_path: Path) -> None:
    """A run that was killed while writing a line loses only that line."""
    session, plans, exchanges = small
    path = tmp_path / "t.jsonl"
    write(path, session, plans, exchanges, none=True)
    path.write_bytes(path.read_bytes()[:-20])
    result = pack_on_disk.harness("judge", path)
    assert result.lines == [
        f"ERROR: {path}: it has no end: the run was killed, or is not over; "
        f"--unfinished judges the part that is there"
    ]
    result = pack_on_disk.harness("judge", path, "--unfinished", "--out", tmp_path / "out")
    assert result.code == 1
    report = pack_on_disk.read_report(tmp_path / "out")
    lost = [p.case.id for p in plans if exchanges[-1].shot in {shot.id for shot in p.shots}]
    assert [case["id"] for case in report["not_selected"]] == lost
    assert report["reasons"] == ["the transcript has no end"]
    assert (report["result"], report["totals"]["pass"]) == ("partial", len(plans) - len(lost))


def test_cases_that_a_stopped_run_did_not_judge_stay_unjudged(small: Small, tmp_path: Path) -> None:
    session, plans, exchanges = small
    names = [plan.case.name for plan in plans]
    write(tmp_path / "t.jsonl", session, plans, exchanges, reason="stopped", unjudged=names[1:])
    report = load_recorded(str(tmp_path / "t.jsonl")).report()
    assert [case["id"] for case in report["cases"]] == ["answer"]
    assert {case["reason"] for case in report["not_selected"]} == {"not judged: stopped"}


def test_stopped_run_gives_the_same_report_when_judged_again(
    tiny_pack: Path, tmp_path: Path
) -> None:
    pack_on_disk.pack(tiny_pack, pack_on_disk.CASES.replace("const: ready", "const: other"))
    with pack_on_disk.gateway() as url:
        options = ("--llm-model", "builtin-1", "--llm-api-key-env", "TINY_KEY")
        out = tiny_pack.parent / "out"
        pack_on_disk.run_pytest(
            tiny_pack, "-x", f"--llm-target={url}", *options, f"--llm-out={out}"
        )
    live, again = (
        pack_on_disk.read_report(out),
        load_recorded(str(out / "transcript.jsonl")).report(),
    )
    assert live["totals"]["fail"] == 1
    for report in (live, again):
        report["not_selected"].sort(key=lambda case: case["id"])
    for part in ("cases", "not_selected", "reasons", "result", "command", "selection"):
        assert again[part] == live[part], part


def test_changed_pack_judges_only_requests_that_are_unchanged(
    small: Small, tiny_pack: Path, tmp_path: Path
) -> None:
    """A changed assertion gives a new verdict; a changed request has no recorded answer."""
    session, plans, exchanges = small
    write(tmp_path / "t.jsonl", session, plans, exchanges)
    new = pack_on_disk.CASES.replace("const: ready", "const: other").replace(
        "values: [7]", "values: [8]"
    )
    new += "  - {id: more, row: more, modes: [plain], request: {body: {user: me}}}\n"
    pack_on_disk.pack(tiny_pack, new, pack_on_disk.PACK.replace("1.2.3", "2.0.0"))
    result = pack_on_disk.harness(
        "judge", tmp_path / "t.jsonl", "--pack", tiny_pack, "--out", tmp_path / "o"
    )
    assert result.code == 1
    report = pack_on_disk.read_report(tmp_path / "o")
    outcomes = {case["id"]: (case["outcome"], case.get("cause", "")) for case in report["cases"]}
    assert outcomes == {
        "answer": ("fail", ""),
        "seed": ("inconclusive", "budget"),
        "n": ("pass", ""),
        "more": ("inconclusive", "budget"),
    }
    assert report["packs"][0]["version"] == "2.0.0"
    assert [case["reason"] for case in report["not_selected"]] == ["opt-in: --feature limits"]


def test_replanning_keeps_the_requests_that_only_a_failure_made_necessary(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The gateway refuses a part that the cases need, and words each answer in another way."""
    monkeypatch.setenv("TINY_KEY", pack_on_disk.KEY)
    out, again = tmp_path / "live", tmp_path / "again"
    variants = [each.overrides for each in VARIANTS if each.id in ("lacks.parts", "model.restless")]
    overrides = {hook: each for variant in variants for hook, each in variant.items()}
    with serve_in_thread(Gateway(overrides, pace=0.0).respond) as url:
        options = ("--model=builtin-1", "--api-key-env=TINY_KEY", "--pack=openai-chat")
        assert pack_on_disk.harness("run", f"{url}/v1", *options, "--out", out).err == ""
    pack_on_disk.harness("judge", out, "--pack", "openai-chat", "--out", again)
    outcomes = pack_on_disk.outcomes(out)
    assert "inconclusive" in outcomes.values()
    assert pack_on_disk.outcomes(again) == outcomes
    shots = transcript.read(out / "transcript.jsonl")[1]
    assert any("/simpler/" in exchange.shot for exchange in shots)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda h: h.pop("run"), "`run`"),
        (lambda h: h["plans"][0]["case"].pop("id"), "missing required field `id` - at `$.case`"),
        (
            lambda h: h["plans"][0].update(new=1),
            "Unknown field; was it written by a newer version? - at `$.new`",
        ),
        (
            lambda h: h["plans"][0]["assertions"][0].update(level="most"),
            "at `$.assertions[0].level`",
        ),
    ],
)
def test_invalid_transcript_header_is_reported_in_one_line(
    small: Small, tmp_path: Path, change: Callable[[Any], object], message: str
) -> None:
    session, plans, exchanges = small
    path = tmp_path / "t.jsonl"
    write(path, session, plans, exchanges)
    first, rest = path.read_text("utf-8").split("\n", 1)
    header = json.loads(first)
    change(header["header"])
    path.write_text(f"{json.dumps(header)}\n{rest}", "utf-8")
    with pytest.raises(UsageError, match="its header is invalid") as error:
        load_recorded(str(path))
    assert message in str(error.value)


def test_judge_against_an_earlier_report_lists_changes_with_reasons(
    small: Small, tiny_pack: Path, tmp_path: Path
) -> None:
    session, plans, exchanges = small
    path = tmp_path / "t.jsonl"
    write(path, session, plans, exchanges)
    assert pack_on_disk.harness("judge", path, "--out", tmp_path / "old").code == 0
    pack_on_disk.pack(tiny_pack, pack_on_disk.CASES.replace("const: ready", "const: other"))
    for old in (path, tmp_path / "old", tmp_path / "old/report.json"):
        result = pack_on_disk.harness("judge", path, "--pack", tiny_pack, "--against", old)
        assert result.code == 1
        assert "Newly failing: 1\n  tiny/answer: pass -> fail\n      " in result.out
        assert 'expected: should be "other"; got: "ready"' in result.out
        assert result.out.endswith("1 regression\n")
    same = pack_on_disk.harness("judge", path, "--against", path)
    assert (same.code, same.out.endswith("no regression, no change\n")) == (0, True)
