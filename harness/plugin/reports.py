"""What a run has shown -> report.json and its companions, and the terminal. May not judge."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, Final

from harness.fire.secrets import hidden_words
from harness.report import badge, data, json_file, summary
from harness.session import Session, now

if TYPE_CHECKING:
    from harness.model import Pack
    from harness.plugin.run import Run

VOICES: Final[Mapping[str, Callable[[dict[str, Any]], str]]] = {
    "report.json": json_file.render,
    "summary.md": summary.render,
    "badge.svg": badge.render,
}


def build(run: Run, session: Session, stopped: str) -> dict[str, Any]:
    """The data of report.json: what was judged, and what was not and why."""
    packs = list(session.packs.values())
    cases = [case for pack in packs for case in pack.cases]
    unjudged = f"not judged: {stopped}" if stopped else "deselected"
    facts: data.Run = {
        "harness": own_version(),
        "target": target(session, packs),
        "selection": selection(run),
        "command": session.veiled(command(run)),
        "started": session.started,
        "finished": now(),
        "requests": session.requests + run.requests,
        "reasons": [stopped] if stopped else [],
    }
    judged = [run.entries[case.name] for case in cases if case.name in run.entries]
    left_out = [
        data.not_selected(case, run.left_out(case) or unjudged, packs)
        for case in cases
        if case.name not in run.entries
    ]
    return data.build(facts, packs, judged, left_out)


def target(session: Session, packs: Sequence[Pack]) -> dict[str, Any]:
    """Where and what was tested: each front that the packs speak to."""
    spoken = {protocol for pack in packs for protocol in pack.protocols}
    fronts = [
        {"protocol": name, "base_url": session.veiled(front.base_url), "model": front.model}
        for name, front in session.target.fronts.items()
        if name in spoken
    ]
    first = {key: fronts[0][key] for key in ("base_url", "model")}
    return {"name": session.target.name, **first, "fronts": fronts}


def selection(run: Run) -> dict[str, Any]:
    get = run.config.getoption
    given = map(str, run.config.invocation_params.args)  # the project's own -m is no choice
    marks = get("markexpr") if any(word.startswith("-m") for word in given) else ""
    chosen = {"cases": get("--llm-case"), "keyword": get("keyword"), "marks": marks}
    return {key: value for key, value in chosen.items() if value}


def command(run: Run) -> str:
    given = run.config.getoption("--llm-command")
    words = (
        shlex.split(given) if given else ["pytest", *map(str, run.config.invocation_params.args)]
    )
    return shlex.join(hidden_words(words))


def write(run: Run, report: dict[str, Any]) -> None:
    if run.out is None:
        return
    for name, render in VOICES.items():
        (run.out / name).write_text(render(report), encoding="utf-8")


def tell(report: dict[str, Any], terminal: Any) -> None:
    from harness.report import terminal as voice

    writer = terminal._tw
    encoding = getattr(writer._file, "encoding", None) or "utf-8"
    options = (writer.fullwidth, writer.hasmarkup, encoding)
    terminal.write_line("")
    terminal.write(voice.matrix(report, *options))
    terminal.write(voice.summary(report, *options))


def own_version() -> str:
    try:
        return version("llm-gateway-conformance")
    except PackageNotFoundError:
        return "0"
