"""The run of a survey: all packs of a protocol, with nothing declared about the target."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Final

from harness.language.behaviours import BY_ID
from harness.load.packs import load_packs
from harness.model import Case, Exchange, Pack, Plan
from harness.model.options import Options
from harness.report.case_types import CaseData
from harness.report.page_store import PageStore
from harness.run import CaseResult, LiveSession, run_cases
from harness.run.repeated_case import RepeatedCase
from harness.run.replay import opt_in_reason
from harness.run.sender import Sender
from harness.survey.shot_facts import ShotFacts, shot_facts
from harness.util.errors import UsageError, noted

PAUSE: Final = 10.0  # seconds between two lines about the progress
# The packs that describe each protocol; they can contradict each other.
DOCUMENTS: Final = {
    "openai": ("openai-chat", "openai-compat"),
    "anthropic": ("anthropic-messages",),
    "embeddings": ("openai-embeddings",),
    "responses": ("openai-responses",),
}


class NoPages(PageStore):
    """Keeps no exchanges: a survey has no page that shows them; the transcript has all."""

    def add(self, plan: Plan, exchanges: Mapping[str, Exchange], entry: CaseData) -> None:
        """Keep nothing."""


class SurveySession(LiveSession):
    """Sends the cases of all packs of a protocol, whatever the target's document states.

    Attributes:
        facts_of_shots: What single answers show, by shot id.
    """

    can_resume = False

    def __init__(self, options: Options, may_send: bool = False) -> None:
        super().__init__(options, may_send)
        self.facts_of_shots: dict[str, ShotFacts] = {}

    def load(self) -> Sequence[Case]:
        """Read target, packs and keys, once. Raises UsageError, FileProblems."""
        if not self.loaded:
            super().load()
            with ExitStack() as failed:
                failed.callback(self.close)
                protocols = {name for pack in self.packs.values() for name in pack.protocols}
                self.packs = {pack.id: pack for pack in documents(self.packs.values())}
                self.messages += other_protocols(protocols, self.packs.values())
                failed.pop_all()
            self.target = replace(self.target, deviations=(), lacks=())
            self.cases = [
                case
                for pack in self.packs.values()
                for case in pack.cases
                if not opt_in_reason(pack, case.feature, self.target)
            ]
        return self.cases

    def named_packs(self) -> list[Pack]:
        """Return all documents: a survey follows none of them in particular."""
        return [*self.packs.values()]

    def begin_reports(self, sender: Sender) -> None:
        super().begin_reports(sender)
        self.store = NoPages()

    def judge(self, repeated: RepeatedCase) -> CaseResult:
        result = super().judge(repeated)
        with noted(self.problems, repeated.plan.case.name):
            self.facts_of_shots |= {
                name: replace(each, error=self.hide(each.error))
                for name, each in shot_facts(result.plan, result.exchanges).items()
            }
        return replace(result, exchanges=dict[str, Exchange]())

    def write_reports(self) -> None:
        """Write nothing yet; `harness survey` writes what was observed."""
        self.held.close()


def documents(packs: Iterable[Pack]) -> list[Pack]:
    """Return all packs that describe the protocol of the first pack, with all their cases.

    Raises:
        UsageError: None of the packs describes one protocol alone.
    """
    alone = [pack for pack in packs if len(pack.protocols) == 1]
    protocol = next((pack.protocol for pack in alone), "")
    names = [pack.folder for pack in alone if pack.protocol == protocol]
    if not names:
        raise UsageError("a survey needs a pack of one protocol, such as --pack openai-chat")
    return load_packs(dict.fromkeys((*names, *DOCUMENTS.get(protocol, ()))), tuple(BY_ID))


def other_protocols(protocols: Iterable[str], packs: Iterable[Pack]) -> list[str]:
    """Return a line about the protocols of the target that the survey leaves out."""
    left = set(protocols) - {pack.protocol for pack in packs}
    return [
        f"for the {name} protocol: harness survey ... --pack {DOCUMENTS[name][0]}"
        for name in sorted(left)
        if name in DOCUMENTS
    ]


def complete(session: LiveSession) -> bool:
    """Send and judge all cases of a session. Return False if the user interrupted it.

    Raises:
        HarnessError: The run cannot begin.
    """
    last = time.monotonic()
    try:
        for number, _ in enumerate(run_cases(session), 1):
            if time.monotonic() - last > PAUSE:
                last = time.monotonic()
                session.announce(f"{number} of {len(session.cases)} cases")
    except KeyboardInterrupt:
        return False
    return True
