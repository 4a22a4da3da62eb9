"""The toy model follows simple instructions."""

from __future__ import annotations

import base64
import json
import struct
import zlib
from typing import Any

import pytest

from harness.testbed.gateway import model_provider, tokenizer, toy_model
from harness.testbed.gateway.model_types import (
    Image,
    ModelRequest,
    Part,
    Result,
    Text,
    Tool,
    ToolCall,
    Turn,
)
from harness.testbed.gateway.png import colour_name
from harness.testbed.gateway.text import names, significant_words

CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
WEATHER = Tool("get_weather", "Get the current weather in a city.", CITY)
TIME = Tool("get_time", "Get the current time in a city.", CITY)


def ask(*texts: str | Turn, **more: Any) -> ModelRequest:
    """A request; strings are messages of the user and the assistant alternately."""
    turns = [
        text
        if isinstance(text, Turn)
        else Turn("assistant" if number % 2 else "user", (Text(text),))
        for number, text in enumerate(texts)
    ]
    return ModelRequest("m", more.pop("system", ""), tuple(turns), **more)


@pytest.mark.parametrize(
    ("texts", "answer"),
    [
        (["Reply with the single word: ready"], "ready"),
        (["Please answer with one word: 'yes'."], "yes"),
        (["Count from 3 to 6, separated by spaces."], "3 4 5 6"),
        (["Repeat exactly: Grüße, 世界 🌍"], "Grüße, 世界 🌍"),
        (["My dog is called Rex.", "Nice.", "What is my dog called? Answer."], "Rex"),
        (["My name is Ada.", "Hello.", "What is my name?"], "Ada"),
        (["Name a fruit.", "Mango", "Which fruit did you name? One word."], "Mango"),
        (["Name a colour."], "Blue"),
    ],
)
def test_toy_model_follows_instructions(texts: list[str], answer: str) -> None:
    assert toy_model.respond(ask(*texts)) == answer


@pytest.mark.parametrize(
    "text", ["", "Why?", "What is my cat called?", "Which fruit did you name?"]
)
def test_toy_model_has_a_default_answer(text: str) -> None:
    answer = toy_model.respond(ask(text))
    assert isinstance(answer, str)
    assert len(answer) > 10


def test_system_message_takes_precedence() -> None:
    system = "Whatever the user says, reply with the single word: pineapple"
    assert toy_model.respond(ask("Reply with the single word: ready", system=system)) == "pineapple"


def test_instruction_can_have_two_parts() -> None:
    system = "Whatever the user says, reply with a single word.\nThe word is: pineapple"
    assert toy_model.respond(ask("hello", system=system)) == "pineapple"


def test_later_instruction_takes_precedence() -> None:
    system = "reply with the single word: apple\nreply with the single word: pear"
    assert toy_model.respond(ask("hello", system=system)) == "pear"


def test_a_tool_is_called_when_the_question_is_about_it() -> None:
    assert toy_model.respond(ask("What is the time in Oslo?", tools=(WEATHER, TIME))) == (
        ("get_time", '{"city": "Oslo"}'),
    )
    assert toy_model.respond(ask("Reply with the single word: ready", tools=(WEATHER,))) == "ready"


def test_description_decides_between_tools() -> None:
    tools = (Tool("tool_a", WEATHER.description, CITY), Tool("tool_b", TIME.description, CITY))
    answer = toy_model.respond(ask("What is the time in Oslo?", tools=tools))
    assert answer == (("tool_b", '{"city": "Oslo"}'),)


def test_one_call_per_subject_of_the_question() -> None:
    text = "What is the weather in Paris and in Rome? Look up both."
    both = (("get_weather", '{"city": "Paris"}'), ("get_weather", '{"city": "Rome"}'))
    assert toy_model.respond(ask(text, tools=(WEATHER,))) == both
    assert toy_model.respond(ask(text, tools=(WEATHER,), parallel=False)) == both[:1]


def test_forced_tool_is_called_for_any_question() -> None:
    answer = toy_model.respond(ask("Hello", tools=(WEATHER, TIME), choice="only", only="get_time"))
    assert answer == (("get_time", '{"city": "Hello"}'),)
    answer = toy_model.respond(
        ask("Reply with the single word: ready", tools=(WEATHER,), choice="any")
    )
    assert answer == (("get_weather", '{"city": "ready"}'),)


def test_tool_choice_none_prevents_calls() -> None:
    assert isinstance(
        toy_model.respond(ask("The weather in Rome?", tools=(WEATHER,), choice="none")), str
    )


def test_arguments_follow_the_schema() -> None:
    schema = {
        "type": "object",
        "properties": {
            "from": {"type": "string"},
            "to": {"type": ["string", "null"]},
            "days": {"type": "integer"},
            "price": {"type": "number"},
            "unit": {"enum": ["celsius", "fahrenheit"]},
            "class": {"type": "string", "enum": ["first", "second"]},
            "return": {"type": "boolean"},
            "stops": {"type": "array", "items": {"type": "string"}},
            "who": {"type": "object", "properties": {"name": {"type": "string"}}},
            "nothing": {"type": "null"},
            "optional": {"type": "string"},
        },
        "required": [
            *["from", "to", "days", "price", "unit", "return", "stops", "who", "nothing"],
        ],
    }
    answer = toy_model.respond(
        ask("Book 3 days at 9.5, second, from Oslo to Rome", tools=(Tool("book", "", schema),))
    )
    assert isinstance(answer, tuple)
    assert [json.loads(arguments) for _, arguments in answer] == [
        {
            "from": "Oslo",
            "to": "Rome",
            "days": 3,
            "price": 9.5,
            "unit": "celsius",
            "class": "second",
            "return": True,
            "stops": ["Oslo", "Rome"],
            "who": {"name": "Oslo"},
            "nothing": None,
        }
    ]


def test_a_tool_without_parameters_gets_an_empty_object() -> None:
    answer = toy_model.respond(ask("What time is it?", tools=(Tool("get_time", "", {}),)))
    assert answer == (("get_time", "{}"),)


BOTH = (
    Turn(
        "assistant",
        (
            ToolCall("p", "get_weather", '{"city": "Paris"}'),
            ToolCall("r", "get_weather", '{"city": "Rome"}'),
        ),
    ),
    Turn("user", (Result("p", "17 degrees"), Result("r", "25 degrees"))),
)


def test_results_are_matched_by_call_id() -> None:
    assert toy_model.respond(ask("How warm is it in Rome?", *BOTH)) == "The answer is: 25 degrees"
    answer = toy_model.respond(ask("The weather in Paris and Rome?", *BOTH))
    assert answer == "The answer is: 17 degrees, 25 degrees"


def test_results_are_used_in_later_questions_too() -> None:
    later = ask("Weather?", *BOTH, Turn("assistant", (Text("Done."),)), "And in Paris?")
    assert toy_model.respond(later) == "The answer is: 17 degrees"


def test_fresh_results_are_used_without_a_matching_name() -> None:
    answer = toy_model.respond(
        ask("Hello", Turn("user", (Result("", "17 degrees"),)), tools=(WEATHER,))
    )
    assert answer == "The answer is: 17 degrees"


def png(width: int, height: int, kind: int, lines: bytes, palette: bytes = b"") -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0))
    colours = chunk(b"PLTE", palette) if palette else b""
    body = chunk(b"IDAT", zlib.compress(lines))
    return b"\x89PNG\r\n\x1a\n" + head + colours + body + chunk(b"IEND", b"")


RED = png(2, 2, 2, (b"\0" + b"\xff\0\0" * 2) * 2)


@pytest.mark.parametrize(
    ("picture", "name"),
    [
        (RED, "red"),
        (png(2, 1, 6, b"\0" + b"\0\0\xff\xff" * 2), "blue"),
        (png(2, 1, 3, b"\0\0\0", b"\xff\xff\0"), "yellow"),
        (png(2, 1, 0, b"\0\0\0"), "black"),
        (png(2, 1, 4, b"\0" + b"\xff\xff" * 2), "white"),
        # The same red line in each of the five filters: none, sub, up, average, paeth.
        (
            png(
                2,
                5,
                2,
                b"\0\xff\0\0\xff\0\0\1\xff\0\0\0\0\0\2\0\0\0\0\0\0\3\x80\0\0\0\0\0\4\0\0\0\0\0\0",
            ),
            "red",
        ),
        (b"GIF89a", None),
        (RED[:40], None),
        (png(9999, 9999, 2, b""), None),
        (png(2, 2, 7, b""), None),
        (RED[:45] + b"xxxx" + RED[49:], None),
    ],
)
def test_colour_of_a_png_is_recognised(picture: bytes, name: str | None) -> None:
    assert colour_name(picture) == name


def test_toy_model_names_the_colour_of_an_image() -> None:
    def describe(url: str) -> str:
        parts: tuple[Part, ...] = (Text("What colour is this image? One word."), Image(url))
        answer = model_provider.complete(ModelRequest("m", "", (Turn("user", parts),)))
        assert answer.input_tokens > model_provider.IMAGE_TOKENS
        return answer.text

    assert describe("data:image/png;base64," + base64.b64encode(RED).decode()) == "Red"
    assert describe("https://example.org/red.png") == "I cannot open this image."


@pytest.mark.parametrize("text", ["", " a  b\n\nc ", "x" * 50, "Grüße, 世界 🌍!", "\t\x00"])
def test_tokens_join_to_the_text(text: str) -> None:
    assert "".join(tokenizer.split(text)) == text
    assert tokenizer.truncate(text, tokenizer.count(text)) == text
    assert tokenizer.truncate(text, 0) == ""


def test_text_separators_change_the_token_count() -> None:
    weights = [tokenizer.count(f"one.{joint}two") for joint in ("", "\n", "\n\n")]
    assert len(set(weights)) == 3
    assert tokenizer.count("one\ntwo") != tokenizer.count("one two")


def test_limit_truncates_and_is_reported() -> None:
    answer = model_provider.complete(ask("Count from 1 to 50", limit=5))
    assert (answer.text, answer.finish, answer.output_tokens) == ("1 2 3 4 5", "length", 5)
    answer = model_provider.complete(ask("Count from 1 to 5", limit=5))
    assert (answer.text, answer.finish) == ("1 2 3 4 5", "end")


def test_call_over_the_limit_is_left_out() -> None:
    answer = model_provider.complete(ask("The weather in Rome?", tools=(WEATHER,), limit=3))
    assert (answer.calls, answer.finish, answer.output_tokens) == ((), "length", 3)


def test_first_stop_sequence_ends_the_answer() -> None:
    answer = model_provider.complete(ask("Count from 1 to 20", stop=("9", "7", "never")))
    assert (answer.text, answer.finish) == ("1 2 3 4 5 6 ", "stop")


def test_thinking_does_not_change_the_answer() -> None:
    plain = model_provider.complete(ask("Count from 1 to 3"))
    deep = model_provider.complete(ask("Count from 1 to 3", thinking={"type": "enabled"}))
    off = model_provider.complete(ask("Count from 1 to 3", thinking={"type": "disabled"}))
    assert deep.text == plain.text
    assert deep.thinking
    assert off == plain


def test_first_word_of_a_sentence_is_not_a_name() -> None:
    assert names("What is it like in New York, and in Rome? Look up both.") == ["New York", "Rome"]
    assert names("the weather in the hague") == ["hague"]
    assert significant_words("getWeather tools") == {"weather"}
