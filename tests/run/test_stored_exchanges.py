"""Recorded exchanges are read from the file one by one, and equal what was written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.model import Exchange
from harness.run import stored_exchanges
from harness.run.stored_exchanges import open_recorded
from harness.run.transcript import Writer, read
from harness.run.transcript_lines import texts_of_header, to_text
from harness.util.errors import UsageError

PLANS = [{"a": ["ä"]}, {"b": "\x1b"}]
HEADER = {"started": "now", "plans": PLANS, "repeat": 1}


def answer(shot: str, body: bytes) -> Exchange:
    url = "http://127.0.0.1/v1/chat/completions"
    return Exchange(shot, "POST", url, (), "{}", "complete", 200, "HTTP/1.1", (), ((0.1, body),))


def write(path: Path, *bodies: bytes) -> None:
    with Writer(path) as writer:
        writer.header({"started": "now"})
        for number, body in enumerate(bodies):
            writer.exchange(answer(f"s{number}", body))
        writer.footer({"requests": len(bodies)})


def test_each_exchange_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    write(path, b"one", b"\xff", "drei \N{GRINNING FACE}".encode())
    header, stored, footer, lines, requests = open_recorded(path)
    assert (header, list(stored.values()), footer) == read(path)
    assert list(stored) == ["s0", "s1", "s2"]
    assert (lines, requests, "s1" in stored, "s9" in stored) == (3, 3, True, False)
    assert stored["s2"].body == "drei \N{GRINNING FACE}".encode()
    assert list(stored.of_shots({"s1"})) == ["s1"]


def test_few_exchanges_are_in_memory_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored_exchanges, "HELD", 5_000)
    path = tmp_path / "t.jsonl"
    write(path, *(bytes([65 + number]) * 2_000 for number in range(20)))
    _, stored, *_ = open_recorded(path)
    for _ in range(2):
        assert [len(stored[shot].body) for shot in stored] == [2_000] * 20
        assert len(stored._held) <= 2
    assert stored["s19"] is stored["s19"]


def test_a_file_that_changes_while_it_is_read_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    write(path, b"one")
    _, stored, *_ = open_recorded(path)
    with path.open("r+b") as file:
        file.truncate(40)
    with pytest.raises(UsageError, match="changed while it was read"):
        stored["s0"]


def test_a_header_in_parts_is_the_header() -> None:
    whole = "".join(texts_of_header({**HEADER, "plans": iter(PLANS)}))
    assert whole == to_text({"header": HEADER})
    assert json.loads(whole)["header"] == HEADER
    assert "".join(texts_of_header({"plans": []})) == to_text({"header": {"plans": []}})
