"""Server-sent events are parsed as the standard defines, with any split of the bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.decode.sse import MAX_VIOLATIONS, RULE, Parser
from harness.model import Event

EXAMPLES: dict[str, tuple[bytes, list[tuple[str, str]]]] = {
    "openai": (
        b'data: {"a":1}\n\ndata: {"b":"\xe4\xb8\x96\xf0\x9f\x8c\x8d"}\n\ndata: [DONE]\n\n',
        [("", '{"a":1}'), ("", '{"b":"世🌍"}'), ("", "[DONE]")],
    ),
    "anthropic": (
        b'event: message_start\ndata: {"type":"message_start"}\n\n'
        b'event: ping\ndata: {"type": "ping"}\n\nevent: message_stop\ndata: {}\n\n',
        [
            ("message_start", '{"type":"message_start"}'),
            ("ping", '{"type": "ping"}'),
            ("message_stop", "{}"),
        ],
    ),
    "comments and pings": (
        b": ping\n\n:\n:keep-alive\n\ndata: 1\n: between\n\n\n\n: ping\n\ndata:2\n\n",
        [("", "1"), ("", "2")],
    ),
    "data in several lines": (b"data: a\ndata:  b\ndata\ndata:c\n\n", [("", "a\n b\n\nc")]),
    "empty data": (b"data\n\ndata:\n\ndata\ndata\n\n", [("", ""), ("", ""), ("", "\n")]),
    "a colon in the value": (b"data: a: b\n\ndata::\n\n", [("", "a: b"), ("", ":")]),
    "a space and a tab": (b"data:  \t x \n\n", [("", " \t x ")]),
    "retry": (b"retry: 3000\ndata: 1\n\n", [("", "1")]),
    "the last name counts": (
        b"event: a\nevent: b\ndata: 1\n\ndata: 2\n\n",
        [("b", "1"), ("", "2")],
    ),
    "empty fields": (b"event:\n\nid:\n\nevent\n\ndata: 1\n\n", [("", "1")]),
    "no bytes": (b"", []),
    "line ends only": (b"\n\n\n", []),
}
LINE_ENDS = {"LF": b"\n", "CR": b"\r", "CRLF": b"\r\n"}


def read(*pieces: bytes) -> tuple[list[Event], list[tuple[str, str, str]]]:
    parser = Parser()
    events = [event for piece in pieces for event in parser.feed(piece)]
    events += parser.close()
    assert all(each.rule == RULE for each in parser.violations)
    return events, [
        (each.at, each.level, f"{each.expected}, not {each.got}") for each in parser.violations
    ]


@pytest.mark.parametrize("line_end", LINE_ENDS)
@pytest.mark.parametrize("name", EXAMPLES)
def test_the_result_does_not_depend_on_where_the_bytes_are_split(name: str, line_end: str) -> None:
    wire, expected = EXAMPLES[name]
    wire = wire.replace(b"\n", LINE_ENDS[line_end])
    result = read(wire)
    assert [(event.event, event.data) for event in result[0]] == expected
    assert [event.number for event in result[0]] == list(range(len(expected)))
    assert result[1] == []
    for cut in range(len(wire) + 1):
        assert read(wire[:cut], wire[cut:]) == result
        assert read(wire[:cut], b"", wire[cut:]) == result
    assert read(*(wire[at : at + 1] for at in range(len(wire)))) == result


@given(
    st.lists(
        st.sampled_from(
            [
                b"data",
                b"id",
                b"event",
                b":",
                b": ",
                b"\n",
                b"\r",
                b"\r\n",
                b"\n\n",
                b"x",
                b"\xe4\xb8",
                b"\x96",
                b"\xef\xbb\xbf",
                b"\0",
            ]
        )
    ),
    st.data(),
)
def test_any_bytes_can_be_split_anywhere(parts: list[bytes], data: st.DataObject) -> None:
    wire = b"".join(parts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(wire)), max_size=4)))
    pieces = [wire[a:b] for a, b in zip([0, *cuts], [*cuts, len(wire)], strict=True)]
    assert read(*pieces) == read(wire)


def test_an_event_is_returned_as_soon_as_its_blank_line_arrives() -> None:
    parser = Parser()
    assert parser.feed(b"data: 1\r\n") == []
    assert [event.data for event in parser.feed(b"\r")] == ["1"]
    assert parser.feed(b"\ndata: 2\r") == []
    assert [event.data for event in parser.feed(b"\r")] == ["2"]


def test_an_id_is_kept_until_the_next_one() -> None:
    events, _ = read(b"id: 7\ndata: a\n\ndata: b\n\nid\ndata: c\n\n")
    assert [event.id for event in events] == ["7", "7", ""]


BOM = b"\xef\xbb\xbf"
END = "a blank line after the last event, not the end, and"
NO_DATA = (
    "data: in every event that has a name, an id or retry, "
    "not one without, which SDKs read as empty data and fail on"
)
FIELDS = "data:, event:, id:, retry: or a comment, not"
BOM_FIRST = "no byte order mark, not one, with which the Python SDKs lose the first event"


@pytest.mark.parametrize(
    ("wire", "data", "at", "level", "message"),
    [
        (b"data: a\n\ndata: b", ["a"], 1, "must", f"{END} 'b' is lost"),
        (b"data: [DONE]\n", ["[DONE]"], 0, "should", END.removesuffix(" and").removesuffix(",")),
        (b"data: \xff\n\n", ["\ufffd"], 0, "must", "UTF-8, not the byte 0xff in 'data: \ufffd'"),
        (BOM + b"data: a\n\n", ["a"], 0, "should", BOM_FIRST),
        (b"data: a\n\n" + BOM + b"data: b\n\n", ["a"], 1, "must", f"{FIELDS} '\\ufeffdata: b'"),
        (
            b"id: 1\0\ndata: a\n\n",
            ["a"],
            0,
            "may",
            "an id without the character NUL, not '1\\x00'",
        ),
        (b"retry: soon\ndata: a\n\n", ["a"], 0, "may", "retry: with digits only, not 'soon'"),
        (b"Data: b\ndata: a\n\n", ["a"], 0, "must", f"{FIELDS} 'Data: b'"),
        (b"usage: 5\ndata: a\n\n", ["a"], 0, "may", f"{FIELDS} 'usage: 5'"),
        (b'{"error": {}}\n\n', [], 0, "must", f"{FIELDS} '{{\"error\": {{}}}}'"),
        (b"Internal error\n\n", [], 0, "must", f"{FIELDS} 'Internal error'"),
        (b" data: a\n\n", [], 0, "must", f"{FIELDS} ' data: a'"),
        (b"event: ping\n\ndata: a\n\n", ["a"], 0, "must", NO_DATA),
        (b"retry: 3000\n\ndata: a\n\n", ["a"], 0, "must", NO_DATA),
        (b"id: 1\ndata: a\n\n: ping\n\n", ["a"], 1, "must", NO_DATA),
    ],
)
def test_a_framing_violation_has_a_place_a_level_and_a_message(
    wire: bytes, data: list[str], at: int, level: str, message: str
) -> None:
    events, violations = read(wire)
    assert [event.data for event in events] == data
    assert violations == [(f"event {at}", level, message)]


def test_an_endless_event_is_skipped_without_using_memory() -> None:
    parser = Parser(max_event_bytes=100)
    events = parser.feed(b"data: ok\n\n")
    for _ in range(1000):
        events += parser.feed(b"data: " + b"x" * 50 + b"\n")
    assert sum(map(len, parser._data)) < 100
    for _ in range(1000):
        events += parser.feed(b"y" * 50)
    assert sum(map(len, parser._line)) < 100
    events += parser.feed(b"\n\ndata: next\n\n")
    assert [event.data for event in events] == ["ok", "next"]
    [violation] = parser.violations
    assert violation.expected == "an event of at most 100 bytes"


def test_the_number_of_violations_is_limited() -> None:
    assert len(read(b"nonsense\n" * 1000)[1]) == MAX_VIOLATIONS


def test_ignored_events_need_no_data() -> None:
    parser = Parser(ignored=("ping",))
    assert parser.feed(b"event: ping\n\ndata: 1\n\nevent: news\n\n") == [Event(0, "", "1")]
    assert [each.level for each in parser.violations] == ["should", "must"]
