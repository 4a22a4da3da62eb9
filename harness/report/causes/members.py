"""Failed findings with the request and the answer that they are about."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from harness.report.case_types import CaseData, ErrorData, FindingData, ShotData
from harness.report.findings import expected_and_got

NOTHING: Final[frozenset[str]] = frozenset()
INNER: Final = re.compile(r"message\W{1,12}([^\"\\]{3,})")  # of an error within an error
# Parts of a message that differ from answer to answer; what is left is the same for the same cause.
VARIES: Final = (
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f-]{20,40}\b", re.IGNORECASE), "ID"),
    (re.compile(r"\b(?:req|msg|chatcmpl|call|toolu|cmpl)[-_]\w+"), "ID"),
    (re.compile(r"\b(?=[a-z]*\d)[0-9a-f]{12,}\b", re.IGNORECASE), "ID"),
    (re.compile(r"\d+(?:\.\d+)?"), "N"),
    (re.compile(r"\b(?:str|int|float|list|dict|bool|NoneType)\b"), "TYPE"),
)


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """A failed finding, its shot and what the shot's request has (see `request_features`).

    `also` are findings that follow from this one in the same answer.
    """

    case: CaseData
    finding: FindingData
    shot: ShotData | None = None
    request: frozenset[str] = NOTHING
    protocol: str = ""
    also: tuple[FindingData, ...] = ()

    @property
    def case_name(self) -> str:
        return f"{self.case['pack']}/{self.case['id']}"

    @property
    def answer(self) -> tuple[str, str]:
        """The shot, within its case; shared shots are judged by several cases."""
        return self.case_name, self.finding["shot"]

    @property
    def rule(self) -> str:
        return self.finding["rule"]

    @property
    def family(self) -> str:
        """`hoisted` for `hoisted.lost`, `body` for `body $.id`."""
        return self.rule.partition(" ")[0].partition(".")[0]

    @property
    def status(self) -> int:
        """The status of the answer; 0 if there is none."""
        return (self.shot["status"] if self.shot else None) or 0

    @property
    def is_stream(self) -> bool:
        return self.shot is not None and self.shot["mode"] == "stream"

    @property
    def is_error(self) -> bool:
        return self.status >= 400

    @property
    def error(self) -> ErrorData:
        error = self.shot.get("error") if self.shot else None
        return error or {"type": "", "message": "", "provider": ""}

    @property
    def texts(self) -> tuple[str, str]:
        """The requirement and the value that came, for people."""
        return expected_and_got(self.finding["at"], self.finding["expected"], self.finding["got"])


def normalise(message: str) -> str:
    """Return a message without numbers, ids and names of types; the innermost one of several."""
    message = innermost(message)
    for pattern, replacement in VARIES:
        message = pattern.sub(replacement, message)
    return message.strip().rstrip(".").lower()


def innermost(message: str) -> str:
    """Return the message of an error that is written into the message of another one."""
    inner = INNER.findall(message)
    return inner[-1].strip() if inner else message
