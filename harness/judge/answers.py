"""The answers to the shots of a case, decoded on first use.

Large answers take much memory when they are decoded, so that only the newest of them are kept, and
are decoded again when they are needed again. A case whose answers take too much work to decode is
not judged.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Final

from harness.decode import response
from harness.decode.sse import MAX_EVENTS
from harness.model import Answer, Exchange, Shot
from harness.model.exchanges import is_shared
from harness.util.strict_json import MAX_VALUES

MIB: Final = 1024 * 1024
LIGHT: Final = MIB // 2  # estimated bytes of a decoded answer that is always kept
HELD: Final = 32 * MIB  # of the larger ones that are kept; the newest is kept in any case
MOST: Final = 1024 * MIB  # that are decoded for one case


class TooLargeError(Exception):
    """The answers of a case take too much work to be judged."""


class Answers(dict[str, Answer]):
    """Exchanges, decoded on first use. Answers of shared shots are decoded once per run."""

    def __init__(
        self,
        exchanges: Mapping[str, Exchange],
        shots: Mapping[str, Shot],
        shared: dict[str, Answer],
    ) -> None:
        super().__init__()
        self.exchanges, self.shots, self.shared = exchanges, shots, shared
        self.large: OrderedDict[str, tuple[int, Answer]] = OrderedDict()
        self.decoded = 0

    def __missing__(self, shot_id: str) -> Answer:
        """Return an answer that is not kept. Raises TooLargeError."""
        answer = self.shared.get(shot_id)
        if answer is not None:
            return answer
        if shot_id in self.large:
            return self.large[shot_id][1]
        exchange, shot = self.exchanges[shot_id], self.shots[shot_id]
        size = decoded_size(exchange.body)
        if size <= LIGHT:
            cache = self.shared if is_shared(shot_id) else self
            cache[shot_id] = answer = decode(exchange, shot)
            return answer
        self._make_room(size)
        answer = decode(exchange, shot)
        self.large[shot_id] = size, answer
        return answer

    def _make_room(self, size: int) -> None:
        self.decoded += size
        if self.decoded > MOST:
            raise TooLargeError("the answers of the case are too large to be judged")
        while self.large and sum(each for each, _ in self.large.values()) + size > HELD:
            self.large.popitem(last=False)


def decode(exchange: Exchange, shot: Shot) -> Answer:
    return response.read(exchange, shot.call.protocol, shot.mode, shot.call.body)


def decoded_size(body: bytes) -> int:
    """Return about how many bytes an answer takes when it is decoded."""
    events, values = min(body.count(b"data:"), MAX_EVENTS), min(body.count(b","), 2 * MAX_VALUES)
    return 3 * len(body) + 300 * events + 100 * values
