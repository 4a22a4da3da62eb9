"""What the plugin knows during one pytest run: the session, the entries, the files to write."""

from __future__ import annotations

import dataclasses
import difflib
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pytest

from harness import session as journey
from harness.errors import HarnessError, UsageError
from harness.model import Case, Exchange, Verdict
from harness.plugin import writing
from harness.report.data import Run as Facts
from harness.report.data import build, case_entry, not_selected
from harness.session import Options, Session

RUN: pytest.StashKey[Run] = pytest.StashKey()
NOT_CASES = ("pack.yaml", "rows.yaml")


def is_case_file(path: Path) -> bool:
    return (
        path.suffix == ".yaml"
        and path.name not in NOT_CASES
        and (path.parent / "pack.yaml").is_file()
    )


class Run:
    """Lives as long as the pytest session; opens ours when the first case file is met."""

    def __init__(self, config: pytest.Config, options: Options) -> None:
        self.config = config
        self.worker: Mapping[str, Any] = getattr(config, "workerinput", {}).get("llm", {})
        self.options = dataclasses.replace(options, **self.worker.get("options", {}))
        self.fail_on: str = config.getoption("--llm-fail-on")
        self.out = Path(config.getoption("--llm-out")) if config.getoption("--llm-out") else None
        self.opened: Session | None = None
        self.trouble: HarnessError | None = None
        self.entries: dict[str, dict[str, Any]] = {}
        self.finished = ""
        self.report: dict[str, Any] | None = None
        config.pluginmanager.register(self, "llm-run")

    @property
    def session(self) -> Session:
        if self.opened is None:
            if self.trouble:
                raise self.trouble
            self.opened = journey.open_session(self.options)
        return self.opened

    def cases_in(self, path: Path) -> Sequence[Case]:
        """The cases of one file; a pack that the target does not name is loaded, then left out."""
        session, folder = self.session, path.parent.resolve()
        for pack in session.packs.values():
            if Path(pack.folder).resolve() == folder:
                return [case for case in pack.cases if Path(case.place.path).name == path.name]
        return []

    def select(self, cases: Sequence[Case]) -> set[str]:
        """Which of the collected cases are left out, by name. Raises UsageError for an unknown id."""
        names = {case.id for case in cases} | {case.name for case in cases}
        for name in self.config.getoption("--llm-case"):
            if name not in names:
                near = difflib.get_close_matches(name, names, 1)
                hint = f"; did you mean {near[0]}?" if near else "; `harness list` names them all"
                raise UsageError(f"no case `{name}`{hint}")
        return {case.name for case in cases if self.left_out(case)}

    def left_out(self, case: Case) -> str:
        """Why a case is not asked for; empty when it is."""
        wanted: list[str] = self.config.getoption("--llm-case")
        if wanted:
            return "" if {case.id, case.name} & set(wanted) else "not among --case"
        tier = self.session.packs[case.pack].features.get(case.feature, "core")
        asked = tier != "opt-in" or case.feature in self.session.target.features
        return "" if asked else f"opt-in: --feature {case.feature}"

    def open(self) -> None:
        """Starts the target. Raises HarnessError where it, its key or --out cannot be had."""
        if not self.worker:
            self.writable()
        self.session.start()

    def fire(self, cases: Sequence[Case]) -> None:
        """Makes the first call, and starts to fire; a worker of xdist fires item by item."""
        self.open()
        name = f"transcript.{self.worker['id']}.jsonl" if self.worker else "transcript.jsonl"
        self.session.fire(cases)
        if not self.worker:
            self.session.preflight(self.session.packs[cases[0].pack])
        if self.out:
            self.session.write(cases, self.out / name)
        if not self.worker:
            self.session.begin(cases)

    def writable(self) -> None:
        """An --out that cannot be written is found before anything is sent."""
        if self.out is None:
            return
        try:
            self.out.mkdir(parents=True, exist_ok=True)
            with (self.out / "transcript.jsonl").open("ab"):
                pass
        except OSError as error:
            raise UsageError(f"cannot write to --out {self.out}: {error.strerror}") from error

    def told(self, verdict: Verdict, exchanges: Mapping[str, Exchange]) -> tuple[dict[str, Any], str]:
        """The case's entry in report.json, and its part of report.html where that is written."""
        plan = self.session.plan(verdict.case)
        entry = case_entry(verdict, plan, self.session.packs.values(), exchanges)
        if not self.config.getoption("htmlpath", None) and not self.worker.get("html"):
            return entry, ""
        from harness.report.evidence import evidence
        from harness.report.page import case_html

        return entry, case_html(entry, evidence(plan, exchanges, entry))

    def pytest_runtest_logreport(self, report: Any) -> None:
        entry = getattr(report, "llm_entry", None)
        if entry is not None:
            self.entries[report.llm_case] = entry

    def finish(self, exitstatus: int) -> int:
        """Stops firing, builds the report of what ran, writes it. Returns the exit status."""
        if self.opened is None:
            return exitstatus
        interrupted = exitstatus == pytest.ExitCode.INTERRUPTED
        self.close("interrupted" if interrupted else "")
        self.finished = journey.now()
        if self.worker or not self.entries:
            return exitstatus
        self.report = self.build(interrupted)
        if self.out:
            writing.write(self.report, self.out)
        unmet = self.config.getoption("--llm-require") and self.report["result"] != "conformant"
        return int(exitstatus) or (1 if unmet else 0)

    def build(self, interrupted: bool) -> dict[str, Any]:
        """The data of report.json: what was judged, and what was not and why."""
        session, packs = self.session, list(self.session.packs.values())
        front = next(iter(session.target.fronts.values()))
        missing = [case for pack in packs for case in pack.cases if case.name not in self.entries]
        unjudged = "interrupted before it was judged" if interrupted else "deselected"
        facts: Facts = {
            "harness": own_version(),
            "target": {"name": session.target.name, "base_url": front.base_url, "model": front.model},
            "selection": self.selection(),
            "command": self.config.getoption("--llm-command") or "pytest " + " ".join(sys.argv[1:]),
            "started": session.started,
            "finished": self.finished,
            "requests": session.engine.requests if session.engine else 0,
            "reasons": ["interrupted"] if interrupted else [],
        }
        out = [not_selected(case, self.left_out(case) or unjudged, packs) for case in missing]
        return build(facts, packs, list(self.entries.values()), out)

    def selection(self) -> dict[str, Any]:
        get = self.config.getoption
        marks = get("markexpr") if "-m" in self.config.invocation_params.args else ""
        chosen = {"cases": get("--llm-case"), "keyword": get("keyword"), "marks": marks}
        return {key: value for key, value in chosen.items() if value}

    def tell(self, terminal: Any) -> None:
        """The matrix and what is wrong, below pytest's own lines."""
        from harness.report import terminal as voice

        assert self.report is not None
        writer = terminal._tw
        options = (writer.fullwidth, writer.hasmarkup, getattr(writer._file, "encoding", None) or "utf-8")
        terminal.write_line("")
        terminal.write(voice.matrix(self.report, *options))
        terminal.write(voice.summary(self.report, *options))

    def close(self, reason: str = "") -> None:
        if self.opened is not None:
            self.opened.close(reason)


def own_version() -> str:
    try:
        return version("llm-gateway-conformance")
    except PackageNotFoundError:
        return "0"
