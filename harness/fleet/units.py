"""The units of a fleet: one run of one target with one model and one pack each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from harness.report.compare_site import file_name

MINUTE: Final = 60.0


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one host for all units together; 0 for no limit."""

    units: int = 1
    rpm: float = 0.0
    tpm: float = 0.0
    concurrency: int = 0

    @property
    def pause(self) -> float:
        """Seconds after a unit in which the host must rest, since the next one counts anew.

        A unit sends no second's share of `rpm` twice, but can use a minute's `tpm` at once.
        """
        return MINUTE if self.tpm else 1.0 if self.rpm else 0.0


@dataclass(frozen=True, slots=True)
class Unit:
    """One run.

    Attributes:
        id: `TARGET/MODEL/PACK`, the path of its folder; every part can be a file name.
        hosts: The limits of each host that it sends to.
        words: The arguments of `harness run`, without --out.
        files: Those words, or values of `--name=value`, that are paths of files or folders.
        key_env: The environment variable of its API key; "" if it names none.
    """

    target: str
    model: str
    pack: str
    hosts: Mapping[str, Limits]
    words: tuple[str, ...]
    files: tuple[str, ...] = ()
    key_env: str = ""

    @property
    def id(self) -> str:
        return "/".join(map(file_name, (self.target, self.model, self.pack)))


def share(limits: Limits) -> dict[str, str]:
    """Return the options with one unit's share of the limits of a host."""
    shares = {
        "rpm": limits.rpm / limits.units,
        "tpm": limits.tpm / limits.units,
        "concurrency": max(1, limits.concurrency // limits.units) if limits.concurrency else 0,
    }
    return {name: f"{value:g}" for name, value in shares.items() if value}
