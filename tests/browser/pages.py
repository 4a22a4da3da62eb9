"""Pages for the tests in a browser: a report with something of everything, and a large one."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, Final

from harness.model import Case, Exchange, Finding, Forwarded, Mode, Outcome, Plan
from harness.report.build import build_report
from harness.report.case_data import case_data
from harness.report.page import page_html
from harness.report.page_store import PageStore
from tests.support import report_data
from tests.support.report_page import HOSTILE, hostile_parts

BODY: Final = {"id": "x", "choices": [{"index": 0, "text": "No"}], "created": 10**20}
STREAM: Final = (
    (0.1, b'data: {"delta": {"text": "1 2"}}\n\n: ping\n\n'),
    (0.2, b"data: [DONE]\n\n"),
)
CHUNKS: Final = (
    (0.1, b'data: {"choices": [{"index": 0, "delta": {"content": ""}}]}\n\n'),
    (0.2, b'data: {"choices": [{"index": 0, "delta": {"content": "1 2"}}]}\n\n'),
    (0.3, b'data: {"choices": [], "usage": {"total_tokens": 0}}\n\n'),
)
EVENTS: Final = {"headers": (("content-type", "text/event-stream"),), "chunks": STREAM}
PASSED: Final = 250


class Pages:
    """Collects cases and their exchanges."""

    def __init__(self) -> None:
        self.store, self.cases, self.rows = PageStore(), list[Any](), list[Any]()

    def add(
        self, about: Case, outcome: Outcome, *findings: Finding, exchanges: Any = None, **more: Any
    ) -> Any:
        """Add a case; its plain request has the id `NAME/plain` unless `shots` are given."""
        more = {"shots": [(f"{about.id}/plain", "plain", outcome, None)], **more}
        verdict, plan = report_data.judged(about, outcome, findings, **more)
        data = case_data(verdict, plan, (report_data.pack(report_data.row(about.row)),))
        self.keep(plan, data, exchanges or {shot.id: answered(shot.id) for shot in plan.shots})
        self.rows.append(report_data.row(about.row))
        return data

    def keep(self, plan: Plan, data: Any, exchanges: dict[str, Exchange]) -> None:
        self.cases.append(data)
        self.store.add(plan, exchanges, data)

    def html(self, **run: Any) -> str:
        rows = {row.id: row for row in self.rows}
        facts = {**report_data.RUN, **run}
        packs = [report_data.pack(*rows.values())]
        return page_html(build_report(facts, packs, self.cases), self.store)  # type: ignore[arg-type]


def answered(shot: str, body: Any = BODY, **more: Any) -> Exchange:
    chunks = ((0.1, json.dumps(body).encode()),)
    return report_data.exchange(shot, **{"chunks": chunks, **more})


def everything() -> str:
    """A page with each kind of fault, mark and case."""
    pages = Pages()
    pages.add(
        report_data.case("text", why="The text is `Yes`."),
        "fail",
        report_data.finding(
            *("body $.choices[0].text", "/choices/0/text", '"No"'),
            expected='"Yes"',
            shot="text/plain",
        ),
    )
    pages.add(
        report_data.case("absent"),
        "fail",
        report_data.finding("present", "/usage", "nothing there", shot="absent/plain"),
        report_data.finding("headers", "header x-request-id", "nothing there", shot="absent/plain"),
    )
    compared(pages)
    streamed(pages)
    joined(pages)
    forwarded(pages)
    pages.add(report_data.case("unsure"), "inconclusive", cause="timeout", reason="no answer")
    for number in range(PASSED):
        pages.add(report_data.case(f"fine.{number}", row="fine"), "pass")
    data, plan, exchanges = hostile_parts()
    pages.keep(plan, data, exchanges)
    pages.rows.append(report_data.row("seed"))
    return pages.html(reasons=[HOSTILE])


def compared(pages: Pages) -> None:
    """A case whose plain answer differs from that of its control."""
    wrong = report_data.finding("same_as", "/id", '"x"', shot="a", grade="differential")
    shots: Any = [("a", "plain", "fail", 7), ("b", "plain", "pass", None)]
    about = report_data.case("compared")
    verdict, plan = report_data.judged(about, "fail", [wrong], shots=shots)
    [assertion] = plan.assertions
    plan = replace(plan, assertions=(replace(assertion, against=("b",)),))
    data = case_data(verdict, plan)
    control = answered("b", {**BODY, "id": "y"})
    pages.keep(plan, data, {"a": answered("a"), "b": control})
    pages.rows.append(report_data.row("compared"))


def streamed(pages: Pages) -> None:
    shots: Any = [("t", "stream", "fail", None)]
    wrong = report_data.finding("stream.done", "event 1", "[DONE]", shot="t")
    exchanges = {"t": report_data.exchange("t", **EVENTS)}
    pages.add(report_data.case("streamed"), "fail", wrong, shots=shots, exchanges=exchanges)


def joined(pages: Pages) -> None:
    """A stream whose joined answer is wrong, where one of two alternatives would be enough."""
    wrong = report_data.finding("any_of", "/choices/0/message/content", '"1 2"', shot="j")
    wrong = replace(wrong, others=("/usage/total_tokens", "/choices/0/finish_reason"))
    exchanges = {"j": report_data.exchange("j", **{**EVENTS, "chunks": CHUNKS})}
    shots: Any = [("j", "stream", "fail", None)]
    pages.add(report_data.case("joined"), "fail", wrong, shots=shots, exchanges=exchanges)


def forwarded(pages: Pages) -> None:
    """A case whose request reached the provider with another value."""
    sent = Forwarded("POST", "/v1/messages", (), '{"seed": 7, "stop": "x"}', 200, "anthropic")
    wrong = report_data.finding(
        "forward.values", "forwarded $.seed", "7", grade="upstream", shot="forwarded/plain"
    )
    exchanges = {"forwarded/plain": answered("forwarded/plain", forwarded=(sent,))}
    pages.add(
        report_data.case("forwarded"), "warn", replace(wrong, level="should"), exchanges=exchanges
    )


def large(cases: int, shots: int) -> str:
    """A page with many cases, each with many requests."""
    pages = Pages()
    modes: tuple[Mode, ...] = ("plain", "stream")
    for number in range(cases):
        made: Any = [(f"c{number}/{i}", modes[i % 2], "pass", i) for i in range(shots)]
        held = [
            report_data.finding("status", "status", "200", shot=shot, holds=True)
            for shot, *_ in made
        ]
        body = {"id": f"chatcmpl-{number * 7919:024x}", "text": f"the answer to {number}"}
        exchanges = {shot: answered(shot, {**BODY, **body}) for shot, *_ in made}
        about = report_data.case(f"group{number % 50}.case{number}", row=f"row{number % 300}")
        pages.add(about, "pass", *held, shots=made, exchanges=exchanges)
    return pages.html()
