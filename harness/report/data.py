"""Types of the data in report.json, which every report is written from.

`schemas/report.schema.json` describes each key; a test compares it with these types in both
directions. Format 2 has other keys for faults than format 1, which `report_file` reads as well; all
other keys are those of format 1. Keys may be added, none is removed or changes its meaning.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal, NotRequired, TypedDict

from harness.model import Grade, Json, Level, Mode, Outcome, Signal
from harness.model.options import FailOn
from harness.report.case_types import CaseData, UnselectedData
from harness.report.fault_types import FaultData
from harness.report.transport import TransportData

FORMAT: Final = 2
Result = Literal["conformant", "partial", "non-conformant"]
RowOutcome = Outcome | Literal["not-testable", "not-selected"]
ProfileName = Literal["core", "extended"]
Totals = dict[str, int]


class PackSourceData(TypedDict):
    title: str
    url: str


class PackData(TypedDict):
    id: str
    version: str
    digest: str
    title: str
    extends: list[str]
    sources: dict[str, PackSourceData]


class EndpointData(TypedDict):
    """One protocol of the target."""

    protocol: str
    base_url: str
    model: str


class TargetData(TypedDict):
    """The target of the run."""

    name: str
    base_url: str
    model: str
    version: NotRequired[str]
    key_env: NotRequired[str]
    insecure: NotRequired[Literal[True]]
    fronts: NotRequired[list[EndpointData]]


class SignalData(TypedDict):
    """Whether effects can be concluded from a signal in one protocol and mode."""

    protocol: str
    mode: Mode
    signal: Signal
    alive: bool
    reason: str
    reported_by: NotRequired[list[str]]


class ObservationData(TypedDict):
    case: str
    row: str
    rule: str
    at: str
    value: Json
    modes: list[Mode]
    expected: str
    got: str


class FieldData(TypedDict):
    pack: str
    row: str
    path: str
    location: str
    declared: str
    status: str
    note: str
    observed: str
    outcome: RowOutcome
    evidence: Grade
    plain: Outcome | None
    stream: Outcome | None
    level: Level | None
    features: list[str]
    reason: str
    cases: list[str]
    refused: NotRequired[Literal[True]]
    known: NotRequired[Literal[True]]


class ScopeData(TypedDict):
    rows: int
    shown: int
    shape: int
    accepted: int
    refused: int
    failed: int
    not_examined: int


class PackKeys(TypedDict):
    pack: str
    version: str
    profile: ProfileName
    requirements: str


class ProfileData(PackKeys):
    """The result of one profile of a pack."""

    result: Result
    required: int
    totals: Totals
    claimed: list[str]
    shown: list[str]
    refused: NotRequired[list[str]]
    not_claimed: list[str]


class BaselineMessage(TypedDict):
    """Something to do about the baseline, or about a case that it does not cover."""

    kind: Literal["new", "unknown", "expired", "passes", "inconclusive"]
    case: str
    says: str
    fails: bool


class BaselineData(TypedDict):
    """The baseline of the run."""

    file: str
    told: list[BaselineMessage]


class ReportData(TypedDict):
    """The whole of report.json."""

    format: int
    harness: str
    target: TargetData
    packs: list[PackData]
    selection: Mapping[str, Json] | None
    command: str
    started: str
    finished: str
    fail_on: NotRequired[FailOn]
    result: Result
    profiles: NotRequired[list[ProfileData]]
    reasons: list[str]
    totals: Totals
    scope: NotRequired[ScopeData]
    signals: NotRequired[list[SignalData]]
    requests: int
    unexpected: NotRequired[list[str]]
    transport: NotRequired[TransportData]
    faults: list[FaultData]
    observations: list[ObservationData]
    fields: list[FieldData]
    not_selected: list[UnselectedData]
    cases: list[CaseData]
    baseline: NotRequired[BaselineData]


class RunFacts(TypedDict, total=False):
    """The facts of a run that do not come from its verdicts."""

    harness: str
    target: Mapping[str, Json]
    selection: Mapping[str, Json] | None
    command: str
    started: str
    finished: str
    fail_on: FailOn
    requests: int
    reasons: Sequence[str]
    unexpected: Sequence[str]
    signals: Sequence[SignalData]
    transport: Mapping[str, Json]
    baseline: BaselineData
