"""The README's demonstration: a gateway that lies fails, and one sentence says how."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from harness.testbed.gateway.gateway import Gateway
from harness.testbed.http_server.server import serve_in_thread
from harness.testbed.keys import GATEWAY_KEY
from harness.testbed.mutants import MUTANTS
from tests.support import pack_on_disk

pytestmark = pytest.mark.no_cover

README = (Path(__file__).resolve().parents[2] / "README.md").read_text("utf-8")
MUTANT = re.findall(r"`harness serve --mutant ([\w.-]+)`", README)[0]
QUOTE = re.findall(r"^> (`.*?), ", README, re.MULTILINE)[0]


def run_against_mutant(name: str, monkeypatch: pytest.MonkeyPatch) -> pack_on_disk.CommandResult:
    """Run the default pack of a URL against a gateway with one fault."""
    monkeypatch.setenv("GATEWAY_API_KEY", GATEWAY_KEY)
    override = next(mutant.override for mutant in MUTANTS if mutant.id == name)
    with serve_in_thread(Gateway(override, pace=0.0).respond) as url:
        return pack_on_disk.harness(
            *("run", f"{url}/v1", "--model", "builtin-1"),
            *("--api-key-env", "GATEWAY_API_KEY"),
        )


@pytest.mark.parametrize(
    ("mutant", "sentence"),
    [
        (MUTANT, QUOTE),
        ("options.schema-ignored", "`response_format` is accepted but not honoured: "),
        ("stop.kept", "`stop` is accepted but not honoured: "),
        ("hoist.late-lost", "System messages after the first message are lost: "),
        ("chat.results-swapped", "Tool results are swapped: "),
        ("result.by-order", "Tool results are swapped if they come in another order than the"),
        ("stream.dropped", "Streams end early: the connection is closed before their end"),
    ],
)
def test_lie_of_a_gateway_is_one_sentence_with_exit_code_1(
    mutant: str, sentence: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run_against_mutant(mutant, monkeypatch)
    assert result.code == 1
    assert " ".join(result.out.split()).count(sentence) == 1
