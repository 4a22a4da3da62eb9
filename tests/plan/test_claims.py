"""Claims are judged, never trusted: shown they are a warning, untrue they are a fail."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from harness import run
from harness.judge import judge
from harness.load.deviations import with_claims
from harness.load.targets import load_target
from harness.model import Claim, Place, Plan, Row, Target, Verdict
from harness.plan import plan
from harness.prove.in_process import InProcessGateway, gateway
from harness.report.case_data import case_data
from harness.report.page_cases import case_view
from harness.run.replay import load_recorded
from harness.util import json_schema
from harness.util.errors import FileProblems
from tests.support import inline_pack, pack_on_disk, report_html
from tests.support.report_data import VALID

HERE = Place("claims.yaml", 2)


def claiming(behaviour: str, **spec: Any) -> Target:
    row = spec.pop("row", "field")
    claim = Claim(row, behaviour, "our own way", HERE, spec)
    return dataclasses.replace(inline_pack.TARGET, deviations=(claim,))


def judged(claimed: Target, world: inline_pack.Gateway, behaviour: str, **spec: Any) -> Verdict:
    return inline_pack.judge_replies(
        inline_pack.make_plan(behaviour, target=claimed, **spec), world
    )


REFUSING = inline_pack.reply_if("field", inline_pack.error_reply("no field", "field"))


def test_confirmed_claim_is_a_warning() -> None:
    verdict = judged(claiming("rejected"), REFUSING, "ignored", values=["a"])
    assert verdict.outcome == "warn"
    assert inline_pack.failed_rules(verdict) == {("claim.deviates", "should")}
    expected = inline_pack.first_failure(verdict)
    assert (expected.expected, expected.got) == ("ignored", "rejected, as claimed: our own way")
    assert (expected.at, str(expected.place)) == ("field", "claims.yaml:2:1")


def test_disproved_claim_fails() -> None:
    """Even where the target does what the document says."""
    verdict = judged(claiming("rejected"), inline_pack.conforming, "ignored", values=["a"])
    assert verdict.outcome == "fail"
    assert ("claim.untrue", "must") in inline_pack.failed_rules(verdict)


def test_claim_of_an_undecided_case_is_not_reported() -> None:
    gone = inline_pack.Reply(end="unreachable", status=None, note="refused")
    verdict = judged(claiming("rejected"), lambda shot: gone, "ignored", values=["a"])
    assert (verdict.outcome, verdict.cause) == ("inconclusive", "transport")
    assert verdict.findings == ()


def test_claim_equal_to_the_document_is_not_a_claim() -> None:
    plain = inline_pack.make_plan("ignored", values=["a"])
    assert inline_pack.make_plan("ignored", target=claiming("ignored"), values=["a"]) == plain
    assert (
        inline_pack.make_plan("ignored", target=claiming("ignored", row="other"), values=["a"])
        == plain
    )
    more = inline_pack.make_plan("ignored", target=claiming("ignored", values=["b"]), values=["a"])
    assert more.claim is not None


def sent(made: Plan) -> list[Any]:
    return list(dict.fromkeys(repr(s.value) for s in made.shots if s.value is not None))


def test_claim_sends_the_values_of_the_case_and_can_add_some() -> None:
    claimed = claiming("ignored", values=[7])
    assert sent(inline_pack.make_plan("exactly", target=claimed, value=1, values=[2, True])) == [
        "7",
        "1",
        "2",
        "True",
    ]
    claimed = claiming("exactly", value=0, values=[5])
    made = inline_pack.make_plan("clamped", target=claimed, range=[0, 1], values=[2])
    assert sent(made) == ["0", "5", "1", "2"]
    claimed = claiming("clamped", range=[0, 2], values=[9])
    made = inline_pack.make_plan("clamped", target=claimed, range=[0, 1], values=[1.5, 3])
    assert sent(made) == ["0", "2", "9", "3"]


def test_claim_sends_the_value_in_the_request_of_the_case() -> None:
    spec: dict[str, Any] = {
        "request": {"body": {"field": 5, "messages": [inline_pack.USER]}},
        "expect": {"status": "ok"},
    }
    assert sent(inline_pack.make_plan("supported", target=claiming("rejected"), **spec)) == ["5"]
    spec = {
        "request": {"body": {"messages": [{**inline_pack.USER, "name": "al"}]}},
        "field": "$.messages[0].name",
    }
    assert sent(inline_pack.make_plan("supported", target=claiming("ignored"), **spec)) == ["'al'"]


def test_response_row_can_be_claimed() -> None:
    world = lambda shot: inline_pack.text_reply(system_fingerprint="fp_1")  # noqa: E731
    spec = {"path": "$.system_fingerprint"}
    assert judged(inline_pack.TARGET, world, "always_empty", **spec).outcome == "fail"
    assert judged(claiming("present"), world, "always_empty", **spec).outcome == "warn"
    assert (
        judged(claiming("present"), inline_pack.conforming, "always_empty", **spec).outcome
        == "fail"
    )


def test_cases_of_the_row_with_another_behaviour_are_kept() -> None:
    """A field that is refused, as was claimed, says nothing about values of a wrong type."""
    declared = Row("field", "field", "request", "ignored")
    kinds = [
        inline_pack.case("rejected", id="wrong", values=[7]),
        inline_pack.case("ignored", values=["a"]),
    ]
    pack = dataclasses.replace(inline_pack.PACK, rows=(declared,), cases=tuple(kinds))
    plans = [plan(case, pack, claiming("supported")) for case in kinds]
    assert [(made.case.behaviour, made.claim is None) for made in plans] == [
        ("rejected", True),
        ("supported", False),
    ]


@pytest.mark.parametrize(
    ("claimed", "expected"),
    [
        (claiming("ignroed"), "no behaviour `ignroed`; there are supported, honoured_or_refused"),
        (claiming("clamped"), "as `clamped`, for the case small/one: "),
        (claiming("ignored", level="may"), "`level` is not a key of `ignored`"),
        (claiming("ignored", modes=["plain"]), "`modes` is not a key of `ignored`"),
        (claiming("ignored"), "list in `values` what to send for the case small/one"),
    ],
)
def test_incomplete_claim_or_unknown_key_is_an_error(claimed: Target, expected: str) -> None:
    with pytest.raises(FileProblems) as error:
        inline_pack.make_plan(
            "supported", target=claimed, request={"method": "GET", "path": "/models"}
        )
    assert "claims.yaml:2:1: the claim on `field`: " in str(error.value)
    assert expected in str(error.value)


def test_claims_cannot_make_a_target_conformant() -> None:
    """Whatever is claimed of whatever row, what was restated passes nowhere."""
    page = run.load_session(run.Options(packs=("openai-compat",)))
    straight, values = InProcessGateway(page.target), set()
    for index, case in enumerate(page.packs["openai-compat"].cases):
        way = ("supported", "ignored", "rejected", "present")[index % 4]
        target = dataclasses.replace(page.target, deviations=(Claim(case.row, way, "so", HERE),))
        try:
            made = plan(case, page.packs[case.pack], target)
        except FileProblems:
            continue  # a request field that is claimed to be an answer's
        if made.claim and not any(shot.call.client for shot in made.shots):
            verdict = judge(made, straight.fire(gateway(), made.scripts))
            assert verdict.outcome in ("warn", "fail", "inconclusive", "skip"), case.name
            values.add(verdict.outcome)
    assert {"warn", "fail"} <= values


def written(folder: Path, text: str) -> str:
    (folder / "claims.yaml").write_text(text, "utf-8")
    return str(folder / "claims.yaml")


def test_claims_file_is_added_to_the_target_file(tmp_path: Path) -> None:
    text = """
name: mine
packs: [openai-chat]
endpoints: {openai: {base_url: "http://127.0.0.1:9/v1", model: m}}
lacks: [vision]
deviations:
  n: {behaviour: ignored, why: "one is enough"}
  seed: {behaviour: supported, why: "it is passed on", values: [3]}
"""
    (tmp_path / "mine.yaml").write_text(text, "utf-8")
    target = load_target(str(tmp_path / "mine.yaml"))
    assert [(c.row, c.behaviour, dict(c.spec)) for c in target.deviations] == [
        ("n", "ignored", {}),
        ("seed", "supported", {"values": [3]}),
    ]
    more = 'lacks: [tools]\ndeviations: {n: {behaviour: rejected, why: "none"}}'
    both = with_claims(target, written(tmp_path, more))
    assert both.lacks == ("vision", "tools")
    assert {claim.row: claim.behaviour for claim in both.deviations} == {
        "n": "rejected",
        "seed": "supported",
    }


@pytest.mark.parametrize("text", ["{}", "deviations: {n: {behaviour: ignored}}", "field: {}"])
def test_invalid_claims_file_is_an_error(tmp_path: Path, text: str) -> None:
    with pytest.raises(FileProblems, match=r"claims\.yaml:1:"):
        with_claims(inline_pack.TARGET, written(tmp_path, text))


def test_schemas_are_valid() -> None:
    for name in ("claims", "target"):
        assert name in json_schema.names()
    assert json_schema.errors(
        "target", {"name": "a", "packs": ["p"], "endpoints": {}, "deviations": []}
    )


CLAIM = "deviations:\n  seed: {behaviour: rejected, why: we do not sample}\n"


def test_run_with_claims_is_partial_at_most(tiny_pack: Path, tmp_path: Path) -> None:
    out = tiny_pack.parent / "out"
    path = written(tmp_path, CLAIM)
    with pack_on_disk.gateway(pack_on_disk.refuse_seed) as url:
        result = pack_on_disk.run_against(url, tiny_pack, "--claims", path)
    assert (result.code, pack_on_disk.outcomes(out)["seed"]) == (0, "warn")
    report = pack_on_disk.read_report(out)
    assert not [*VALID.iter_errors(report)]
    assert report["result"] == "partial"
    [case] = [case for case in report["cases"] if "claim" in case]
    expected = {"declared": "ignored", "behaviour": "rejected", "because": "we do not sample"}
    assert (case["id"], case["claim"]) == ("seed", expected)
    shown = report_html.cases((out / "report.html").read_text("utf-8"))["tiny/seed"]
    assert shown["claim"] == expected
    assert load_recorded(str(out / "transcript.jsonl")).report()["cases"] == report["cases"]
    anew = load_recorded(str(out / "transcript.jsonl"), [str(tiny_pack)]).report()
    assert [c["outcome"] for c in anew["cases"]] == [c["outcome"] for c in report["cases"]]
    with pack_on_disk.gateway() as url:
        result = pack_on_disk.run_against(url, tiny_pack, "--claims", path)
    assert (result.code, pack_on_disk.outcomes(out)["seed"]) == (1, "fail")
    [fault] = pack_on_disk.read_report(out)["faults"]
    assert [finding["rule"] for finding in fault["also"]] == ["claim.untrue"]


def test_claim_on_an_unknown_row_stops_the_run_before_sending(
    tiny_pack: Path, tmp_path: Path
) -> None:
    result = pack_on_disk.run(
        tiny_pack, "--claims", written(tmp_path, CLAIM.replace("seed", "sed"))
    )
    assert result.code == 4
    assert result.lines[0].endswith("no row `sed` in these packs; did you mean seed?")
    elsewhere = CLAIM.replace("  seed:", "  other/sed:")
    assert pack_on_disk.run(tiny_pack, "--claims", written(tmp_path, elsewhere)).code == 0


def test_case_page_shows_the_claim() -> None:
    made = inline_pack.make_plan("ignored", target=claiming("rejected"), values=["a"])
    shown = case_view(
        case_data(inline_pack.judge_replies(made, REFUSING), made, (inline_pack.PACK,))
    )
    claim = {"behaviour": "rejected", "declared": "ignored", "because": "our own way"}
    assert shown["claim"] == claim
