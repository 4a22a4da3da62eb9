"""The exchanges of a transcript, read from the file when they are needed.

A transcript can be much larger than what memory a computer has to spare, and a case needs a few of
its lines. Where each line is stays in memory.
"""

from __future__ import annotations

import weakref
from collections import OrderedDict
from collections.abc import Container, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from harness.model import Exchange, Json, Plan
from harness.plan.repetitions import combine_repetitions
from harness.run.transcript import scan
from harness.run.transcript_lines import decode
from harness.util import foreign_json
from harness.util.errors import UsageError, file_errors
from harness.util.file_access import MAX_TRANSCRIPT, open_regular

HELD: Final = 8 * 1024 * 1024  # bytes of the lines whose exchanges are kept


class StoredExchanges(Mapping[str, Exchange]):
    """Exchanges by shot id, in the order of the file; of several with one id the last one.

    Args:
        places: First byte and length of the line of each shot.
    """

    def __init__(self, path: str | Path, places: Mapping[str, tuple[int, int]]) -> None:
        self.path, self.places = path, places
        with file_errors("read the transcript", path):
            self._file = open_regular(path, MAX_TRANSCRIPT)
        self._held: OrderedDict[str, tuple[int, Exchange]] = OrderedDict()
        self._size = 0
        weakref.finalize(self, self._file.close)

    def __getitem__(self, shot: str) -> Exchange:
        """Raises UsageError if the file has changed since its lines were counted."""
        if shot in self._held:
            self._held.move_to_end(shot)
            return self._held[shot][1]
        start, length = self.places[shot]
        exchange = self._read(start, length)
        while self._held and self._size + length > HELD:
            self._size -= self._held.popitem(last=False)[1][0]
        self._held[shot] = length, exchange
        self._size += length
        return exchange

    def _read(self, start: int, length: int) -> Exchange:
        with file_errors("read the transcript", self.path):
            self._file.seek(start)
            line = self._file.read(length)
        try:
            return decode(foreign_json.parse(line)["exchange"])
        except (ValueError, TypeError, LookupError) as error:
            raise UsageError(f"{self.path}: it has changed while it was read") from error

    def __iter__(self) -> Iterator[str]:
        return iter(self.places)

    def __len__(self) -> int:
        return len(self.places)

    def __contains__(self, shot: object) -> bool:
        return shot in self.places

    def of_shots(self, shots: Container[str]) -> StoredExchanges:
        """Return the exchanges of some shots only."""
        places = {shot: place for shot, place in self.places.items() if shot in shots}
        return StoredExchanges(self.path, places)


class Recorded(NamedTuple):
    """The contents of a transcript.

    Attributes:
        footer: None if the run has not ended.
        lines: The number of exchanges.
        requests: The number of those that are no copy of the answer to an equal request.
    """

    header: dict[str, Json]
    exchanges: StoredExchanges
    footer: dict[str, Json] | None
    lines: int
    requests: int


def open_recorded(path: str | Path) -> Recorded:
    """Check every line of a transcript. Raises UsageError for the first one that is none."""
    header, footer = dict[str, Json](), None
    places: dict[str, tuple[int, int]] = {}
    lines = requests = 0
    for line in scan(path):
        if line.kind == "header":
            header = line.value
        elif line.kind == "footer":
            footer = dict(line.value)
        else:
            places[line.value.shot] = line.start, line.length
            lines, requests = lines + 1, requests + (not line.value.same_as)
    return Recorded(header, StoredExchanges(path, places), footer, lines, requests)


def open_lines(path: str | Path) -> tuple[dict[str, Json], StoredExchanges]:
    """Return the header and the exchange of every line, by its position. Raises UsageError."""
    header, places = dict[str, Json](), dict[str, tuple[int, int]]()
    for line in scan(path):
        if line.kind == "header":
            header = line.value
        elif line.kind == "exchange":
            places[str(line.start)] = line.start, line.length
    return header, StoredExchanges(path, places)


def incomplete_cases(
    plans: Iterable[Plan], recorded: Container[str], repetitions: int
) -> list[str]:
    """Return the names of the cases of which an exchange is missing."""
    turns = range(1, repetitions + 1)
    return [
        plan.case.name
        for plan in plans
        if any(shot.id not in recorded for shot in combine_repetitions(plan, turns).shots)
    ]
