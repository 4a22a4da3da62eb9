"""Rows stay right or unknown where a network, a rate limit or a slow target changes answers."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support import pack_on_disk
from tests.support.pack_on_disk import CORRECT, Reply, Respond
from tests.support.small_surveys import (
    body_of,
    rows_of,
    run_again,
    survey,
    survey_url,
    tiny_survey,
)

LATE = 0.05  # seconds until the first byte of a slow target; the others need a tenth of that
TIMEOUT = 0.4


def every(number: int, reply: Callable[[], Reply]) -> Respond:
    """A gateway with another reply to each request whose count is a multiple of a number."""
    counter, lock = itertools.count(1), threading.Lock()

    def respond(request: Mapping[str, Any]) -> Reply:
        with lock:
            count = next(counter)
        return reply() if count % number == 0 else CORRECT(request)

    return respond


def limited() -> Reply:
    body = {"message": "Too many requests", "type": "rate_limit_error", "param": None, "code": None}
    return pack_on_disk.json_reply(429, {"error": body}, ("retry-after", "0"))


def cut() -> Reply:
    return {**pack_on_disk.json_reply(200, {"id": "chatcmpl-1"}), "end": "reset"}


def slow(request: Mapping[str, Any]) -> Reply:
    """A gateway whose first byte comes late, plain and streamed."""
    answer = CORRECT(request)
    return {**answer, "pauses": [LATE, *answer["pauses"][1:]]}


def too_slow(*fields: str) -> Respond:
    """A gateway that does not answer requests with some fields within the timeout."""

    def respond(request: Mapping[str, Any]) -> Reply:
        answer = CORRECT(request)
        late = not {*fields}.isdisjoint(body_of(request))
        return {**answer, "pauses": [2 * TIMEOUT, *answer["pauses"][1:]]} if late else answer

    return respond


def refuse_all_but_the_base(request: Mapping[str, Any]) -> Reply:
    """A gateway that takes no optional field."""
    known = {"model", "messages", "stream", "stream_options", "max_tokens"}
    more = [*body_of(request).keys() - known]
    refused = pack_on_disk.error(400, f"unknown field {more[0]}") if more else None
    return refused or CORRECT(request)


def chatty(request: Mapping[str, Any]) -> Reply:
    """A gateway whose model adds a sentence to each plain answer."""
    answer = CORRECT(request)
    text = b"".join(answer["chunks"])
    if not text.startswith(b'{"id"'):
        return answer
    message = json.loads(text)
    for choice in message.get("choices", ()):
        choice["message"]["content"] = f"Of course! {choice['message']['content']}"
    return pack_on_disk.json_reply(answer["status"], message)


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return tiny_survey(tmp_path, monkeypatch)


EXACTLY = ("exactly", "Must be exactly 1")
UNSEEN = ("accepted", "Accepted; no effect is visible")
REFUSED = ("refused_by_name", "Refused by name (400)")


@pytest.mark.parametrize(
    ("respond", "seed", "n"),
    [
        (every(4, limited), UNSEEN, EXACTLY),
        (every(25, cut), UNSEEN, EXACTLY),
        (refuse_all_but_the_base, REFUSED, REFUSED),
        (chatty, UNSEEN, EXACTLY),
        (slow, UNSEEN, EXACTLY),
    ],
    ids=["rate limit", "connections that break", "no optional fields", "a chatty model", "slow"],
)
def test_rows_are_right_or_unknown_and_a_run_with_the_files_passes(
    respond: Respond, seed: tuple[str, str], n: tuple[str, str], tiny: Path
) -> None:
    with pack_on_disk.gateway(respond) as url:
        result = survey_url(url, tiny)
        assert result.code == 0, result.out + result.err
        again = run_again(tiny)
    assert again.code == 0, again.out + again.err
    rows = {name: (row["kind"], row["status"]) for name, row in rows_of(tiny).items()}
    assert rows["seed"] == seed or rows["seed"][0] == "unknown"
    assert rows["n"] == n or rows["n"][0] == "unknown"


def test_a_field_whose_answers_come_after_the_timeout_is_unknown(tiny: Path) -> None:
    result = survey(tiny, too_slow("seed", "n"), "--timeout", str(TIMEOUT))
    assert result.code == 0, result.out + result.err
    rows = rows_of(tiny)
    assert rows["answer"]["kind"] == "supported"
    for name in ("seed", "n"):
        assert rows[name]["kind"] == "unknown"
        assert f"no end after {TIMEOUT} s" in rows[name]["status"]
