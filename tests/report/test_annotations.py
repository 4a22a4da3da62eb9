"""On GitHub every failing case points at its line; nothing a target says is a command there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness.report.annotations import escape, workflow_commands
from tests.support import pack_on_disk


def commands(*cases: Any, root: str = "") -> list[str]:
    return workflow_commands({"cases": list(cases)}, root)  # type: ignore[typeddict-item]


def case(outcome: str, number: int = 0, **more: Any) -> dict[str, Any]:
    finding = {"rule": "status", "level": "must", "holds": False, "at": "status"}
    actual = {"expected": "200", "got": "500\n::add-mask::x", "shot": "s", "grade": "accepted"}
    base = {"pack": "p", "id": f"c{number}", "outcome": outcome, "why": "It matters.", "reason": ""}
    return {**base, "place": "cases/p/a.yaml:7:5", "findings": [{**finding, **actual}], **more}


def test_each_fail_is_an_error_at_its_line() -> None:
    [line] = commands(case("fail"), case("pass", 1))
    assert line.startswith(
        "::error file=cases/p/a.yaml,line=7,col=5,title=p/c0%3A fail::It matters."
    )
    assert "%0A" in line
    assert "\n" not in line


def test_inconclusive_and_warn_are_warnings_and_known_is_omitted() -> None:
    cases = [
        case("warn"),
        case("inconclusive", 1, cause="timeout", reason="no end"),
        case("fail", 2, known={"whole": True, "by": []}),
    ]
    first, second = commands(*cases)
    assert first.startswith("::warning ")
    assert second.startswith("::warning ")
    assert "inconclusive (timeout): no end" in first + second


def test_ten_annotations_are_listed_and_others_counted() -> None:
    lines = commands(*(case("fail", number) for number in range(13)))
    assert len(lines) == 11
    assert lines[-1] == "::error::and 3 more cases: see report.html"


def test_only_files_of_the_checkout_are_named() -> None:
    [line] = commands(case("fail", place="/w/cases/a.yaml:1:2"), root="/w")
    assert "file=cases/a.yaml,line=1,col=2" in line
    [line] = commands(case("fail", place="/lib/cases/a.yaml:1:2"), root="/w")
    assert "file=" not in line


def test_text_is_escaped() -> None:
    assert escape("50%\r\n::x::,", ":,") == "50%25%0D%0A%3A%3Ax%3A%3A%2C"


@pytest.mark.parametrize("where", ["true", ""])
def test_a_run_on_github_annotates(
    tiny_pack: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", where)
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tiny_pack.parent))
    good = pack_on_disk.correct_gateway()

    def wrong(request: Any) -> pack_on_disk.Reply:
        seven = b'"seed": 7' in request["body"]
        return pack_on_disk.error(400, "\n::warning::mine\n") if seven else good(request)

    with pack_on_disk.gateway(wrong) as url:
        result = pack_on_disk.run_against(url, tiny_pack)
    lines = [line.strip() for line in result.out.splitlines()]
    errors = [line for line in lines if line.startswith("::error ")]
    assert len(errors) == (1 if where else 0)
    if not where:
        assert "::stop-commands::" not in result.out
        return
    assert errors[0].startswith("::error file=tiny/cases.yaml,line=9,")
    [stop] = [n for n, line in enumerate(lines) if line.startswith("::stop-commands::")]
    token = lines[stop].removeprefix("::stop-commands::")
    assert lines.index(f"::{token}::") > stop
    outside = lines[:stop] + lines[lines.index(f"::{token}::") :]
    assert [one for one in outside if one.startswith("::") and token not in one] == errors
