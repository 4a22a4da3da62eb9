"""How a value that both protocols have must arrive: in the provider's form, with the same meaning.

A value with another meaning, or in a form that the provider refuses, is a failed finding.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from harness.language.checks.base import Findings
from harness.model import Finding, Json
from harness.util.format_value import format_value

Sent = Mapping[str, Json]
MAX_STOPS: Final = 4  # of OpenAI
HIGHEST_TEMPERATURE: Final = {"openai": 2, "responses": 2, "anthropic": 1}
OPENAIS: Final = {"auto": "auto", "any": "required", "none": "none"}
WORDS: Final[Mapping[str, Mapping[str, Json]]] = {
    "openai": OPENAIS,
    "responses": OPENAIS,
    "anthropic": {
        "auto": {"type": "auto"},
        "any": {"type": "any"},
        "none": {"type": "none"},
    },
}
LIMITS: Final = {
    "openai": ("max_completion_tokens", "max_tokens"),
    "responses": ("max_output_tokens",),
    "anthropic": ("max_tokens",),
}
# With one of these, a limit can need room beside the answer.
REASONING: Final = ("thinking", "reasoning_effort", "reasoning", "output_config")


def changed_values(sent: Sent, body: Sent, protocol: str) -> Findings:
    """Yield the parameters whose forwarded value has another meaning, or none for the provider.

    Args:
        sent: The caller's body.
        body: The forwarded body.
        protocol: The protocol of the provider.
    """
    yield from changed_tool_choice(sent, body, protocol)
    yield from changed_stop(sent, body, protocol)
    yield from changed_limit(sent, body, protocol)
    for name in ("temperature", "top_p"):
        yield from changed_number(name, sent, body, protocol)


def read_tool_choice(value: Json) -> str | None:
    """Return auto, any, none or `tool NAME`; None if the value is neither protocol's."""
    kind = value.get("type") if isinstance(value, Mapping) else value
    if not isinstance(kind, str):
        return None
    if kind in ("tool", "function"):
        function = value.get("function", value) if isinstance(value, Mapping) else {}
        name = function.get("name") if isinstance(function, Mapping) else None
        return f"tool {name}" if isinstance(name, str) else None
    meaning = "any" if kind == "required" else kind
    return meaning if meaning in WORDS["openai"] else None


def write_tool_choice(meaning: str, protocol: str) -> Json:
    """Return the provider's form of a meaning."""
    if not meaning.startswith("tool "):
        return WORDS[protocol][meaning]
    name = meaning.removeprefix("tool ")
    if protocol == "openai":
        return {"type": "function", "function": {"name": name}}
    if protocol == "responses":
        return {"type": "function", "name": name}
    return {"type": "tool", "name": name}


def changed_tool_choice(sent: Sent, body: Sent, protocol: str) -> Findings:
    meaning = read_tool_choice(sent.get("tool_choice"))
    if meaning is None or not (sent.get("tools") or sent.get("functions")):
        return
    got, expected = body.get("tool_choice"), write_tool_choice(meaning, protocol)
    if got is None:
        # Without a tool there is nothing to choose; that a tool was lost is a rule of its own.
        if meaning == "auto" or not (body.get("tools") or body.get("functions")):
            return
    elif has_form(got, expected):
        return
    text = format_value(got) if got is not None else "nothing there"
    yield Finding("forwarded $.tool_choice", f"should be {format_value(expected)}", text)


def has_form(got: Json, expected: Json) -> bool:
    """Whether a value has the members of the expected one; it can have more."""
    if isinstance(expected, Mapping):
        return isinstance(got, Mapping) and all(
            has_form(got.get(k), v) for k, v in expected.items()
        )
    return bool(got == expected)


def read_stops(value: Json) -> list[str] | None:
    """Return stop sequences without blank ones, which some providers refuse."""
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        return None
    return [text for text in texts if text.strip()]


def changed_stop(sent: Sent, body: Sent, protocol: str) -> Findings:
    stops = read_stops(sent.get("stop", sent.get("stop_sequences")))
    name = "stop" if protocol == "openai" else "stop_sequences"
    got = body.get(name)
    if not stops or got is None or (protocol == "openai" and len(stops) > MAX_STOPS):
        return
    is_list = protocol == "openai" or isinstance(got, list)
    if not is_list or sorted(read_stops(got) or ()) != sorted(stops):
        expected = f"should be {format_value(stops)}"
        yield Finding(f"forwarded $.{name}", expected, format_value(got))


def changed_limit(sent: Sent, body: Sent, protocol: str) -> Findings:
    """A limit must not become smaller or larger. Reasoning can need room beside the answer."""
    names = ("max_completion_tokens", "max_tokens", "max_output_tokens")
    limit = next((sent[name] for name in names if is_count(sent.get(name))), None)
    got = next((body[name] for name in LIMITS[protocol] if body.get(name) is not None), None)
    reasons = any(body.get(name) for name in REASONING)
    if limit is None or got is None or reasons or limit > 4096:
        return
    if got != limit or isinstance(got, bool):
        yield Finding("forwarded limit", f"should be {limit}", format_value(got))


def is_count(value: Json) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def changed_number(name: str, sent: Sent, body: Sent, protocol: str) -> Findings:
    """A sampling parameter arrives unchanged; beyond the provider's range, as its bound."""
    value, got = sent.get(name), body.get(name)
    if got is None or isinstance(value, bool) or not isinstance(value, int | float):
        return
    bound = HIGHEST_TEMPERATURE[protocol] if name == "temperature" else 1
    permitted = {value, min(value, 1), min(value, bound)}
    if isinstance(got, bool) or got not in permitted:
        yield Finding(f"forwarded $.{name}", f"should be {format_value(value)}", format_value(got))
