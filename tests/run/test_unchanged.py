"""Recorded answers count for other versions of the packs where the requests are the same."""

from __future__ import annotations

from dataclasses import replace

from harness.model import Call, Script, Shot
from harness.run.unchanged import same_shots, sendings


def test_answer_is_reused_only_after_the_same_earlier_steps() -> None:
    call = Call("openai", "POST", "/chat/completions", body={"n": 1})
    first, second = (
        Shot("s/ask", "p", "", "plain", "ask", call),
        Shot("s/x", "p", "", "plain", "x", call),
    )
    before = Script("s", (first, second))
    captured = Script("s", (replace(first, capture={"id": "$.id"}), second))
    other = Script("s", (replace(first, call=replace(call, body={"n": 2})), second))
    assert [same_shots(script, before) for script in (before, captured, other)] == [2, 1, 0]
    assert same_shots(before, None) == 0


def test_answers_to_repetitions_and_further_tries_are_reused() -> None:
    script = Script(
        "s", (Shot("s/ask", "p", "", "plain", "ask", Call("openai", "GET", "/models")),)
    )
    names = [shot.id for sent in sendings(script, 2) for shot in sent.shots]
    assert names == [
        "s/ask", "s/try2/ask", "s/try3/ask",
        "s/r2/ask", "s/r2/try2/ask", "s/r2/try3/ask",
    ]  # fmt: skip
