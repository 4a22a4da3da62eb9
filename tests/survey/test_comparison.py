"""A field without its effect is compared with the same request without the field."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support import pack_on_disk
from tests.support.pack_on_disk import Reply, Respond
from tests.support.small_surveys import body_of, only_document, rows_of, survey

CASES = """
pack: tiny
cases:
  - id: limit
    row: limit
    field: $.max_tokens
    modes: [plain]
    request: {body: {messages: [{role: user, content: "Count to 50."}], max_tokens: 5}}
    control: {omit: [max_tokens], expect: {body: {"$.choices[0].finish_reason": stop}}}
    expect: {body: {"$.choices[0].finish_reason": length}}
"""
ROWS = "rows: [{id: limit, path: max_tokens, location: request, behaviour: supported}]"


def answering(text: str, numbers: itertools.count[int] | None = None) -> Respond:
    """A gateway that counts without a limit, in the same words or in other words each time."""

    def respond(request: Mapping[str, Any]) -> Reply:
        body = body_of(request)
        if b"Count to 50" not in (request["body"] or b""):
            return pack_on_disk.CORRECT(request)
        words = text.format(next(numbers) if numbers else "", body.get("max_tokens", ""))
        message = {"role": "assistant", "content": words, "refusal": None}
        choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
        usage = {"prompt_tokens": 5, "completion_tokens": 9, "total_tokens": 14}
        head = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "builtin-1"}
        return pack_on_disk.json_reply(200, {**head, "choices": [choice], "usage": usage})

    return respond


@pytest.mark.parametrize(
    ("respond", "kind", "text"),
    [
        (answering("1 2 3"), "ignored", "Ignored: "),
        (answering("1 2 3 {0}", itertools.count()), "ignored", "Without its effect: "),
        (answering("1 2 3 {1}"), "altered", "Differs: "),
    ],
    ids=["the same answer", "answers that vary", "another answer"],
)
def test_a_limit_without_effect(
    respond: Respond, kind: str, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack = only_document(pack_on_disk.pack(tmp_path / "tiny", CASES), ROWS, monkeypatch)
    result = survey(pack, respond)
    assert result.code == 0, result.out + result.err
    [row] = rows_of(pack).values()
    assert (row["kind"], row["status"][: len(text)]) == (kind, text)
