"""The units of a fleet: one run of one target with one model and one pack each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from harness.report.compare_site import file_name

MINUTE: Final = 60.0
NAMES: Final = ("rpm", "tpm", "concurrency")  # options that limit what a unit sends


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


def share(hosts: Iterable[Limits], options: Mapping[str, Any]) -> dict[str, str]:
    """Return the options with one unit's share of the limits of its hosts.

    A unit has one limit for all that it sends, which is the lowest one of its hosts and options.
    """
    numbers = {name: each for name, each in options.items() if isinstance(each, int | float)}
    shares = [*map(unit_share, hosts), numbers]  # what is no number is a mistake noted elsewhere
    given = {name: [one[name] for one in shares if one.get(name)] for name in NAMES}
    return {name: f"{min(values):g}" for name, values in given.items() if values}


def unit_share(limits: Limits) -> dict[str, float]:
    return {
        "rpm": limits.rpm / limits.units,
        "tpm": limits.tpm / limits.units,
        "concurrency": limits.concurrency // limits.units,
    }
