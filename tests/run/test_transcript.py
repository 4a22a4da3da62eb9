"""Transcripts are written line by line and read back without a change."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.model import Attempt, Exchange
from harness.run.transcript import FORMAT, Writer, read
from harness.run.transcript_lines import texts_of
from harness.util.errors import UsageError

EXCHANGE = Exchange(
    shot="pack/case/n=2/stream",
    method="POST",
    url="http://127.0.0.1/v1/chat/completions",
    request_headers=(("authorization", "Bearer [key:caller]"), ("a", "1"), ("a", "2")),
    request_body='{"text": "Grüße\n\u2028"}',
    end="complete",
    status=200,
    http_version="HTTP/1.1",
    headers=(("Content-Type", "text/event-stream"),),
    chunks=((0.1, b"data: 1\n\n"), (0.25, b""), (1 / 3, "世".encode()[:2]), (1.0, b"\x96\x00\xff")),
    attempts=(
        Attempt(0.5, 0.1, "unreachable", note="refused"),
        Attempt(1.5, 2.0, "complete", 200, True),
    ),
    started=0.5,
    seconds=2.0,
    note="a note",
)
TEXT = st.text()
PAIRS = st.lists(st.tuples(TEXT, TEXT), max_size=2).map(tuple)
TIMES = st.floats(allow_nan=False, allow_infinity=False)
ENDS = st.sampled_from(["complete", "dropped", "timeout"])
ATTEMPTS = st.builds(Attempt, TIMES, TIMES, ENDS, st.none() | st.integers(), st.booleans(), TEXT)
EXCHANGES = st.builds(
    Exchange, TEXT, TEXT, TEXT, PAIRS, TEXT, ENDS, st.none() | st.integers(), TEXT, PAIRS,
    st.lists(st.tuples(TIMES, st.binary(max_size=8)), max_size=3).map(tuple),
    st.lists(ATTEMPTS, max_size=2).map(tuple), TIMES, TIMES, TEXT,
)  # fmt: skip


@given(st.lists(EXCHANGES, max_size=3))
def test_transcript_is_read_as_write_transcript(tmp_path: Path, exchanges: list[Exchange]) -> None:
    path = tmp_path / "transcript.jsonl"
    with Writer(path) as writer:
        writer.header({"target": "t", "cases": [{"id": "Grüße"}]})
        for exchange in [EXCHANGE, *exchanges]:
            writer.exchange(exchange)
        writer.footer({"result": "conformant"})
    header, read_exchanges, footer = read(path)
    assert header == {"target": "t", "cases": [{"id": "Grüße"}]}
    assert read_exchanges == [EXCHANGE, *exchanges]
    assert footer == {"result": "conformant"}


def write_transcript(path: Path, footer: bool = True) -> bytes:
    with Writer(path) as writer:
        writer.header({})
        writer.exchange(EXCHANGE)
        if footer:
            writer.footer({})
    return path.read_bytes()


def test_every_line_is_json_in_utf8(tmp_path: Path) -> None:
    lines = write_transcript(tmp_path / "t").decode("utf-8").split("\n")
    assert [[*json.loads(line)] for line in lines[:-1]] == [["header"], ["exchange"], ["footer"]]
    assert json.loads(lines[0]) == {"header": {"format": FORMAT}}
    assert json.loads(lines[1])["exchange"]["chunks"][2:] == [
        [1 / 3, {"b64": "5Lg="}],
        [1.0, {"b64": "lgD/"}],
    ]
    assert "Grüße" in lines[1]


def test_header_is_read_as_one_byte_for_a_character(tmp_path: Path) -> None:
    path, header = tmp_path / "t.jsonl", {"plans": [{"id": "世界 🌍"}], "run": "Grüße, 世界 🌍"}
    with Writer(path) as writer:
        writer.header(header)
        writer.footer({})
    first = path.read_text("utf-8").partition("\n")[0]
    assert "Grüße" in first
    assert max(first) <= "\xff"
    assert read(path)[0] == header


def test_the_line_of_a_large_answer_is_written_in_parts_and_reads_the_same(tmp_path: Path) -> None:
    pieces = (b'{"chunks":[' * 30_000, b"\xff" * 9, b"", '"世\x1b\\'.encode() * 1_000)
    chunks = tuple((float(at), piece) for at, piece in enumerate(pieces))
    key = '"chunks":['
    large = dataclasses.replace(EXCHANGE, chunks=chunks, request_body=key, note=key)
    assert len([*texts_of(large)]) == len(chunks) + 1
    with Writer(tmp_path / "t.jsonl") as writer:
        writer.header({})
        writer.exchange(large)
        writer.exchange(EXCHANGE)
    assert read(tmp_path / "t.jsonl")[1] == [large, EXCHANGE]


def test_lone_surrogate_is_written_and_read(tmp_path: Path) -> None:
    exchange = dataclasses.replace(EXCHANGE, request_body="half \ud83d", note="\udc00")
    with Writer(tmp_path / "t") as writer:
        writer.header({})
        writer.exchange(exchange)
    (tmp_path / "t").read_text(encoding="utf-8")
    assert read(tmp_path / "t")[1] == [exchange]


def test_truncated_transcript_loses_only_its_last_line(tmp_path: Path) -> None:
    path = tmp_path / "t"
    whole = write_transcript(path)
    lines = whole.split(b"\n")
    for size in range(len(lines[0]) + 1, len(whole)):
        path.write_bytes(whole[:size])
        header, exchanges, footer = read(path)
        assert (header, footer) == ({}, None)
        assert len(exchanges) == whole[:size].count(b"\n") - 1


def test_lines_are_written_immediately(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "t")
    writer.header({"a": 1})
    writer.exchange(EXCHANGE)
    assert read(tmp_path / "t") == ({"a": 1}, [EXCHANGE], None)
    writer.close()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "it has no header"),
        ('{"header": {"format": 1}}', "it has no header"),
        ("not json\n", ":1: not a line of a transcript"),
        ("[]\n", ":1: not a line of a transcript"),
        ("{}\n", ":1: not a line of a transcript"),
        ('{"header": {"format": 3}}\n', "it has format 3, and this harness reads formats 1 and 2"),
        ('{"header": {}}\n', "it has format None"),
        ('{"header": 1}\n', ":1: not a line of a transcript"),
        ('{"footer": {}}\n', ":1: not a line of a transcript: a footer is out of place"),
        (
            '{"header": {"format": 1}}\n{"header": {"format": 1}}\n',
            ":2: .*a header is out of place",
        ),
        (
            '{"header": {"format": 1}}\n{"footer": {}}\n{"footer": {}}\n',
            ":3: .*a footer is out of place",
        ),
        ('{"header": {"format": 1}}\n{"noise": {}}\n', ":2: .*unknown key `noise`"),
        ('{"header": {"format": 1}}\n{"exchange": {}}\n', ":2: not a line of a transcript"),
        ('{"header": {"format": 1}}\n{"exchange": [1]}\n', ":2: not a line of a transcript"),
        ('{"header": {"format": 1}}\n' + "[" * 99999 + "\n", ":2: not a line of a transcript"),
        ("\udcff\n", ":1: not a line of a transcript"),
    ],
)
def test_invalid_transcript_is_rejected_with_the_line_number(
    tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "t"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(UsageError, match=message):
        read(path)


def test_exchange_with_an_unknown_key_is_rejected(tmp_path: Path) -> None:
    lines = write_transcript(tmp_path / "t").split(b"\n")
    record = json.loads(lines[1])
    record["exchange"]["colour"] = "red"
    (tmp_path / "t").write_bytes(b"\n".join([lines[0], json.dumps(record).encode(), b""]))
    with pytest.raises(UsageError, match="colour"):
        read(tmp_path / "t")


def test_unusable_path_is_reported_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot write the transcript .*: Is a directory"):
        Writer(tmp_path)
    with pytest.raises(UsageError, match=r"cannot read the transcript .*: No such file"):
        read(tmp_path / "nothing")


@pytest.mark.parametrize(
    ("note", "reason"),
    [
        ("no earlier answer gave $call", "missing-capture"),
        ("stopped before it was sent", "stopped"),
        ("stopped: --max-requests 1 is spent", "stopped"),
        ("harness: KeyError: 'a'", ""),
    ],
)
def test_reason_of_an_unsent_shot_is_read_from_the_note_of_an_old_transcript(
    tmp_path: Path, note: str, reason: str
) -> None:
    path = tmp_path / "transcript.jsonl"
    with Writer(path) as writer:
        writer.header({})
        writer.exchange(dataclasses.replace(EXCHANGE, end="not-sent", note=note))
    _, [exchange], _ = read(path)
    assert exchange.reason == reason


def test_reason_of_an_unsent_shot_is_written_and_read(tmp_path: Path) -> None:
    unsent = dataclasses.replace(EXCHANGE, end="not-sent", reason="budget")
    with Writer(tmp_path / "transcript.jsonl") as writer:
        writer.header({})
        writer.exchange(unsent)
    assert read(tmp_path / "transcript.jsonl")[1] == [unsent]
