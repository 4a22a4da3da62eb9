"""A group of failed findings with one cause."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from harness.report.causes.members import Member
from harness.report.causes.topics import Key, Topic


@dataclass(slots=True, eq=False)
class Group:
    """The findings with one cause.

    Attributes:
        key: Identifies the cause: level, protocol, kind, and what distinguishes it.
        sent: Features that only its requests have, if that is known.
    """

    key: Key
    topic: Topic
    members: list[Member] = field(default_factory=list)
    sent: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """A short id that is made from the cause, so that it is the same in other runs."""
        return hashlib.sha256("\n".join(self.key).encode()).hexdigest()[:8]

    @property
    def level(self) -> str:
        return self.key[0]

    @property
    def scope(self) -> tuple[str, str]:
        """Level and protocol: groups of unlike scopes are never joined."""
        return self.key[0], self.key[1]

    @property
    def cases(self) -> list[str]:
        return list(dict.fromkeys(member.case_name for member in self.members))
