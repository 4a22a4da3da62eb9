"""The kinds of support status, and a status with its evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from harness.model import Grade, Mode

Kind = Literal[
    "supported",
    "hoisted",
    "always_empty",
    "exactly",
    "clamped",
    "ignored",
    "accepted",  # whether it has an effect cannot be seen
    "refused_by_name",
    "refused",
    "altered",
    "crashes",
    "unknown",
]
# The kinds of status, the gravest first, with what they mean.
KINDS: Final[Mapping[Kind, str]] = {
    "crashes": "Crashes: a valid value gets a 5xx or no answer",
    "altered": "Differs from every document, as its status states",
    "refused": "Refused, by an error that does not name the field",
    "refused_by_name": "Refused, by an error that names the field",
    "ignored": "Accepted without its documented effect",
    "unknown": "Not decided or not examined",
    "accepted": "Accepted, or not contradicted; no effect is visible",
    "clamped": "Values beyond a range are capped",
    "exactly": "One value only",
    "always_empty": "Always empty, or missing, in answers",
    "hoisted": "Honoured, but moved to the beginning of the conversation",
    "supported": "Its documented effect was observed, or it reaches the provider",
}
# The modes, as sentences name their requests.
MODE_WORDS: Final[Mapping[Mode, str]] = {"plain": "plain", "stream": "streamed"}


@dataclass(frozen=True, slots=True)
class Status:
    """The treatment of a field in one mode.

    `grade` is the evidence for it, `cases` are the cases that decide.
    """

    kind: Kind
    text: str
    grade: Grade
    cases: tuple[str, ...]
