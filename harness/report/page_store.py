"""Keeps the exchanges that the page shows, compressed, until the run has ended.

A case's exchanges are freed when it is judged, and the page is written after the last one.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Mapping
from typing import Final, TypedDict

from harness.model import Exchange, Plan
from harness.report.case_types import CaseData
from harness.report.evidence import case_evidence, controls
from harness.report.exchange_views import View
from harness.report.faults import case_name
from harness.report.text import json_text

QUICK: Final = 1  # the level of a compression that is undone once more before the page is written
ROOM: Final = 24_000_000  # compressed bytes of a run; only a hostile target fills them


class Evidence(TypedDict):
    """The exchanges of a case that the page shows.

    `shots` are the views by shot id; `controls` has the control that a shot is compared with.
    """

    shots: dict[str, View]
    controls: dict[str, str]


class PageStore:
    """The evidence of the judged cases.

    Args:
        hide: Returns evidence without the secrets of the run.
        key_variable: The environment variable with the caller's key, for curl commands.
    """

    def __init__(
        self, hide: Callable[[Evidence], Evidence] = lambda data: data, key_variable: str = ""
    ) -> None:
        self.hide, self.key_variable = hide, key_variable
        self._packed: dict[str, bytes] = {}
        self._left = ROOM

    def add(self, plan: Plan, exchanges: Mapping[str, Exchange], case: CaseData) -> None:
        """Keep what the page shows of a judged case.

        Args:
            plan: At least the assertions of the repetitions that are in `case`.
        """
        shots = case_evidence(exchanges, case, self.key_variable)
        data = self.hide({"shots": shots, "controls": controls(plan, shots)})
        packed = zlib.compress(json_text(data, compact=True).encode(), QUICK)
        if len(packed) <= self._left:
            self._packed[case_name(case)] = packed
            self._left -= len(packed)

    def evidence(self, name: str) -> Evidence | None:
        """Return the evidence of a case, PACK/ID; None if none was kept."""
        if name not in self._packed:
            return None
        data: Evidence = json.loads(zlib.decompress(self._packed[name]))
        return data
