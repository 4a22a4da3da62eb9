"""Mutants that implement ignored fields."""

from __future__ import annotations

from harness.testbed.base import Mutant
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.model_types import Json
from harness.testbed.mutants.openai.operators import Body, answers, message, refuses, values_at


def adds_key(field: str, key: str, value: Json) -> Overrides:
    """Adds the top-level response key that OpenAI uses for a field."""
    return answers(lambda body, whole: whole.update({key: value}) if body.get(field) else None)


def wants_audio(body: Body) -> bool:
    modalities = body.get("modalities")
    return bool(body.get("audio")) or (isinstance(modalities, list) and "audio" in modalities)


def add_audio(body: Body, whole: Body) -> None:
    if wants_audio(body):
        whole["choices"][0]["message"]["audio"] = {"id": "audio_1", "data": "AAAA"}


def replace_by_audio(body: Body, whole: Body) -> None:
    if wants_audio(body):
        whole["choices"][0]["message"].update(content=None, audio={"id": "audio_1"})


def add_logprobs(body: Body, whole: Body) -> None:
    if body.get("logprobs"):
        token = {"token": "ready", "logprob": -0.1, "bytes": None, "top_logprobs": []}
        whole["choices"][0]["logprobs"] = {"content": [token], "refusal": None}


def answer_in_json(body: Body, whole: Body) -> None:
    reply = whole["choices"][0]["message"]
    if isinstance(body.get("response_format"), dict) and isinstance(reply["content"], str):
        reply["content"] = f'{{"word": "{reply["content"]}"}}'


def add_reasoning(body: Body, whole: Body) -> None:
    if body.get("reasoning_effort"):
        whole["choices"][0]["message"]["reasoning_content"] = "The user wants a word."


def echoes_field(field: str) -> Overrides:
    return answers(lambda body, whole: whole.update({k: body[k] for k in (field,) if k in body}))


CONTENT = "body $.choices[0].message.content"
LOGPROBS = "body $.choices[0].logprobs"
AUDIO = "body $.choices[0].message.audio"
EFFECTS = (
    Mutant("logprobs.sent", "sends log probabilities", "logprobs", LOGPROBS, answers(add_logprobs)),
    Mutant(
        "top_logprobs.alone",
        "rejects top_logprobs without logprobs, as OpenAI does",
        "top_logprobs.alone",
        "ignored.refused",
        refuses(lambda b: "top_logprobs" in b and "logprobs" not in b, "top_logprobs"),
    ),
    Mutant(
        "metadata.echoed",
        "echoes the field in the response",
        "metadata",
        "body $.metadata",
        echoes_field("metadata"),
    ),
    Mutant(
        "user.echoed",
        "echoes the field in the response",
        "user",
        "body $.user",
        echoes_field("user"),
    ),
    Mutant(
        "store.echoed",
        "echoes the field in the response",
        "store",
        "ignored.effect",
        echoes_field("store"),
    ),
    Mutant(
        "response_format.obeyed",
        "answers in JSON when asked to",
        "response_format",
        CONTENT,
        answers(answer_in_json),
    ),
    Mutant(
        "response_format.schema-only",
        "rejects every response_format but json_schema",
        "response_format.text-and-json_object",
        "ignored.refused",
        refuses(
            lambda b: (
                any(True for _ in values_at(b, "response_format", "type"))
                and b["response_format"]["type"] != "json_schema"
            ),
            "response_format",
        ),
    ),
    Mutant(
        "seed.fingerprint",
        "sends a system_fingerprint if a seed is given",
        "seed",
        "body $.system_fingerprint",
        adds_key("seed", "system_fingerprint", "fp_1"),
    ),
    Mutant(
        "service_tier.told",
        "reports the requested service tier",
        "service_tier",
        "body $.service_tier",
        adds_key("service_tier", "service_tier", "default"),
    ),
    Mutant("audio.spoken", "answers with audio", "audio", AUDIO, answers(add_audio)),
    Mutant(
        "modalities.spoken",
        "answers with audio instead of text",
        "modalities.with-audio",
        "body $.choices[0].message.content",
        answers(replace_by_audio),
    ),
    Mutant(
        "reasoning_effort.shown",
        "shows its reasoning if reasoning_effort is set",
        "reasoning_effort",
        "body $.choices[0].message",
        answers(add_reasoning),
    ),
    Mutant(
        "web_search_options.annotated",
        "sends annotations with every answer",
        "web_search_options",
        "body $.choices[0].message.annotations",
        message(lambda m: m.update(annotations=[{"type": "url_citation"}])),
    ),
)
