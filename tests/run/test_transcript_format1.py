"""Transcripts of format 1, from version 0.1, are read and give the verdicts of their run."""

from __future__ import annotations

from pathlib import Path

from harness.run.replay import load_recorded

# Five cases against a gateway that rejects `seed`.
TRANSCRIPT = Path(__file__).parent / "transcripts" / "format1.jsonl"


def test_transcript_of_format_1_gives_the_verdicts_of_its_run() -> None:
    report = load_recorded(str(TRANSCRIPT)).report()
    verdicts = {
        f"{case['pack']}/{case['id']}": (case["outcome"], case["evidence"])
        for case in report["cases"]
    }
    assert verdicts == {
        "openai-chat/sampling.null": ("warn", "accepted"),
        "openai-compat/behaviour.silent_ignore": ("fail", "accepted"),
        "openai-compat/temperature": ("pass", "accepted"),
        "openai-compat/n": ("pass", "effect"),
        "openai-compat/seed": ("fail", "accepted"),
    }
    assert report["harness"]
    assert report["target"]["name"] == "127.0.0.1:18101"
