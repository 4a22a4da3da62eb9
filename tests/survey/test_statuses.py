"""The status of a field says what was observed about that field, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from harness.survey import table
from harness.testbed.mutants import MUTANTS
from harness.testbed.variants import VARIANTS
from tests.support import pack_on_disk, small_surveys
from tests.support.pack_on_disk import CORRECT, Reply, Respond
from tests.support.small_surveys import body_of, only_document, rows_of
from tests.support.surveys import survey, survey_behind

BY_ID = {mutant.id: mutant for mutant in MUTANTS}
ROWS = """
rows:
  - {id: max_tokens, path: max_tokens, location: request, behaviour: supported}
  - {id: seed, path: seed, location: request, behaviour: ignored}
  - {id: container, path: container, location: request, behaviour: honoured_or_refused}
  - {id: n, path: n, location: request, behaviour: supported}
  - {id: stream, path: stream, location: request, behaviour: supported}
  - {id: x-trace, path: x-trace, location: header, behaviour: present}
"""
CASES = """
pack: tiny
cases:
  - id: max_tokens
    row: max_tokens
    request: {body: {messages: [{role: user, content: Count from 1 to 50.}], max_tokens: 3}}
    expect: {body: {"$.choices[0].finish_reason": length}}
  - id: max_tokens.wrong
    row: max_tokens
    behaviour: rejected
    values: [ten]
  - id: seed
    row: seed
    behaviour: ignored
    values: [7]
  - id: container
    row: container
    behaviour: rejected
    values: [container_1]
  - id: two
    row: n
    request: {body: {n: 2}}
    expect: {body: {"$.choices[1].message.content": {type: string}}}
  - id: trace
    row: x-trace
    level: should
    expect: {headers: {x-trace: {type: string}}}
"""


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return only_document(pack_on_disk.pack(tmp_path / "tiny", CASES), ROWS, monkeypatch)


def statuses(pack: Path, respond: Respond) -> dict[str, tuple[str, str]]:
    result = small_surveys.survey(pack, respond)
    assert result.code == 0, result.out + result.err
    return {name: (row["kind"], row["status"]) for name, row in rows_of(pack).items()}


def crash_on_text(request: Mapping[str, Any]) -> Reply:
    """A gateway that fails at a limit that is a text."""
    crashes = isinstance(body_of(request).get("max_tokens"), str)
    return pack_on_disk.error(500, "'str'") if crashes else CORRECT(request)


def without_streams(request: Mapping[str, Any]) -> Reply:
    """A gateway that answers no stream, like one whose server adds a header too late."""
    streamed = body_of(request).get("stream")
    return pack_on_disk.error(500, "no streams") if streamed else CORRECT(request)


def two_choices(request: Mapping[str, Any]) -> Reply:
    """A gateway whose streams end the first of two choices only."""
    body = body_of(request)
    if body.pop("n", 1) == 1:
        return CORRECT(request)
    answer = CORRECT({**request, "body": json.dumps(body).encode()})
    text = b"".join(answer["chunks"]).decode()
    if not body.get("stream"):
        message = json.loads(text)
        message["choices"].append({**message["choices"][0], "index": 1})
        return pack_on_disk.json_reply(200, message)
    lines = "".join(map(with_second_choice, text.splitlines(keepends=True)))
    return {**answer, "chunks": [lines.encode()], "pauses": [0.0]}


def with_second_choice(line: str) -> str:
    if not line.startswith("data: {"):
        return line
    event = json.loads(line[6:])
    second = [{**c, "index": 1, "finish_reason": None} for c in event["choices"]]
    return f"{line}\ndata: {json.dumps({**event, 'choices': second})}\n" if second else line


def test_a_crash_on_a_wrong_value_does_not_make_a_field_unsupported(tiny: Path) -> None:
    kind, text = statuses(tiny, crash_on_text)["max_tokens"]
    assert (kind, text) == ("supported", "Fully supported; wrong values: answered with 500")


def test_a_field_of_which_only_a_wrong_value_was_sent_is_not_supported(tiny: Path) -> None:
    def refuse(request: Mapping[str, Any]) -> Reply:
        refused = "container" in body_of(request)
        return pack_on_disk.error(404, "no such container") if refused else CORRECT(request)

    kind, text = statuses(tiny, refuse)["container"]
    assert (kind, text) == ("unknown", "Wrong values are refused; no right one was tried")


def test_no_field_crashes_because_no_stream_is_answered(
    tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table, "ENOUGH", 2)
    rows = statuses(tiny, without_streams)
    assert rows["seed"] == ("accepted", "Accepted; no effect is visible")
    assert rows["max_tokens"][0] == "supported"
    page = (tiny.parent / "out" / "survey.html").read_text("utf-8")
    assert "No streamed request was answered" in page


def test_choices_count_in_a_stream_that_lacks_an_end(tiny: Path) -> None:
    rows = statuses(tiny, two_choices)
    assert rows["n"] == ("supported", "Fully supported")
    assert "finish reason" in rows["stream"][1]


def test_a_header_that_no_answer_has_is_missing(tiny: Path) -> None:
    assert statuses(tiny, CORRECT)["x-trace"] == ("always_empty", "Missing: x-trace")


def test_a_number_that_is_accepted_and_treated_as_1_is_ignored() -> None:
    rows = survey("openai", "/compat", BY_ID["n.quiet"].override, rows={"n"})
    kind, status = rows["openai-compat/n"]["kind"], rows["openai-compat/n"]["status"]
    assert (kind, status) == ("ignored", "Ignored: other values are treated as 1")


@pytest.mark.parametrize("name", ["metadata", "prompt_cache_options", "moderation"])
def test_a_field_that_does_not_reach_the_provider_is_ignored(name: str) -> None:
    lost = next(m for m in MUTANTS if m.id.endswith(f"same.{name}-lost"))
    row = f"openai-chat/request.{name}"
    rows = {f"request.{name}", name}
    right = survey_behind("openai", "openai", rows=rows)[row]
    assert right["kind"] == "supported"
    observed = survey_behind("openai", "openai", overrides=lost.override, rows=rows)[row]
    assert (observed["kind"], observed["evidence"]) == ("ignored", "upstream")


def test_an_image_that_is_not_even_counted_has_no_effect() -> None:
    blind = next(variant for variant in VARIANTS if variant.id == "model.blind")
    row = "message.user.content.image_url.url"
    observed = survey("openai", "", blind.overrides, rows={row})[f"openai-compat/{row}"]
    assert observed["kind"] == "ignored"
    assert observed["status"].startswith("Without its effect")


def test_a_row_without_a_live_signal_is_not_called_ignored() -> None:
    constant = next(variant for variant in VARIANTS if variant.id == "usage.constant")
    row = "message.assistant.content.refusal"
    observed = survey("openai", "", constant.overrides, rows={row})[f"openai-compat/{row}"]
    assert observed["kind"] in ("accepted", "unknown")


def test_a_prompt_too_long_for_the_model_does_not_refuse_a_field() -> None:
    tiny_context = next(variant for variant in VARIANTS if variant.id == "model.context.tiny")
    row = "message.tool_result.tool_use_id"
    rows = survey("anthropic", "", tiny_context.overrides, rows={row})
    assert "efused (" not in rows[f"anthropic-messages/{row}"]["status"]
