"""The requests of a calibration: plain one-line instructions that use no field under test.

Their texts are fixed, so that one that a case sends too has the same id and is sent once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from harness.model import Json

SENTENCES: Final = (
    "The lighthouse stands at the end of a long stone pier.",
    "Every evening the keeper walks out to light the lamp.",
    "In summer the walk takes ten minutes, in winter a good deal longer.",
    "He carries oil in a can, bread in his coat, and a small notebook.",
    "Most of the notes are short, and few people have ever read them.",
)
FILLER: Final = " ".join(SENTENCES)
# The word that a text asks for, by the name of the try.
WORDS: Final[Mapping[str, str]] = {
    "short": "ready",
    "medium": "river",
    "long": "garden",
    "cat": "Tom",
    "password": "maple",
}
TEXTS: Final[Mapping[str, str]] = {
    "short": "Reply with the single word: ready",
    "medium": f"{FILLER} Reply with the single word: river",
    "long": f"{' '.join([FILLER] * 5)} Reply with the single word: garden",
    "cat": "My cat is called Tom. What is my cat called? Answer with the name only.",
    "password": "My password is maple. What is my password? Answer with one word.",
    "count": "Count from 1 to 20, separated by spaces.",
}
WEATHER: Final = "What is the weather in Paris?"
CALL: Final = "Call the tool get_weather for the city Paris."
COLOUR: Final = "What colour is this image? Answer with one word."
SCHEMA: Final = {
    "type": "object",
    "properties": {"city": {"type": "string", "description": "The name of the city."}},
    "required": ["city"],
}
TOOL: Final = {"name": "get_weather", "description": "Get the current weather in a city."}
# Images of 64 by 64 pixels in a single colour.
PNG: Final[Mapping[str, str]] = {
    "red": (
        "iVBORw0KGgoAAAANSUhEUgAAAEAAAABACAIAAAAlC+aJAAAAS0lEQVR42u3PQQkAAAgAsetfWiP4FgYrsKZeS0BAQEBAQEBA"
        "QEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEDgsqnc8OJg6Ln3AAAAAElFTkSuQmCC"
    ),
    "blue": (
        "iVBORw0KGgoAAAANSUhEUgAAAEAAAABACAIAAAAlC+aJAAAAS0lEQVR42u3PQQkAAAgAsetfWiP4FgYrsGqeExAQEBAQEBAQ"
        "EBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBA4LMf88OL0EKXAAAAAAElFTkSuQmCC"
    ),
}


def user(content: Json) -> Json:
    return {"messages": [{"role": "user", "content": content}]}


def openai_image(data: str) -> Json:
    return {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{data}"}}


def anthropic_image(data: str) -> Json:
    source = {"type": "base64", "media_type": "image/png", "data": data}
    return {"type": "image", "source": source}


def question_about(image: Json) -> Json:
    return user([{"type": "text", "text": COLOUR}, image])


def responses_question(data: str) -> Json:
    image = {"type": "input_image", "image_url": f"data:image/png;base64,{data}"}
    parts = [{"type": "input_text", "text": COLOUR}, image]
    return {"input": [{"role": "user", "content": parts}]}


PLAIN: Final = {name: user(text) for name, text in TEXTS.items()}
OPENAI_TOOLS: Final = {
    "tools": [{"type": "function", "function": {**TOOL, "parameters": SCHEMA}}],
}
ANTHROPIC_TOOLS: Final = {"tools": [{**TOOL, "input_schema": SCHEMA}]}
RESPONSES_TOOLS: Final = {"tools": [{"type": "function", **TOOL, "parameters": SCHEMA}]}
# Per protocol, the keys of the request body that replace those of the pack's base request.
REQUESTS: Final[Mapping[str, Mapping[str, Json]]] = {
    "openai": {
        **PLAIN,
        "forced call": {**user(WEATHER), **OPENAI_TOOLS, "tool_choice": "required"},
        "plain call": {**user(CALL), **OPENAI_TOOLS},
        **{name: question_about(openai_image(data)) for name, data in PNG.items()},
    },
    "anthropic": {
        **PLAIN,
        "forced call": {**user(WEATHER), **ANTHROPIC_TOOLS, "tool_choice": {"type": "any"}},
        "plain call": {**user(CALL), **ANTHROPIC_TOOLS},
        **{name: question_about(anthropic_image(data)) for name, data in PNG.items()},
    },
    "responses": {
        **{name: {"input": text} for name, text in TEXTS.items()},
        "forced call": {"input": WEATHER, **RESPONSES_TOOLS, "tool_choice": "required"},
        "plain call": {"input": CALL, **RESPONSES_TOOLS},
        **{name: responses_question(data) for name, data in PNG.items()},
    },
    "embeddings": {name: {"input": text} for name, text in TEXTS.items()},
}
