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
        self.left_out: dict[str, tuple[Case, str]] = {}
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

    def select(self, cases: Sequence[Case]) -> Mapping[str, tuple[Case, str]]:
        """Which of the collected cases are left out, by name, and why. Raises UsageError."""
        wanted: list[str] = self.config.getoption("--llm-case")
        names = {case.id for case in cases} | {case.name for case in cases}
        for name in wanted:
            if name not in names:
                near = difflib.get_close_matches(name, names, 1)
                hint = f"; did you mean {near[0]}?" if near else "; `harness list` names them all"
                raise UsageError(f"no case `{name}`{hint}")
        asked = set(self.session.target.features)
        for case in cases:
            tier = self.session.packs[case.pack].features.get(case.feature, "core")
            if wanted and case.id not in wanted and case.name not in wanted:
                self.left_out[case.name] = (case, "not among --case")
            elif tier == "opt-in" and case.feature not in asked and not wanted:
                self.left_out[case.name] = (case, f"opt-in: --feature {case.feature}")
        return self.left_out

    def fire(self, cases: Sequence[Case]) -> None:
        """Opens the target, makes the first call, and starts to fire. Raises HarnessError."""
        session = self.session
        if self.worker:
            name = f"transcript.{self.worker['id']}.jsonl"
            session.start()
            session.fire(cases, self.out / name if self.out else None)
            return
        self.writable()
        session.start()
        session.fire(cases, self.out / "transcript.jsonl" if self.out else None)
        session.preflight(session.packs[cases[0].pack])
        session.begin(cases)

    def writable(self) -> None:
        """An --out that cannot be written is found before anything is sent."""
        if self.out is None:
            return
        try:
            self.out.mkdir(parents=True, exist_ok=True)
            (self.out / "transcript.jsonl").touch()
        except OSError as error:
            raise UsageError(f"cannot write to --out {self.out}: {error.strerror}") from error

    def case_page(self, verdict: Verdict, exchanges: Mapping[str, Exchange]) -> str:
        """The case's part of report.html; nothing where no page is asked for."""
        if not self.config.getoption("htmlpath", None) and not self.worker.get("html"):
            return ""
        from harness.report.data import case_entry
        from harness.report.evidence import evidence
        from harness.report.page import case_html

        plan = self.session.plan(verdict.case)
        entry = case_entry(verdict, plan, self.session.packs.values())
        return case_html(entry, evidence(plan, exchanges))

    def pytest_runtest_logreport(self, report: Any) -> None:
        entry = getattr(report, "llm_entry", None)
        if entry is not None:
            self.entries[report.llm_case] = entry

    def finish(self, exitstatus: int) -> int:
        """Stops firing, builds the report of what ran, writes it. Returns the exit status."""
        if self.opened is None:
            return exitstatus
        requests = self.opened.engine.requests if self.opened.engine else 0
        self.close("interrupted" if exitstatus == pytest.ExitCode.INTERRUPTED else "")
        if self.worker or not self.entries:
            return exitstatus
        self.report = self.build(exitstatus, requests)
        if self.out:
            writing.write(self.report, self.out)
        unmet = self.config.getoption("--llm-require") and self.report["result"] != "conformant"
        return int(exitstatus) or (1 if unmet else 0)

    def build(self, exitstatus: int, requests: int) -> dict[str, Any]:
        from harness.report.data import build, not_selected

        assert self.opened is not None
        session, packs = self.opened, list(self.opened.packs.values())
        front = next(iter(session.target.fronts.values()))
        left = dict(self.left_out)
        for pack in packs:
            for case in pack.cases:
                if case.name not in self.entries and case.name not in left:
                    left[case.name] = (case, self.why_not(exitstatus))
        facts = {
            "harness": own_version(),
            "target": {"name": session.target.name, "base_url": front.base_url, "model": front.model},
            "selection": self.selection(),
            "command": self.config.getoption("--llm-command") or "pytest " + " ".join(sys.argv[1:]),
            "started": session.started,
            "finished": journey.now(),
            "requests": requests,
            "reasons": ["interrupted"] if exitstatus == pytest.ExitCode.INTERRUPTED else [],
        }
        entries = [self.entries[name] for name in self.entries]
        out = [not_selected(case, reason, packs) for case, reason in left.values()]
        return build(facts, packs, entries, out)  # type: ignore[arg-type]

    def why_not(self, exitstatus: int) -> str:
        if exitstatus == pytest.ExitCode.INTERRUPTED:
            return "interrupted before it was judged"
        return "deselected"

    def selection(self) -> dict[str, Any]:
        get = self.config.getoption
        chosen = {"cases": get("--llm-case"), "keyword": get("keyword"), "marks": get("markexpr")}
        return {key: value for key, value in chosen.items() if value}

    def tell(self, terminalreporter: Any) -> None:
        assert self.report is not None
        if self.out:
            terminalreporter.write_line(f"report: {self.out / 'report.html'}")

    def close(self, reason: str = "") -> None:
        if self.opened is not None:
            self.opened.close(reason)


def own_version() -> str:
    try:
        return version("llm-gateway-conformance")
    except PackageNotFoundError:
        return "0"
