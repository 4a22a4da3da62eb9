"""`harness survey` writes a table, and files with which `harness run` passes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from harness.run import CaseResult, LiveSession, run_cases
from harness.survey import claims, session
from tests.support import pack_on_disk
from tests.support.pack_on_disk import KEY, Reply, Respond
from tests.support.small_surveys import (
    body_of,
    rows_of,
    run_again,
    survey,
    survey_url,
    tiny_survey,
)


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return tiny_survey(tmp_path, monkeypatch)


def refuse_n(request: Mapping[str, Any]) -> Reply:
    """A gateway that takes no `n` at all, without saying which field it dislikes."""
    refused = "n" in body_of(request)
    return pack_on_disk.error(400, "bad request") if refused else pack_on_disk.CORRECT(request)


def crash_on_seed(request: Mapping[str, Any]) -> Reply:
    failed = "seed" in body_of(request)
    return pack_on_disk.error(500, f"key {KEY}") if failed else pack_on_disk.CORRECT(request)


def test_table_has_the_status_of_each_field(tiny: Path) -> None:
    result = survey(tiny, pack_on_disk.refuse_seed)
    assert (result.code, result.err) == (0, "")
    assert rows_of(tiny)["seed"]["status"] == "Refused by name (400)"
    assert rows_of(tiny)["n"]["status"] == "Must be exactly 1"
    for name in ("survey.md", "survey.html"):
        assert "Refused by name (400)" in (tiny.parent / "out" / name).read_text("utf-8")
    table, _, _ = result.out.partition("table: ")
    assert max(map(len, table.splitlines())) <= 80


@pytest.mark.parametrize("respond", [pack_on_disk.CORRECT, pack_on_disk.refuse_seed, refuse_n])
def test_run_with_the_written_files_passes_on_the_same_gateway(
    tiny: Path, respond: Respond
) -> None:
    with pack_on_disk.gateway(respond) as url:
        survey_url(url, tiny)
        result = run_again(tiny)
    assert result.code == 0, result.out + result.err


def test_a_confirmed_deviation_is_a_claim_and_no_baseline(tiny: Path) -> None:
    survey(tiny, pack_on_disk.refuse_seed)
    assert "behaviour: rejected" in (tiny.parent / "out" / "claims.yaml").read_text("utf-8")
    survey(tiny, pack_on_disk.CORRECT)
    assert not (tiny.parent / "out" / "claims.yaml").exists()


def test_a_claim_is_confirmed_without_cases_that_the_survey_did_not_send(tiny: Path) -> None:
    pack_file, case_file = tiny / "pack.yaml", tiny / "cases.yaml"
    features = pack_file.read_text("utf-8").replace("limits: opt-in", "upstream: opt-in")
    pack_file.write_text(features, "utf-8")
    cases = case_file.read_text("utf-8").replace("row: burst", "row: seed")
    case_file.write_text(cases.replace("feature: limits", "feature: upstream"), "utf-8")
    result = survey(tiny, pack_on_disk.refuse_seed)
    assert (result.code, result.err) == (0, "")
    assert "behaviour: rejected" in (tiny.parent / "out" / "claims.yaml").read_text("utf-8")


def test_a_claim_that_no_case_decides_is_not_written(
    tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims, "complete", lambda again: True)  # it sends nothing
    assert survey(tiny, pack_on_disk.refuse_seed).code == 0
    assert not (tiny.parent / "out" / "claims.yaml").exists()
    assert "tiny/seed" in (tiny.parent / "out" / "baseline.yaml").read_text("utf-8")


def test_an_interruption_while_claims_are_checked_leaves_the_table_only(
    tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims, "complete", lambda again: False)
    assert survey(tiny, pack_on_disk.refuse_seed).code == 2
    assert rows_of(tiny)["seed"]["kind"] == "refused_by_name"
    assert [*(tiny.parent / "out").glob("*.yaml")] == []


def test_outputs_have_no_key_that_the_target_prints(tiny: Path) -> None:
    result = survey(tiny, crash_on_seed)
    assert rows_of(tiny)["seed"]["kind"] == "crashes"
    written = [path.read_text("utf-8") for path in (tiny.parent / "out").iterdir()]
    assert KEY not in "".join([*written, result.out, result.err])


def test_target_that_is_no_gateway_is_reported_in_one_line(tiny: Path) -> None:
    result = survey(tiny, lambda request: pack_on_disk.reply(200, b"<html>welcome"))
    assert result.code == 4
    assert len(result.lines) == 1


def test_incomplete_survey_has_a_table_and_no_files_for_a_run(tiny: Path) -> None:
    with pack_on_disk.gateway() as url:
        result = survey_url(url, tiny, "--max-requests", "12")
    assert result.code == 1
    assert "The survey is incomplete" in result.out
    assert "--resume" not in result.out  # the command has no such option
    out = tiny.parent / "out"
    assert "The survey is incomplete" in (out / "survey.html").read_text("utf-8")
    assert not (out / "target.yaml").exists()


def test_interrupted_survey_has_a_table(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(live: LiveSession) -> Iterator[CaseResult]:
        results = run_cases(live)
        yield next(results)
        results.throw(KeyboardInterrupt)  # type: ignore[attr-defined]

    monkeypatch.setattr(session, "run_cases", interrupted)
    result = survey(tiny, pack_on_disk.CORRECT)
    assert result.code == 2
    assert rows_of(tiny)["answer"]["kind"] == "supported"
    assert rows_of(tiny)["n"]["kind"] == "unknown"


def test_survey_that_is_interrupted_at_once_has_no_table(
    tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(live: LiveSession) -> Iterator[CaseResult]:
        results = run_cases(live)
        yield results.throw(KeyboardInterrupt)  # type: ignore[attr-defined]

    monkeypatch.setattr(session, "run_cases", interrupted)
    result = survey(tiny, pack_on_disk.CORRECT)
    assert (result.code, result.err) == (2, "")
    assert "there is no table" in result.out


def test_the_next_command_repeats_options_that_the_target_file_lacks(tiny: Path) -> None:
    with pack_on_disk.gateway() as url:
        result = survey_url(url, tiny, "--timeout", "7", "--insecure")
    assert "target.yaml --insecure --timeout 7.0" in result.out


def test_the_next_command_names_headers_and_not_what_is_in_them(tiny: Path) -> None:
    with pack_on_disk.gateway() as url:
        result = survey_url(url, tiny, "--header", "x-team: blue-7")
    assert "give the headers again: --header x-team" in result.out
    assert "blue-7" not in result.out


def test_the_table_has_the_signals_that_a_target_lacks_in_words(tiny: Path) -> None:
    def uncounted(request: Mapping[str, Any]) -> Reply:
        answer = pack_on_disk.CORRECT(request)
        text = re.sub(rb'"prompt_tokens": ?\d+', b'"prompt_tokens": 9', b"".join(answer["chunks"]))
        return {**answer, "chunks": [text], "pauses": [0.0]}

    survey(tiny, uncounted)
    page = (tiny.parent / "out" / "survey.html").read_text("utf-8")
    assert "The number of input tokens follows the length of the prompt (openai, " in page
    assert "Report the input tokens of each request" in page


def test_the_target_file_names_all_headers_and_not_what_is_in_them(
    tiny: Path, tmp_path: Path
) -> None:
    with pack_on_disk.gateway() as url:
        endpoint = f"{{base_url: '{url}', model: builtin-1, headers: {{x-a: red-1, x-b: red-2}}}}"
        file = tmp_path / "mine.yaml"
        head = "name: mine\npacks: [openai-chat]\nkey_env: TINY_KEY\n"
        file.write_text(f"{head}endpoints: {{openai: {endpoint}}}\n", "utf-8")
        result = survey_url(str(file), tiny)
    assert result.code == 0, result.err
    written = (tiny.parent / "out" / "target.yaml").read_text("utf-8")
    assert "# Sent as well, and not written here: x-a, x-b\n" in written
    assert "red-" not in written


def test_a_row_lists_the_promises_that_are_not_met(tiny: Path) -> None:
    survey(tiny, pack_on_disk.refuse_seed)
    [unmet] = rows_of(tiny)["seed"]["unmet"]
    assert unmet["case"] == "tiny/seed"
    assert unmet["observed"].startswith("refused with 400")
    assert "not met: " in (tiny.parent / "out" / "survey.html").read_text("utf-8")


def test_a_pack_of_two_protocols_alone_cannot_be_surveyed(tmp_path: Path) -> None:
    result = pack_on_disk.harness("survey", "--pack", "cross-protocol", "--out", tmp_path / "out")
    assert (result.code, len(result.lines)) == (4, 1)
    assert "--pack openai-chat" in result.err
