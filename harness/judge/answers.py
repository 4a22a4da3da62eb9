"""The answers to the shots of a case, decoded on first use."""

from __future__ import annotations

from collections.abc import Mapping

from harness.decode import response
from harness.model import Answer, Exchange, Shot
from harness.model.exchanges import is_shared


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

    def __missing__(self, shot_id: str) -> Answer:
        cache = self.shared if is_shared(shot_id) else self
        answer = self.shared.get(shot_id)
        if answer is None:
            call, mode = self.shots[shot_id].call, self.shots[shot_id].mode
            answer = response.read(self.exchanges[shot_id], call.protocol, mode, call.body)
            cache[shot_id] = answer
        return answer
