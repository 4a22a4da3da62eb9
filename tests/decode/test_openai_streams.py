"""A chat completion stream is assembled into the plain one, and each violation has its rule."""

from __future__ import annotations

import copy
import itertools
import json
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.decode.streams import openai
from harness.decode.streams.merge_deltas import merge
from harness.decode.streams.rules import load_table
from harness.model import Event, Json, Violation
from harness.util import json_schema
from harness.util.strict_json import MAX_DEPTH

VALIDATE = partial(json_schema.errors, "openai/chunk")
USAGE = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
DONE = "[DONE]"
Stream = list[Any]


def chunk(*choices: Json, **more: Json) -> dict[str, Any]:
    """A chunk; a choice is (index, delta, finish_reason)."""
    items = [{"index": i, "delta": delta, "finish_reason": end} for i, delta, end in choices]
    head = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return {**head, "choices": items, **more}


def text_chunk(delta: Json, finish: Json = None, index: int = 0, **more: Json) -> dict[str, Any]:
    return chunk((index, delta, finish), **more)


def fragment(index: Json, piece: Json = None, **more: Json) -> dict[str, Any]:
    """A fragment of a tool call."""
    function = {} if piece is None else {"function": {"arguments": piece}}
    return {"index": index, **function, **more}


def first_fragment(index: int, name: str, piece: str = "") -> dict[str, Any]:
    function = {"name": "f", "arguments": piece}
    return {"index": index, "id": name, "type": "function", "function": function}


def without_index(fragment: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in fragment.items() if key != "index"}


def tool_delta(*fragments: Json, **more: Json) -> dict[str, Any]:
    return text_chunk({"tool_calls": list(fragments)}, **more)


ROLE = text_chunk({"role": "assistant", "content": ""})
TEXT: Stream = [
    ROLE,
    text_chunk({"content": "a"}),
    text_chunk({"content": "b"}),
    text_chunk({}, "stop"),
    DONE,
]
WITH_USAGE: Stream = [*TEXT[:-1], chunk(usage=USAGE), DONE]
ROLE_ONLY = text_chunk({"role": "assistant", "content": None})
TOOLS: Stream = [
    ROLE_ONLY,
    tool_delta(first_fragment(0, "c1")),
    tool_delta(fragment(0, '{"city":')),
    tool_delta(first_fragment(1, "c2", "{")),
    tool_delta(fragment(0, ' "Paris"}'), fragment(1, "}")),
    text_chunk({}, "tool_calls"),
    DONE,
]
FINISH = text_chunk({}, "tool_calls")


def read(
    stream: Stream, usage_requested: bool = False, complete: bool = True, validate: bool = True
) -> tuple[dict[str, Any] | None, list[Json], list[Violation]]:
    texts = [each if isinstance(each, str) else json.dumps(each) for each in stream]
    events = [Event(number, "", text) for number, text in enumerate(texts)]
    body, chunks, violations = openai(
        events,
        usage_requested,
        complete=complete,
        validate=VALIDATE if validate else lambda chunk: [],
    )
    return body, chunks, violations


def rules_and_levels(violations: list[Violation]) -> str:
    return ", ".join(f"{each.rule.removeprefix('stream.')} {each.level}" for each in violations)


def test_a_text_is_assembled_into_the_plain_answer() -> None:
    body, chunks, violations = read(WITH_USAGE, usage_requested=True)
    assert violations == []
    assert chunks == WITH_USAGE[:-1]
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


def test_fragments_of_tool_calls_are_merged_by_index() -> None:
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
    ("deltas", "merged"),
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
def test_deltas_are_merged_by_the_type_of_their_members(deltas: list[Json], merged: Json) -> None:
    assert message(*(text_chunk(delta) for delta in deltas)) == {
        "role": "assistant",
        "content": None,
        **merged,
    }


def test_interleaved_choices_are_assembled_in_order() -> None:
    stream: Stream = [
        chunk((1, {"role": "assistant"}, None), (0, {"role": "assistant"}, None)),
        text_chunk({"content": "b"}, index=1),
        text_chunk({"content": "a"}, "stop"),
        text_chunk({"content": "b"}, "length", index=1),
        DONE,
    ]
    body, _, violations = read(stream)
    assert violations == []
    assert body is not None
    texts = [(c["index"], c["message"]["content"], c["finish_reason"]) for c in body["choices"]]
    assert texts == [(0, "a", "stop"), (1, "bb", "length")]


def test_logprobs_and_other_keys_of_a_choice_are_merged() -> None:
    token = {"token": "a", "logprob": -1}
    first, second = copy.deepcopy(TEXT[1]), copy.deepcopy(TEXT[2])
    first["choices"][0]["logprobs"] = {"content": [token], "refusal": None}
    second["choices"][0]["logprobs"] = {"content": [token], "refusal": None}
    body, _, _ = read([ROLE, first, second, *TEXT[3:]])
    assert body is not None
    assert body["choices"][0]["logprobs"] == {"content": [token, token], "refusal": None}


def test_keys_beside_the_choices_are_kept_except_the_padding() -> None:
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


CONFORMING: dict[str, Stream] = {
    "text in the finish chunk": [ROLE, text_chunk({"content": "ab"}, "stop"), DONE],
    "all in one chunk": [text_chunk({"role": "assistant", "content": "ab"}, "stop"), DONE],
    "one character at a time": [
        ROLE,
        *(text_chunk({"content": c}) for c in "ab"),
        text_chunk({}, "stop"),
        DONE,
    ],
    "role without content": [text_chunk({"role": "assistant"}), *TEXT[1:]],
    "role with null": [ROLE_ONLY, *TEXT[1:]],
    "role with text": [text_chunk({"role": "assistant", "content": "a"}), *TEXT[2:]],
    "role null later": [
        ROLE,
        text_chunk({"role": None, "content": "ab"}),
        text_chunk({}, "stop"),
        DONE,
    ],
    "empty deltas between": [ROLE, text_chunk({}), TEXT[1], text_chunk({"content": ""}), *TEXT[2:]],
    "finish with empty content": [*TEXT[:3], text_chunk({"content": ""}, "stop"), DONE],
    "finish with nulls": [
        *TEXT[:3],
        text_chunk({"content": None, "tool_calls": None}, "stop"),
        DONE,
    ],
    "usage null": [{**each, "usage": None} if each != DONE else DONE for each in TEXT],
    "extra keys": [{**each, "x": {"y": [1]}} if each != DONE else DONE for each in TEXT],
    "padding": [*({**each, "obfuscation": "q" * n} for n, each in enumerate(TEXT[:-1])), DONE],
    "fingerprint in some": [TEXT[0], {**TEXT[1], "system_fingerprint": "f"}, *TEXT[2:]],
}


@pytest.mark.parametrize("name", CONFORMING)
def test_permitted_variations_have_no_violations_and_the_same_result(name: str) -> None:
    body, _, violations = read(CONFORMING[name])
    assert violations == []
    assert body is not None
    plain, _, _ = read(TEXT)
    assert plain is not None
    assert body["choices"] == plain["choices"]


VIOLATIONS: dict[str, tuple[Stream, str]] = {
    "not JSON": ([ROLE, ": ping", *TEXT[1:]], "json must"),
    "empty data": ([ROLE, "", *TEXT[1:]], "json must"),
    "a lone surrogate": (
        [ROLE, '{"x": "\\ud83d", ' + json.dumps(TEXT[1])[1:], *TEXT[1:]],
        "json should",
    ),
    "NaN": ([ROLE, json.dumps({**TEXT[1], "x": float("nan")}), *TEXT[1:]], "json must"),
    "nested too deeply": ([ROLE, "[" * 9999, *TEXT[1:]], "json must"),
    "a chunk nested one level too deeply": (
        [ROLE, "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), *TEXT[1:]],
        "json must",
    ),
    "an error": ([ROLE, {"error": {"message": "overloaded"}}], "error must"),
    "only an error": ([{"error": {"message": "no"}}, DONE], "error must"),
    "an error that is a text": ([ROLE, {"error": "no"}], "error-shape should, error must"),
    "an error with choices": (
        [ROLE, text_chunk({}, "error", error={"code": 502}), DONE],
        "error-shape should, error must",
    ),
    "an error after the usage": (
        [*WITH_USAGE[:-1], {"error": {"message": "no"}}],
        "usage should, error must",
    ),
    "chunks after an error": (
        [ROLE, {"error": {"message": "no"}}, *TEXT[1:], chunk(usage=USAGE), chunk(), {"error": 1}],
        "error must",
    ),
    "a missing key": ([{k: v for k, v in ROLE.items() if k != "model"}, *TEXT[1:]], "chunk must"),
    "no finish_reason key": (
        [{**ROLE, "choices": [{"index": 0, "delta": {"role": "assistant"}}]}, *TEXT[1:]],
        "finish-null should",
    ),
    "finish_reason empty": ([ROLE, text_chunk({"content": "ab"}, ""), *TEXT[3:]], "chunk must"),
    "role empty": ([ROLE, text_chunk({"role": "", "content": "ab"}), *TEXT[3:]], "chunk must"),
    "a provider's own finish_reason": ([*TEXT[:3], text_chunk({}, "end_turn"), DONE], "chunk must"),
    "not an object": ([ROLE, [1], "7", "null", *TEXT[1:]], "chunk must, chunk must, chunk must"),
    "no role": ([text_chunk({}), *TEXT[1:]], "role-first should"),
    "role after text": ([TEXT[1], ROLE, *TEXT[2:]], "role-first should, role-first should"),
    "only a finish": ([text_chunk({}, "stop"), DONE], "role-first should"),
    "role repeated": (
        [ROLE, text_chunk({"role": "assistant", "content": "a"}), *TEXT[2:]],
        "role-first should",
    ),
    "another id": ([ROLE, {**TEXT[1], "id": "y"}, *TEXT[2:]], "same-id should"),
    "another id, time and model": (
        [ROLE, {**TEXT[1], "id": "y", "created": 1000, "model": "n"}, *TEXT[2:]],
        "same-id should, same-id should, same-id should",
    ),
    "an earlier time": ([ROLE, {**TEXT[1], "created": 0}, *TEXT[2:]], "same-id should"),
    "a time in words": (
        [ROLE, {**TEXT[1], "created": "noon"}, *TEXT[2:]],
        "chunk must, same-id should",
    ),
    "the next second": ([ROLE, {**TEXT[1], "created": 2}, *TEXT[2:]], ""),
    "another fingerprint": (
        [{**ROLE, "system_fingerprint": "a"}, {**TEXT[1], "system_fingerprint": "b"}, *TEXT[2:]],
        "same-id should",
    ),
    "no finish_reason": ([*TEXT[:3], DONE], "finish-once must"),
    "two finish_reasons": ([*TEXT[:4], text_chunk({}, "length"), DONE], "finish-once must"),
    "text after the finish": ([*TEXT[:4], text_chunk({"content": "c"}), DONE], "after-finish must"),
    "an empty delta after the finish": ([*TEXT[:4], text_chunk({}), DONE], "after-finish should"),
    "a role after the finish": ([*TEXT[:4], ROLE, DONE], "after-finish should"),
    "role and text after the finish": (
        [*TEXT[:4], text_chunk({"role": "assistant", "content": "c"}), DONE],
        "after-finish must",
    ),
    "one choice of two unfinished": (
        [chunk((0, {"role": "assistant"}, None), (1, {"role": "assistant"}, None)), *TEXT[1:]],
        "finish-once must",
    ),
    "Azure's first chunk": (
        [
            {**chunk(prompt_filter_results=[]), "id": "", "model": "", "object": "", "created": 0},
            *TEXT,
        ],
        "empty-choices should",
    ),
    "no choices in between": ([ROLE, chunk(), *TEXT[1:]], "empty-choices should"),
    "no choices after the usage": (
        [*WITH_USAGE[:-1], chunk(), DONE],
        "usage should, empty-choices should",
    ),
    "usage not requested": (WITH_USAGE, "usage should"),
    "no DONE": (TEXT[:-1], "done must"),
    "DONE with a space": ([*TEXT[:-1], "[DONE] "], "done should"),
    "DONE twice": ([*TEXT, DONE], "done must"),
    "a chunk after DONE": ([*TEXT, text_chunk({"content": "c"})], "done must"),
    "done in lower case": ([*TEXT[:-1], "[done]"], "json must, done must"),
}
TOOL_VIOLATIONS: dict[str, tuple[Stream, str]] = {
    "index 0 for both": (
        [tool_delta(first_fragment(0, "a", "{}")), tool_delta(first_fragment(0, "b", "{}"))],
        "tool-index must",
    ),
    "both at 0 in one chunk": (
        [tool_delta(first_fragment(0, "a", "{}"), first_fragment(0, "b", "{}"))],
        "tool-index must",
    ),
    "indexes from 1": ([tool_delta(first_fragment(1, "a", "{}"))], "tool-index must"),
    "a skipped index": (
        [tool_delta(first_fragment(0, "a", "{}"), first_fragment(2, "b", "{}"))],
        "tool-index must",
    ),
    "no index": (
        [
            tool_delta(
                without_index(first_fragment(0, "a")), without_index(first_fragment(1, "b"))
            ),
            tool_delta(without_index(fragment(1, "{}"))),
        ],
        "chunk must, tool-arguments should",
    ),
    "an index that is not a number": (
        [tool_delta({**first_fragment(0, "a", "{}"), "index": "0"})],
        "chunk must",
    ),
    "no id": ([tool_delta({**first_fragment(0, "", "{}")})], "tool-index must"),
    "no type": ([tool_delta({**first_fragment(0, "a", "{}"), "type": None})], "tool-index must"),
    "no name": ([tool_delta(fragment(0, "{}", id="a", type="function"))], "tool-index must"),
    "an empty first fragment": (
        [tool_delta(fragment(0)), tool_delta(fragment(0, "{}"))],
        "tool-index must, tool-index must, tool-index must",
    ),
    "the id repeated": (
        [tool_delta(first_fragment(0, "a")), tool_delta(fragment(0, "{}", id="a"))],
        "tool-index must",
    ),
    "id and name repeated": (
        [tool_delta(first_fragment(0, "a")), tool_delta(first_fragment(0, "a", "{}"))],
        "tool-index must, tool-index must",
    ),
    "one id for two": (
        [tool_delta(first_fragment(0, "a", "{}"), first_fragment(1, "a", "{}"))],
        "tool-index must",
    ),
    "truncated arguments": (
        [tool_delta(first_fragment(0, "a", '{"city":'))],
        "tool-arguments must",
    ),
    "arguments twice": (
        [tool_delta(first_fragment(0, "a", "{}")), tool_delta(fragment(0, "{}"))],
        "tool-arguments must",
    ),
    "arguments that are not an object": (
        [tool_delta(first_fragment(0, "a", '"Paris"'))],
        "tool-arguments should",
    ),
    "no arguments": ([tool_delta(first_fragment(0, "a"))], "tool-arguments should"),
    "arguments as an object": (
        [tool_delta({**first_fragment(0, "a"), "function": {"name": "f", "arguments": {}}})],
        "chunk must",
    ),
    "a truncated function call": (
        [text_chunk({"function_call": {"name": "f", "arguments": "{"}})],
        "tool-arguments must",
    ),
}


@pytest.mark.parametrize("name", VIOLATIONS)
def test_a_violation_has_its_rule_and_level(name: str) -> None:
    stream, expected = VIOLATIONS[name]
    assert rules_and_levels(read(stream)[2]) == expected


@pytest.mark.parametrize("name", TOOL_VIOLATIONS)
def test_a_violation_in_a_tool_call_has_its_rule_and_level(name: str) -> None:
    stream, expected = TOOL_VIOLATIONS[name]
    assert rules_and_levels(read([ROLE_ONLY, *stream, FINISH, DONE])[2]) == expected


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        (WITH_USAGE, ""),
        (TEXT, "usage must"),
        ([*TEXT[:3], text_chunk({}, "stop", usage=USAGE), DONE], "usage should"),
        (
            [*TEXT[:3], text_chunk({}, "stop", usage=USAGE), chunk(usage=USAGE), DONE],
            "usage should",
        ),
        ([*WITH_USAGE[:-1], chunk(usage=USAGE), DONE], "usage should"),
        ([*TEXT[:3], chunk(usage=USAGE), TEXT[3], DONE], "usage should"),
        ([*WITH_USAGE, chunk(usage=USAGE)], "done must"),
        ([ROLE, {"error": {"message": "no"}}], "error must"),
    ],
)
def test_requested_usage_comes_once_at_the_end(stream: Stream, expected: str) -> None:
    assert rules_and_levels(read(stream, usage_requested=True)[2]) == expected


@pytest.mark.parametrize("finish", ["length", "content_filter"])
def test_truncated_arguments_can_be_incomplete(finish: str) -> None:
    stream = [ROLE_ONLY, tool_delta(first_fragment(0, "a", '{"ci')), text_chunk({}, finish), DONE]
    assert read(stream)[2] == []


@pytest.mark.parametrize("stream", [TEXT, WITH_USAGE, TOOLS], ids=["text", "counted", "tools"])
def test_an_interrupted_stream_does_not_violate_rules_about_its_end(stream: Stream) -> None:
    for length in range(len(stream)):
        assert read(stream[:length], usage_requested=True, complete=False)[2] == []


def test_a_repeated_violation_is_reported_once_with_a_count() -> None:
    stream = [
        ROLE,
        *(text_chunk({"content": "a"}, "") for _ in range(30)),
        text_chunk({}, "stop"),
        DONE,
    ]
    [violation] = read(stream)[2]
    assert violation.at == "event 1 /choices/0/finish_reason"
    assert violation.got.endswith("(and 29 more)")
    different = [text_chunk({"content": "a"}, f"r{n}") for n in range(99)]
    rules = [each.rule for each in read([ROLE, *different, DONE])[2]]
    assert rules.count("stream.chunk") == 20
    assert "stream.finish-once" in rules


def test_a_violation_has_its_place_expectation_and_observation() -> None:
    [violation] = read([*TEXT[:-1], text_chunk({"content": "lost"}), DONE])[2]
    assert violation.rule == "stream.after-finish"
    assert violation.at == "event 4"
    assert violation.expected == "nothing of choice 0 after its finish_reason"
    assert "lost" in violation.got


def test_a_stream_without_a_chunk_has_no_completion() -> None:
    assert read([])[:2] == (None, [])
    assert read([DONE]) == (None, [], [])
    assert read([{"error": {"message": "no"}}])[0] is None


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ("message", ""),
        ("chunk", "framing should"),
        ("error", "error-shape should, error must"),
    ],
)
def test_event_names_are_a_violation(event: str, expected: str) -> None:
    events = [Event(n, event if n == 1 else "", json.dumps(c)) for n, c in enumerate(TEXT[:-1])]
    events.append(Event(9, "", DONE))
    assert rules_and_levels(openai(events)[2]) == expected


def test_the_tables_cover_every_state_and_symbol() -> None:
    for table in (load_table("openai", "choice"), load_table("openai", "stream")):
        states = {state for state, _ in table}
        symbols = {symbol for _, symbol in table}
        assert set(table) == set(itertools.product(states, symbols))
        assert {state for state, _ in table.values()} <= states


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
    st.lists(
        ANY | st.builds(text_chunk, ANY, ANY) | st.sampled_from([DONE, ROLE, *TOOLS]), max_size=6
    )
)
def test_no_stream_raises_an_exception(stream: Stream) -> None:
    body, _, _ = read(stream, validate=False)
    assert body is None or isinstance(body["choices"], list)


@given(st.text(), st.integers(1, 5))
def test_a_text_is_assembled_from_pieces_of_any_size(text: str, size: int) -> None:
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    assert message(ROLE, *(text_chunk({"content": piece}) for piece in pieces))["content"] == text


def test_merging_takes_linear_time() -> None:
    """Deltas with a different key each are the worst case."""
    wide = merge([{f"k{n}": "x"} for n in range(20_000)])
    assert len(wide) == 20_000
    assert merge([{"index": None}]) == {"index": None}
    assert merge([{"name": 1}, {"name": None}]) == {"name": None}


@pytest.mark.parametrize("stream", [TEXT, WITH_USAGE, TOOLS, *CONFORMING.values()])
def test_the_official_sdk_assembles_the_same(stream: Stream) -> None:
    chat = pytest.importorskip("openai.lib.streaming.chat")
    kinds = pytest.importorskip("openai.types.chat")
    state = chat.ChatCompletionStreamState()
    for each in stream[:-1]:
        state.handle_chunk(kinds.ChatCompletionChunk.model_validate(each))
    sdk_choice = state.get_final_completion().choices[0]
    body, _, _ = read(stream)
    assert body is not None
    assembled = body["choices"][0]
    assert (sdk_choice.message.content or "") == (assembled["message"]["content"] or "")
    assert sdk_choice.finish_reason == assembled["finish_reason"]
    sdk_calls = [
        fragment.model_dump(include={"id", "function"})
        for fragment in sdk_choice.message.tool_calls or ()
    ]
    for sdk_call, call in zip(sdk_calls, assembled["message"].get("tool_calls", ()), strict=True):
        assert sdk_call["id"] == call["id"]
        assert sdk_call["function"]["arguments"] == call["function"]["arguments"]
