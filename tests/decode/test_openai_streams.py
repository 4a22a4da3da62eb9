"""A stream adds up to the plain answer, and each broken law is called by its name."""

from __future__ import annotations

import copy
import itertools
import json
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.decode.streams import openai, openai_rules
from harness.decode.streams.merge_deltas import joined
from harness.decode.streams.rule import StreamRule
from harness.model import Event, Json, Violation
from harness.util import json_schema
from harness.util.strict_json import DEEPEST

CHECK = partial(json_schema.errors, "openai/chunk")
USAGE = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
DONE = "[DONE]"
Stream = list[Any]


def chunk(*choices: Json, **more: Json) -> dict[str, Any]:
    """A chunk; a choice is (index, delta, finish_reason)."""
    told = [{"index": i, "delta": delta, "finish_reason": end} for i, delta, end in choices]
    head = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return {**head, "choices": told, **more}


def say(delta: Json, finish: Json = None, index: int = 0, **more: Json) -> dict[str, Any]:
    return chunk((index, delta, finish), **more)


def call(index: Json, piece: Json = None, **more: Json) -> dict[str, Any]:
    """A fragment of a tool call."""
    function = {} if piece is None else {"function": {"arguments": piece}}
    return {"index": index, **function, **more}


def opened(index: int, name: str, piece: str = "") -> dict[str, Any]:
    function = {"name": "f", "arguments": piece}
    return {"index": index, "id": name, "type": "function", "function": function}


def unnumbered(fragment: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in fragment.items() if key != "index"}


def calls(*fragments: Json, **more: Json) -> dict[str, Any]:
    return say({"tool_calls": list(fragments)}, **more)


HELLO = say({"role": "assistant", "content": ""})
TEXT: Stream = [HELLO, say({"content": "a"}), say({"content": "b"}), say({}, "stop"), DONE]
COUNTED: Stream = [*TEXT[:-1], chunk(usage=USAGE), DONE]
OPEN = say({"role": "assistant", "content": None})
TOOLS: Stream = [
    OPEN,
    calls(opened(0, "c1")),
    calls(call(0, '{"city":')),
    calls(opened(1, "c2", "{")),
    calls(call(0, ' "Paris"}'), call(1, "}")),
    say({}, "tool_calls"),
    DONE,
]
FINISH = say({}, "tool_calls")


def read(
    stream: Stream, asked: bool = False, whole: bool = True, checked: bool = True
) -> tuple[dict[str, Any] | None, list[Json], list[Violation]]:
    texts = [each if isinstance(each, str) else json.dumps(each) for each in stream]
    events = [Event(number, "", text) for number, text in enumerate(texts)]
    body, chunks, violations = openai(
        events, asked, whole=whole, check=CHECK if checked else lambda chunk: []
    )
    return body, chunks, violations


def named(violations: list[Violation]) -> str:
    return ", ".join(f"{each.rule.removeprefix('stream.')} {each.level}" for each in violations)


def test_a_text_adds_up_to_the_plain_answer() -> None:
    body, chunks, violations = read(COUNTED, asked=True)
    assert violations == []
    assert chunks == COUNTED[:-1]
    assert body == {
        "id": "x",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "ab"},
                "finish_reason": "stop",
            }
        ],
        "usage": USAGE,
    }
    assert json_schema.errors("openai/completion", body) == []


def test_tool_calls_are_joined_by_their_index() -> None:
    body, _, violations = read(TOOLS)
    assert violations == []
    assert body is not None
    assert body["choices"][0] == {
        "index": 0,
        "message": {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {
                    "id": "c1",
                    "type": "function",
                    "function": {"name": "f", "arguments": '{"city": "Paris"}'},
                },
                {"id": "c2", "type": "function", "function": {"name": "f", "arguments": "{}"}},
            ],
        },
        "finish_reason": "tool_calls",
    }
    assert json_schema.errors("openai/completion", body) == []


def message(*chunks: Json) -> Json:
    body, _, _ = read([*chunks, DONE])
    return body and body["choices"][0]["message"]


@pytest.mark.parametrize(
    ("deltas", "whole"),
    [
        ([{"role": "assistant"}, {}], {"role": "assistant", "content": None}),
        ([{"role": "assistant", "content": ""}], {"role": "assistant", "content": ""}),
        ([{"content": None}, {"content": "a"}], {"content": "a"}),
        ([{"content": ""}, {"refusal": "n"}, {"refusal": "o"}], {"content": None, "refusal": "no"}),
        (
            [
                {"function_call": {"name": "f", "arguments": ""}},
                {"function_call": {"arguments": "{}"}},
            ],
            {"content": None, "function_call": {"name": "f", "arguments": "{}"}},
        ),
        ([{"thinking": "a"}, {"thinking": "b"}], {"content": None, "thinking": "ab"}),
        ([{"annotations": [1]}, {"annotations": [2]}], {"content": None, "annotations": [1, 2]}),
        ([{"score": 1}, {"score": 2}], {"content": None, "score": 2}),
        (
            [{"audio": {"id": "a", "data": "x"}}, {"audio": {"id": "a", "data": "y"}}],
            {"content": None, "audio": {"id": "a", "data": "xy"}},
        ),
        ([{"role": "assistant"}, {"role": "assistant"}], {"role": "assistant", "content": None}),
        ([{"content": ["odd"]}, {"content": "x"}], {"content": "x"}),
    ],
)
def test_deltas_join_by_their_kind(deltas: list[Json], whole: Json) -> None:
    joined_up = message(*(say(delta) for delta in deltas))
    assert joined_up == {"content": None, **whole}


def test_choices_interleave_and_come_out_in_order() -> None:
    stream: Stream = [
        chunk((1, {"role": "assistant"}, None), (0, {"role": "assistant"}, None)),
        say({"content": "b"}, index=1),
        say({"content": "a"}, "stop"),
        say({"content": "b"}, "length", index=1),
        DONE,
    ]
    body, _, violations = read(stream)
    assert violations == []
    assert body is not None
    texts = [(c["index"], c["message"]["content"], c["finish_reason"]) for c in body["choices"]]
    assert texts == [(0, "a", "stop"), (1, "bb", "length")]


def test_logprobs_and_other_keys_of_a_choice_are_joined_too() -> None:
    token = {"token": "a", "logprob": -1}
    first, second = copy.deepcopy(TEXT[1]), copy.deepcopy(TEXT[2])
    first["choices"][0]["logprobs"] = {"content": [token], "refusal": None}
    second["choices"][0]["logprobs"] = {"content": [token], "refusal": None}
    body, _, _ = read([HELLO, first, second, *TEXT[3:]])
    assert body is not None
    assert body["choices"][0]["logprobs"] == {"content": [token, token], "refusal": None}


def test_keys_beside_the_choices_are_kept_but_for_the_padding() -> None:
    more = {"system_fingerprint": "fp", "service_tier": None, "obfuscation": "xyz", "x": 1}
    stream: Stream = [{**each, **more} for each in TEXT[:-1]]
    stream[1]["service_tier"] = "default"
    stream.append(DONE)
    body, _, violations = read(stream)
    assert violations == []
    assert body is not None
    own = {
        key: body[key] for key in body if key not in ("id", "object", "created", "model", "choices")
    }
    assert own == {"system_fingerprint": "fp", "service_tier": "default", "x": 1}


HARMLESS: dict[str, Stream] = {
    "text in the finish chunk": [HELLO, say({"content": "ab"}, "stop"), DONE],
    "all in one chunk": [say({"role": "assistant", "content": "ab"}, "stop"), DONE],
    "one character at a time": [HELLO, *(say({"content": c}) for c in "ab"), say({}, "stop"), DONE],
    "role without content": [say({"role": "assistant"}), *TEXT[1:]],
    "role with null": [OPEN, *TEXT[1:]],
    "role with text": [say({"role": "assistant", "content": "a"}), *TEXT[2:]],
    "role null later": [HELLO, say({"role": None, "content": "ab"}), say({}, "stop"), DONE],
    "empty deltas between": [HELLO, say({}), TEXT[1], say({"content": ""}), *TEXT[2:]],
    "finish with empty content": [*TEXT[:3], say({"content": ""}, "stop"), DONE],
    "finish with nulls": [*TEXT[:3], say({"content": None, "tool_calls": None}, "stop"), DONE],
    "usage null": [{**each, "usage": None} if each != DONE else DONE for each in TEXT],
    "extra keys": [{**each, "x": {"y": [1]}} if each != DONE else DONE for each in TEXT],
    "padding": [*({**each, "obfuscation": "q" * n} for n, each in enumerate(TEXT[:-1])), DONE],
    "fingerprint in some": [TEXT[0], {**TEXT[1], "system_fingerprint": "f"}, *TEXT[2:]],
}


@pytest.mark.parametrize("name", HARMLESS)
def test_harmless_habits_pass_and_change_nothing(name: str) -> None:
    body, _, violations = read(HARMLESS[name])
    assert violations == []
    assert body is not None
    plain, _, _ = read(TEXT)
    assert plain is not None
    assert body["choices"] == plain["choices"]


BROKEN: dict[str, tuple[Stream, str]] = {
    "not JSON": ([HELLO, ": ping", *TEXT[1:]], "json must"),
    "empty data": ([HELLO, "", *TEXT[1:]], "json must"),
    "half a character": (
        [HELLO, '{"x": "\\ud83d", ' + json.dumps(TEXT[1])[1:], *TEXT[1:]],
        "json should",
    ),
    "NaN": ([HELLO, json.dumps({**TEXT[1], "x": float("nan")}), *TEXT[1:]], "json must"),
    "a depth bomb": ([HELLO, "[" * 9999, *TEXT[1:]], "json must"),
    "a deep chunk": ([HELLO, "[" * (DEEPEST + 1) + "]" * (DEEPEST + 1), *TEXT[1:]], "json must"),
    "an error": ([HELLO, {"error": {"message": "overloaded"}}], "error must"),
    "an error only": ([{"error": "no"}, DONE], "error must"),
    "an error with choices": ([HELLO, say({}, "error", error={"code": 502}), DONE], "error must"),
    "an error after the usage": ([*COUNTED[:-1], {"error": "no"}], "usage should, error must"),
    "chunks after an error": (
        [HELLO, {"error": "no"}, *TEXT[1:], chunk(usage=USAGE), chunk(), {"error": "no"}],
        "error must",
    ),
    "a missing key": ([{k: v for k, v in HELLO.items() if k != "model"}, *TEXT[1:]], "chunk must"),
    "no finish_reason key": (
        [{**HELLO, "choices": [{"index": 0, "delta": {"role": "assistant"}}]}, *TEXT[1:]],
        "finish-null should",
    ),
    "finish_reason empty": ([HELLO, say({"content": "ab"}, ""), *TEXT[3:]], "chunk must"),
    "role empty": ([HELLO, say({"role": "", "content": "ab"}), *TEXT[3:]], "chunk must"),
    "a native reason": ([*TEXT[:3], say({}, "end_turn"), DONE], "chunk must"),
    "no chunk object": ([HELLO, [1], "7", "null", *TEXT[1:]], "chunk must, chunk must, chunk must"),
    "no role": ([say({}), *TEXT[1:]], "role-first should"),
    "role after text": ([TEXT[1], HELLO, *TEXT[2:]], "role-first should, role-first should"),
    "only a finish": ([say({}, "stop"), DONE], "role-first should"),
    "role every time": (
        [HELLO, say({"role": "assistant", "content": "a"}), *TEXT[2:]],
        "role-first should",
    ),
    "another id": ([HELLO, {**TEXT[1], "id": "y"}, *TEXT[2:]], "same-id should"),
    "another id, moment and model": (
        [HELLO, {**TEXT[1], "id": "y", "created": 2, "model": "n"}, *TEXT[2:]],
        "same-id should, same-id should, same-id should",
    ),
    "another fingerprint": (
        [{**HELLO, "system_fingerprint": "a"}, {**TEXT[1], "system_fingerprint": "b"}, *TEXT[2:]],
        "same-id should",
    ),
    "no finish_reason": ([*TEXT[:3], DONE], "finish-once must"),
    "two finish_reasons": ([*TEXT[:4], say({}, "length"), DONE], "finish-once must"),
    "text after the finish": ([*TEXT[:4], say({"content": "c"}), DONE], "after-finish must"),
    "nothing after the finish": ([*TEXT[:4], say({}), DONE], "after-finish should"),
    "a role after the finish": ([*TEXT[:4], HELLO, DONE], "after-finish should"),
    "role and text after the finish": (
        [*TEXT[:4], say({"role": "assistant", "content": "c"}), DONE],
        "after-finish must",
    ),
    "one choice of two unfinished": (
        [chunk((0, {"role": "assistant"}, None), (1, {"role": "assistant"}, None)), *TEXT[1:]],
        "finish-once must",
    ),
    "Azure's opening": (
        [
            {**chunk(prompt_filter_results=[]), "id": "", "model": "", "object": "", "created": 0},
            *TEXT,
        ],
        "empty-choices should",
    ),
    "no choices in between": ([HELLO, chunk(), *TEXT[1:]], "empty-choices should"),
    "no choices after the usage": (
        [*COUNTED[:-1], chunk(), DONE],
        "usage should, empty-choices should",
    ),
    "usage unasked": (COUNTED, "usage should"),
    "no DONE": (TEXT[:-1], "done must"),
    "DONE with a space": ([*TEXT[:-1], "[DONE] "], "done should"),
    "DONE twice": ([*TEXT, DONE], "done must"),
    "a chunk after DONE": ([*TEXT, say({"content": "c"})], "done must"),
    "done in small letters": ([*TEXT[:-1], "[done]"], "json must, done must"),
}
BROKEN_TOOLS: dict[str, tuple[Stream, str]] = {
    "index 0 for both": (
        [calls(opened(0, "a", "{}")), calls(opened(0, "b", "{}"))],
        "tool-index must",
    ),
    "both at 0 in one chunk": (
        [calls(opened(0, "a", "{}"), opened(0, "b", "{}"))],
        "tool-index must",
    ),
    "index from 1": ([calls(opened(1, "a", "{}"))], "tool-index must"),
    "an index left out": ([calls(opened(0, "a", "{}"), opened(2, "b", "{}"))], "tool-index must"),
    "no index": (
        [
            calls(unnumbered(opened(0, "a")), unnumbered(opened(1, "b"))),
            calls(unnumbered(call(1, "{}"))),
        ],
        "chunk must, tool-arguments should",
    ),
    "an index that is none": ([calls({**opened(0, "a", "{}"), "index": "0"})], "chunk must"),
    "no id": ([calls({**opened(0, "", "{}")})], "tool-index must"),
    "no type": ([calls({**opened(0, "a", "{}"), "type": None})], "tool-index must"),
    "no name": ([calls(call(0, "{}", id="a", type="function"))], "tool-index must"),
    "nothing at first": (
        [calls(call(0)), calls(call(0, "{}"))],
        "tool-index must, tool-index must, tool-index must",
    ),
    "the id again": ([calls(opened(0, "a")), calls(call(0, "{}", id="a"))], "tool-index must"),
    "id and name again": (
        [calls(opened(0, "a")), calls(opened(0, "a", "{}"))],
        "tool-index must, tool-index must",
    ),
    "one id for two": ([calls(opened(0, "a", "{}"), opened(1, "a", "{}"))], "tool-index must"),
    "arguments cut": ([calls(opened(0, "a", '{"city":'))], "tool-arguments must"),
    "arguments twice": ([calls(opened(0, "a", "{}")), calls(call(0, "{}"))], "tool-arguments must"),
    "arguments of no object": ([calls(opened(0, "a", '"Paris"'))], "tool-arguments should"),
    "no arguments": ([calls(opened(0, "a"))], "tool-arguments should"),
    "arguments as an object": (
        [calls({**opened(0, "a"), "function": {"name": "f", "arguments": {}}})],
        "chunk must",
    ),
    "a function call cut": (
        [say({"function_call": {"name": "f", "arguments": "{"}})],
        "tool-arguments must",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_law_is_called_by_its_name(name: str) -> None:
    stream, expected = BROKEN[name]
    assert named(read(stream)[2]) == expected


@pytest.mark.parametrize("name", BROKEN_TOOLS)
def test_a_broken_law_of_tool_calls_is_called_by_its_name(name: str) -> None:
    stream, expected = BROKEN_TOOLS[name]
    assert named(read([OPEN, *stream, FINISH, DONE])[2]) == expected


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        (COUNTED, ""),
        (TEXT, "usage must"),
        ([*TEXT[:3], say({}, "stop", usage=USAGE), DONE], "usage should"),
        (
            [*TEXT[:3], say({}, "stop", usage=USAGE), chunk(usage=USAGE), DONE],
            "usage should",
        ),
        ([*COUNTED[:-1], chunk(usage=USAGE), DONE], "usage should"),
        ([*TEXT[:3], chunk(usage=USAGE), TEXT[3], DONE], "usage should"),
        ([*COUNTED, chunk(usage=USAGE)], "done must"),
        ([HELLO, {"error": "no"}], "error must"),
    ],
)
def test_usage_comes_once_at_the_end_when_it_is_asked_for(stream: Stream, expected: str) -> None:
    assert named(read(stream, asked=True)[2]) == expected


@pytest.mark.parametrize("finish", ["length", "content_filter"])
def test_arguments_that_were_cut_off_need_not_be_whole(finish: str) -> None:
    stream = [OPEN, calls(opened(0, "a", '{"ci')), say({}, finish), DONE]
    assert read(stream)[2] == []


@pytest.mark.parametrize("stream", [TEXT, COUNTED, TOOLS], ids=["text", "counted", "tools"])
def test_a_stream_cut_off_underway_owes_nothing_more(stream: Stream) -> None:
    for length in range(len(stream)):
        found = read(stream[:length], asked=True, whole=False)[2]
        assert found == []


def test_each_law_is_told_once_with_a_count() -> None:
    stream = [HELLO, *(say({"content": "a"}, "") for _ in range(30)), say({}, "stop"), DONE]
    [complaint] = read(stream)[2]
    assert complaint.at == "event 1 /choices/0/finish_reason"
    assert complaint.got.endswith("(and 29 more)")
    odd = [say({"content": "a"}, f"r{n}") for n in range(99)]
    rules = [each.rule for each in read([HELLO, *odd, DONE])[2]]
    assert rules.count("stream.chunk") == 20
    assert "stream.finish-once" in rules


def test_a_complaint_says_where_what_and_what_instead() -> None:
    [complaint] = read([*TEXT[:-1], say({"content": "lost"}), DONE])[2]
    assert complaint.rule == "stream.after-finish"
    assert complaint.at == "event 4"
    assert complaint.expected == "nothing of choice 0 after its finish_reason"
    assert "lost" in complaint.got


def test_no_chunk_is_no_answer() -> None:
    assert read([])[:2] == (None, [])
    assert read([DONE]) == (None, [], [])
    assert read([{"error": {"message": "no"}}])[0] is None


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ("message", ""),
        ("chunk", "framing must"),
        ("error", "error must"),
    ],
)
def test_events_have_no_names(event: str, expected: str) -> None:
    events = [Event(n, event if n == 1 else "", json.dumps(c)) for n, c in enumerate(TEXT[:-1])]
    events.append(Event(9, "", DONE))
    assert named(openai(events)[2]) == expected


def test_every_state_has_an_answer_to_everything() -> None:
    for table in (openai_rules.CHOICE, openai_rules.STREAM):
        states = {state for state, _ in table}
        symbols = {symbol for _, symbol in table}
        assert set(table) == set(itertools.product(states, symbols))
        assert {state for state, _ in table.values()} <= states


def test_every_law_gives_its_reason() -> None:
    every = [law for law in vars(openai_rules).values() if isinstance(law, StreamRule)]
    assert len(every) > 20
    assert all(law.why and law.rule.startswith("stream.") for law in every)


# fmt: off
KEYS = ["choices", "delta", "index", "tool_calls", "function", "name", "arguments", "id",
        "finish_reason", "usage", "error", "role", "content", "type", "custom", "function_call"]
# fmt: on
ANY = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.text("ab{}", max_size=2),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(KEYS),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@given(
    st.lists(ANY | st.builds(say, ANY, ANY) | st.sampled_from([DONE, HELLO, *TOOLS]), max_size=6)
)
def test_no_stream_makes_it_fail(stream: Stream) -> None:
    body, _, _ = read(stream, checked=False)
    assert body is None or isinstance(body["choices"], list)


@given(st.text(), st.integers(1, 5))
def test_a_text_is_the_same_however_it_is_cut(text: str, size: int) -> None:
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    assert message(HELLO, *(say({"content": piece}) for piece in pieces))["content"] == text


def test_joining_is_linear() -> None:
    """Every delta with a key of its own would cost the square of them otherwise."""
    wide = joined([{f"k{n}": "x"} for n in range(20_000)])
    assert len(wide) == 20_000
    assert joined([{"index": None}]) == {"index": None}
    assert joined([{"name": 1}, {"name": None}]) == {"name": None}


@pytest.mark.parametrize("stream", [TEXT, COUNTED, TOOLS, *HARMLESS.values()])
def test_the_official_sdk_adds_up_to_the_same(stream: Stream) -> None:
    chat = pytest.importorskip("openai.lib.streaming.chat")
    kinds = pytest.importorskip("openai.types.chat")
    state = chat.ChatCompletionStreamState()
    for each in stream[:-1]:
        state.handle_chunk(kinds.ChatCompletionChunk.model_validate(each))
    theirs = state.get_final_completion().choices[0]
    body, _, _ = read(stream)
    assert body is not None
    ours = body["choices"][0]
    assert (theirs.message.content or "") == (ours["message"]["content"] or "")
    assert theirs.finish_reason == ours["finish_reason"]
    found = [
        call.model_dump(include={"id", "function"}) for call in theirs.message.tool_calls or ()
    ]
    for one, other in zip(found, ours["message"].get("tool_calls", ()), strict=True):
        assert one["id"] == other["id"]
        assert one["function"]["arguments"] == other["function"]["arguments"]
