"""Reads the answers to calibration requests: texts, counts, calls and pieces of each protocol."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final, NamedTuple

from harness.language.checks.status import error_message
from harness.language.checks.values import is_number, value_at
from harness.language.checks.vectors import as_vector, distance
from harness.model import Answer, Exchange, Json
from harness.plan.calibration_requests import WORDS
from harness.util import jsonpath
from harness.util.whole_words import pattern_of

Tries = dict[str, Answer | None]


class Places(NamedTuple):
    """Where a protocol has what is read: JSONPaths in the answer, and in a list of events."""

    text: str
    calls: str
    deltas: str
    input_name: str
    input_tokens: str
    output_name: str
    output_tokens: str


PLACES: Final[Mapping[str, Places]] = {
    "openai": Places(
        text="$.choices[0].message.content",
        calls="$.choices[0].message['tool_calls','function_call']",
        deltas="$[*].choices[0].delta.content",
        input_name="prompt_tokens",
        input_tokens="$.usage.prompt_tokens",
        output_name="completion_tokens",
        output_tokens="$.usage.completion_tokens",
    ),
    "anthropic": Places(
        text="$.content[?@.type=='text'].text",
        calls="$.content[?@.type=='tool_use']",
        deltas="$[?@.type=='content_block_delta'].delta.text",
        input_name="input_tokens",
        input_tokens=(
            "$.usage['input_tokens','cache_read_input_tokens','cache_creation_input_tokens']"
        ),
        output_name="output_tokens",
        output_tokens="$.usage.output_tokens",
    ),
    "responses": Places(
        text="$.output[?@.type=='message'].content[?@.type=='output_text'].text",
        calls="$.output[?@.type=='function_call']",
        deltas="$[?@.type=='response.output_text.delta'].delta",
        input_name="input_tokens",
        input_tokens="$.usage.input_tokens",
        output_name="output_tokens",
        output_tokens="$.usage.output_tokens",
    ),
    "embeddings": Places(  # an answer has no text, call or stream
        text="$.text",
        calls="$.calls",
        deltas="$.deltas",
        input_name="prompt_tokens",
        input_tokens="$.usage.prompt_tokens",
        output_name="completion_tokens",
        output_tokens="$.usage.completion_tokens",
    ),
}
VECTOR: Final = "$.data[0].embedding"
SAME_VECTOR: Final = 0.1  # distance, as a fraction of the length
MAX_BODY: Final = 1024 * 1024  # bytes; all answers are decoded at once
COLOURS: Final = {"red": ["red", "scarlet", "crimson"], "blue": ["blue", "navy", "indigo"]}


def bounded(exchange: Exchange) -> Exchange:
    """Return the exchange, without a body that is far larger than a calibration's answer."""
    size = len(exchange.body)
    if size <= MAX_BODY:
        return exchange
    return replace(exchange, end="too-large", chunks=(), note=f"the answer has {size:,} bytes")


def problem(tries: Tries, *names: str) -> str:
    """Return why one of the tries has no usable answer; empty if all have one."""
    for name in names:
        answer = tries.get(name)
        if answer is None:
            return "the request was not sent"
        if answer.status is None or answer.end != "complete":
            return f"no complete answer: {answer.note or answer.end}"
        if not 200 <= answer.status < 300:
            message = error_message(answer)
            return f"answered with status {answer.status}{f': {message[:100]}' if message else ''}"
        if answer.unreadable:
            return f"the answer is not readable: {answer.unreadable}"
    return ""


def text_of(answer: Answer | None, protocol: str) -> str:
    """Return the text of an answer; empty if it has none."""
    nodes = jsonpath.find(PLACES[protocol].text, answer.body) if answer else []
    return "".join(value for _, value in nodes if isinstance(value, str))


def follows(tries: Tries, name: str, protocol: str) -> bool:
    """Whether an answer has the word that it should have, and does not repeat the request."""
    word = WORDS[name.removesuffix(" again")]
    text = text_of(tries[name], protocol)
    echo = re.search(r"single word|what is my|answer with", text, re.IGNORECASE)
    return re.search(pattern_of(word), text) is not None and not echo


def input_count(answer: Answer | None, protocol: str) -> Json:
    """Return the number of input tokens that an answer reports, or None."""
    return count_at(PLACES[protocol].input_tokens, answer)


def output_count(answer: Answer | None, protocol: str) -> Json:
    """Return the number of output tokens that an answer reports, or None."""
    return count_at(PLACES[protocol].output_tokens, answer)


def count_at(path: str, answer: Answer | None) -> Json:
    value = value_at(path, answer) if answer else None
    return value if is_number(value) else None


def input_names(protocol: str) -> str:
    return PLACES[protocol].input_name


def output_name(protocol: str) -> str:
    return PLACES[protocol].output_name


def has_call(answer: Answer | None, protocol: str) -> bool:
    """Whether an answer calls a tool."""
    nodes = jsonpath.find(PLACES[protocol].calls, answer.body) if answer else []
    return any(value for _, value in nodes)


def text_deltas(answer: Answer | None, protocol: str) -> int:
    """Return how many events of a stream carry text."""
    events = list(answer.chunks) if answer else []
    return sum(1 for _, value in jsonpath.find(PLACES[protocol].deltas, events) if value)


def equal_vectors(tries: Tries, *names: str) -> bool:
    """Whether two answers have the same embedding, apart from its last digits."""
    values = [jsonpath.find(VECTOR, answer.body) for name in names if (answer := tries[name])]
    vectors = [as_vector(nodes[0][1]) for nodes in values if nodes]
    one, other = vectors if len(vectors) == len(names) else (None, None)
    return one is not None and other is not None and distance(one, other) <= SAME_VECTOR


def names_colour(colour: str, text: str) -> bool:
    """Whether a text names a colour, and none of the others."""
    named = {name for name, words in COLOURS.items() if re.search(pattern_of(words), text)}
    return named == {colour}


def words_in(text: str) -> int:
    return len(text.split())
