"""Mutants that implement ignored fields."""

from __future__ import annotations

from harness.testbed.base import Mutant
from harness.testbed.mutants.openai.operators import Body, answers
from harness.testbed.mutation.rows import mutants_in


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


CONTENT = "body $.choices[0].message.content"
LOGPROBS = "body $.choices[0].logprobs"
AUDIO = "body $.choices[0].message.audio"
EFFECTS = (
    *mutants_in("openai/request_fields"),
    Mutant("logprobs.sent", "sends log probabilities", "logprobs", LOGPROBS, answers(add_logprobs)),
    Mutant(
        "response_format.obeyed",
        "answers in JSON when asked to",
        "response_format",
        CONTENT,
        answers(answer_in_json),
    ),
    Mutant("audio.spoken", "answers with audio", "audio", AUDIO, answers(add_audio)),
    Mutant(
        "modalities.spoken",
        "answers with audio instead of text",
        "modalities.with-audio",
        "body $.choices[0].message.content",
        answers(replace_by_audio),
    ),
)
