"""The steps of a run against a target."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

from harness.fire.redaction.results import hidden_data
from harness.load.deviations import load_baseline
from harness.model import Calibration, Case, Pack, Plan, Script
from harness.model.options import Options
from harness.plan import plan
from harness.plan.calibration import plan_calibration
from harness.plan.equal_parts import EqualParts
from harness.report.baseline import Baseline
from harness.report.page_store import PageStore
from harness.run import facts, outputs
from harness.run.calibration import calibrations_in, send_calibration
from harness.run.environment import ignored_base_url
from harness.run.features import check_upstream
from harness.run.forecast import announcement, announcing_time_left, stated_limit
from harness.run.inputs import read_inputs
from harness.run.judged_case import judge_live
from harness.run.recording import resumed_sentence
from harness.run.repeated_case import CaseResult, RepeatedCase, Repetition
from harness.run.reported_session import ReportedSession
from harness.run.scheduler import Scheduler
from harness.run.sender import Sender
from harness.run.session import Exchanges
from harness.run.start import LocalServers
from harness.util.errors import noted
from harness.util.serialization import to_json


class LiveSession(ReportedSession):
    """One run against one target.

    Attributes:
        cases: The cases to run; a caller selects them after `load`.
        announce: Writes a line about what is sent.
        on_planned: Is called when everything is planned and nothing is sent yet.
    """

    keys: Mapping[str, str]

    def __init__(self, options: Options, may_send: bool = False) -> None:
        super().__init__(options)
        self.may_send, self.loaded = may_send, False
        self.cases: Sequence[Case] = ()
        self.calibrations: Sequence[Calibration] = ()
        self.servers: LocalServers | None = None
        self.parts = EqualParts()
        self.sender: Sender | None = None
        self.announce: Callable[[str], None] = lambda line: None
        self.on_planned: Callable[[], None] = lambda: None

    def load(self) -> Sequence[Case]:
        """Read target, packs and keys, once. Raises UsageError, FileProblems."""
        if not self.loaded:
            with ExitStack() as failed:
                failed.callback(self.close)
                self.servers = LocalServers(self.options)
                if self.may_send:
                    self.servers.start()  # the gateway starts while the files are read
                self.target, self.packs, self.keys = read_inputs(self.options, self.may_send)
                failed.pop_all()
            self.messages += filter(None, [ignored_base_url(self.options)])
            self.loaded = True
        return self.cases

    def plan(self, case: Case) -> Plan:
        if case.name not in self.plans:
            made = plan(case, self.packs[case.pack], self.target)
            self.plans[case.name] = self.parts.plan(made)
        return self.plans[case.name]

    def preflight(self, plans: Sequence[Plan]) -> None:
        """Check what would fail later, make one cheap call, and begin the transcript."""
        self.parts = EqualParts()  # those of the plans are found
        self.on_planned()
        check_upstream(plans, self.target)
        if file := self.options.baseline:
            self.baseline = Baseline(load_baseline(file), self.started[:10], self.options.fail_on)
        self.held.enter_context(outputs.hold_output_dir(self.out))
        assert self.servers is not None
        self.target = self.servers.locate(self.target)
        self.sender = Sender(
            *(self.options, self.target, self.keys, plans, self.answers),
            record=self.recording.add,
            upstream=self.servers.upstream,
        )
        self.begin_reports(self.sender)
        self.recording.on_problem = self.sender.engine.runner.health_check.halt
        self.calibrations = plan_calibration(plans, self.packs.values(), self.target)
        if self.options.resume:
            self.resume(self.sender, plans)
        self.sender.engine.rate_limiter.backoff.on_pause = self.announce
        for line in announcement(plans, self.named_packs(), self.target, self.repeat):
            self.announce(self.redact(line))
        self.sender.first_call(self.packs[plans[0].case.pack])
        self.recording.open(self.header(self.sender, plans))

    def named_packs(self) -> list[Pack]:
        """Return the packs to name; each implies those that it extends."""
        extended = {parent for pack in self.packs.values() for parent in pack.extends}
        return [pack for pack in self.packs.values() if pack.id not in extended]

    def begin_reports(self, sender: Sender) -> None:
        """Note the facts of the run, and what hides its secrets in the reports."""
        self.redact, self.hide = sender.redact, sender.transport.redactor.text
        self.messages += sender.transport.redactor.sentences()
        target = replace(self.target, key_env=self.options.api_key_env or self.target.key_env)
        about = (target, [*self.packs.values()], self.redact, self.info)
        self.facts = facts.run_facts(*about, self.options.fail_on)
        self.store = PageStore(
            lambda data: hidden_data(data, self.hide), self.facts["target"].get("key_env", "")
        )

    def resume(self, sender: Sender, plans: Sequence[Plan]) -> None:
        if (earlier := self.recording.resume(self.header(sender, plans))) is None:
            self.messages.append(f"{self.recording.path}: no run to resume; this is a new one")
            return
        others = (plans, self.repeat, self.calibrations)
        self.messages.append(resumed_sentence(self.recording, *others))
        self.started = str(earlier.header["started"])
        self.facts = {**self.facts, "command": earlier.header["run"]["command"]}
        self.calibrations = calibrations_in(earlier.header)
        sender.continue_after(earlier.seconds, self.recording.answer)

    def calibrate(self, plans: Sequence[Plan]) -> None:
        sent = send_calibration(self.scheduler.engine, self.calibrations, plans)
        self.observe(self.calibrations, sent)

    @property
    def scheduler(self) -> Scheduler:
        assert self.sender is not None
        return self.sender.scheduler

    def send(self, plans: Sequence[Plan]) -> Iterator[Repetition]:
        limiter, judged = self.scheduler.engine.rate_limiter, self.scheduler.judgeable(plans)
        if line := stated_limit(plans, self.target, self.repeat, limiter.backoff.rpm):
            self.announce(line)
        yield from announcing_time_left(judged, plans, limiter, self.repeat, self.announce)
        self.stopped = self.stopped or self.scheduler.engine.runner.health.stopped

    def exchanges(self, plan: Plan, turn: int) -> Exchanges:
        return self.scheduler.wait(plan, turn)

    def further_exchanges(self, plan: Plan, turn: int, scripts: Sequence[Script]) -> Exchanges:
        return self.scheduler.send_now(plan, turn, scripts)

    def release(self, plan: Plan, turn: int) -> None:
        self.scheduler.release(plan, turn)

    def judge(self, repeated: RepeatedCase) -> CaseResult:
        plan, packs = repeated.plan, [*self.packs.values()]
        result, entry, problem = judge_live(repeated, packs, self.baseline, self.hide)
        if problem:
            self.faulty.append(plan.case.name)
            self.problems.append(f"{plan.case.name}: {problem}")
        self.entries[plan.case.name] = entry
        self.plans[plan.case.name] = replace(plan, assertions=())  # the report needs no more
        if self.out:
            with noted(self.problems, f"the page of {plan.case.name}"):
                self.store.add(result.plan, result.exchanges, entry)
        return result

    def header(self, sender: Sender, plans: Sequence[Plan]) -> dict[str, Any]:
        """Return the header of the transcript."""
        names = {each.case.name for each in plans}
        others = facts.not_selected([*self.packs.values()], names, self.info, "deselected")
        return {
            **facts.transcript_header(self.target, self.packs, plans, sender.transport.redactor),
            "calibration": [to_json(each) for each in self.calibrations],
            "started": self.started,
            "peers": sender.transport.peers,
            "repeat": self.repeat,
            "run": {**self.facts, "not_selected": others},
        }

    def close(self) -> None:
        """Stop what is running and end the transcript; a second call does nothing."""
        with ExitStack() as last:
            last.callback(self.end_transcript, self.sender, self.servers)
            if self.servers:
                last.callback(self.servers.stop)
            if self.sender:
                last.callback(self.sender.stop)
