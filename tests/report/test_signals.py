"""A signal that cannot be observed links to the cases that report it as a fault."""

from __future__ import annotations

from typing import Any

import pytest

from harness.report import summary, terminal
from tests.support.report_data import case, entry, finding, report, row
from tests.support.report_page import page_of

REASON = "prompt_tokens is 11 for messages of 6, 67 and 311 words"


def signal(mode: str = "plain", **more: Any) -> dict[str, Any]:
    fields = {"protocol": "openai", "mode": mode, "signal": "tokens"}
    return {**fields, "alive": False, "reason": REASON, **more}


def failing(*observes: str) -> Any:
    made = entry(case("usage"), "fail", finding("more_than", "$.usage.prompt_tokens", "11"))
    return made | ({"observes": [*observes]} if observes else {})


@pytest.mark.parametrize(
    ("entries", "judged", "expected"),
    [
        ([signal()], failing("tokens"), [["compat/usage"]]),
        ([signal("stream")], failing("tokens"), [None]),  # it fails in plain answers only
        ([signal()], failing("output_tokens"), [None]),
        ([signal()], failing(), [None]),
        ([signal()], entry(case("usage")) | {"observes": ["tokens"]}, [None]),
        ([signal(alive=True, reason="")], failing("tokens"), [None]),
    ],
)
def test_a_dead_signal_names_the_cases_that_report_it(
    entries: Any, judged: Any, expected: Any
) -> None:
    made = report([judged], row("usage"), signals=entries)
    assert [each.get("reported_by") for each in made["signals"]] == expected


def test_every_report_links_a_dead_signal_to_its_fault() -> None:
    made = report([failing("tokens")], row("usage"), signals=[signal()])
    html = page_of(made).partition('id="observed"')[2].partition("</section>")[0]
    assert 'href="#case=compat/usage"' in html
    assert "| compat/usage |" in summary.summary_markdown(made).partition("not observe")[2]
    assert "See compat/usage." in " ".join(terminal.summary(made).split())
