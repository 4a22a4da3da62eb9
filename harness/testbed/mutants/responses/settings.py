"""Mutants of the Responses endpoint's settings: their effect, and their echo in the answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from harness.testbed.gateway.endpoint import Body
from harness.testbed.gateway.errors import bad_value
from harness.testbed.gateway.model_types import Json
from harness.testbed.mutants.responses.operators import (
    answers,
    crashes,
    drops,
    echoes,
    events,
    forgives,
    has,
    reads,
    refuses,
    responses,
    sets,
    texts,
)

REFUSED, NAMED, STATUS = (
    "rejected.refused",
    "honoured_or_refused.named",
    "honoured_or_refused.status",
)
ITEM = "body $.output[?@.type=='message']"
PART = f"{ITEM}.content[?@.type=='output_text']"
THOUGHT = "body $.output[?@.type=='reasoning']"
# For each case about the echo of a setting, another value than the one of its request.
OTHERS: Final[dict[str, Body]] = {
    "instructions.echoed": {"instructions": "You are a helpful assistant."},
    "max_output_tokens.echoed": {"max_output_tokens": 4096},
    "temperature.echoed": {"temperature": 1.0},
    "top_p.echoed": {"top_p": 1.0},
    "metadata.echoed": {"metadata": {}},
    "tools.echoed": {"tools": []},
    "tool_choice.echoed": {"tool_choice": "auto"},
    "parallel_tool_calls.echoed": {"parallel_tool_calls": True},
    "max_tool_calls.echoed": {"max_tool_calls": 128},
    "truncation.echoed": {"truncation": "disabled"},
    "text.echoed": {"text": {"format": {"type": "json_object"}}},
    "verbosity.echoed": {"text": {"format": {"type": "text"}, "verbosity": "medium"}},
    "store.echoed": {"store": True},
    "effort.echoed": {"reasoning": {"effort": "medium", "summary": None}},
    "user.echoed": {"user": "user-0001"},
    "safety_identifier.echoed": {"safety_identifier": "user-0001"},
    "prompt_cache_key.echoed": {"prompt_cache_key": "gateway"},
    "penalties.echoed": {"frequency_penalty": 0.0},
    "presence_penalty.echoed": {"presence_penalty": 0.0},
}
FIELDS: Final = ("service_tier", "prompt_cache_retention")


def is_no_limit(body: Body) -> bool:
    return body.get("max_output_tokens") in (-1, "many")


def is_no_format(body: Body) -> bool:
    text = body.get("text")
    form = text.get("format") if isinstance(text, dict) else None
    kind = form.get("type") if isinstance(form, dict) else None
    whole = kind in ("text", "json_object") or (kind == "json_schema" and "name" in (form or ()))
    return text is not None and not whole


def is_object(body: Body) -> bool:
    return body.get("text") == {"format": {"type": "json_object"}}


def unnamed(original: Callable[[Body], None], body: Body, name: str) -> None:
    """Refuses a field by an error that does not name it."""
    if body.get(name) is not None:
        raise bad_value("body", "a part of it is not supported.")
    original(body)


def padded(sent: list[Body]) -> list[Body]:
    return [{**event, "obfuscation": "x8Kd"} for event in sent]


def summary_without_types(original: Callable[..., list[Body]], *args: Any) -> list[Body]:
    """Has the parts of a summary without their type."""
    output = original(*args)
    for item in output:
        if item["type"] == "reasoning":
            item["summary"] = [{"text": part["text"]} for part in item["summary"]]
    return output


def encrypted(value: Json) -> Callable[..., Json]:
    return lambda original, item: value


SETTINGS = (
    *(responses(case, "other", "repeats another value than the one in force", "echoed.value",
                echoes(**values)) for case, values in OTHERS.items()),
    responses("max_output_tokens.items", "completed", "calls a message completed that was cut",
        f"{ITEM}.status", {"item_status": lambda original, reply: "completed"}),
    responses("max_output_tokens.invalid", "ignored", "ignores what is not a number of tokens",
        REFUSED, forgives(is_no_limit, drops("max_output_tokens"))),
    responses("top_p.invalid", "ignored", "ignores a top_p that is not allowed", REFUSED,
        forgives(lambda body: body.get("top_p") in ("most", 3), drops("top_p"))),
    responses("include.invalid", "ignored", "ignores what it cannot include", REFUSED,
        forgives(lambda body: body.get("include") in (["banana"], "banana"), drops("include"))),
    responses("format.malformed", "ignored", "ignores an invalid format", REFUSED,
        forgives(is_no_format, drops("text"))),
    responses("format.text", "refused", "refuses the default format", NAMED, refuses(has("text"))),
    responses("reasoning.summary", "untyped", "has parts of a summary without a type",
        f"{THOUGHT}.summary[*]", {"included": summary_without_types}),
    responses("reasoning.separate", "inside", "writes what the model thought into the text",
        "any_of", texts(lambda text: f"<think>Well.</think>{text}")),
    responses("reasoning.encrypted", "missing", "does not encrypt what the model thought",
        f"{THOUGHT}.encrypted_content", {"encrypted": encrypted("")}),
    *(responses(name, "crash", f"crashes on {name}", STATUS, crashes(has(name)))
      for name in FIELDS),
    *(responses(name, "unnamed", "refuses the field without its name", NAMED,
                {"check": lambda original, body, name=name: unnamed(original, body, name)})
      for name in ("prompt_cache_options", "context_management")),
    responses("moderation", "dropped", "drops moderation", "body $.moderation",
        reads(drops("moderation"))),
    responses("background", "crash", "crashes on a response in the background", STATUS,
        crashes(has("background"))),
    responses("include_obfuscation", "padded", "pads events although it should not",
        "events $[*].obfuscation", events(padded)),
    responses("settings.unknown", "crash", "crashes on a field that it does not know", "status",
        crashes(has("no_such_field_0000"))),
    responses("logprobs.included", "ignored", "ignores what to include", f"{PART}.logprobs",
        reads(drops("include"))),
    responses("logprobs.top", "ignored", "ignores the number of likely tokens",
        f"{PART}.logprobs[0].top_logprobs", reads(drops("top_logprobs"))),
    responses("settings.present", "few", "answers with the settings of Chat Completions only",
        "body $", answers(lambda body, whole: drops("truncation", "text", "reasoning")(whole))),
    responses("settings.defaults", "error", "has an empty error in each answer", "body $.error",
        answers(lambda body, whole: sets(error={"code": "", "message": ""})(whole))),
    responses("format.json_object", "ignored", "ignores the format json_object",
        f"{PART}.text", forgives(is_object, drops("text"))),
)  # fmt: skip
