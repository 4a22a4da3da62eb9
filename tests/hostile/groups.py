"""One run meets many targets: each case of the pack has a request that one row answers.

A row must not spoil the cases of the others, which is a stricter test than a run for each row, and
takes a tenth of the time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.hostile.row import Row
from tests.support import pack_on_disk
from tests.support.hostile_server import Choose, Misbehave

MARK: Final = re.compile(rb"\brow-(\d+)\b")  # in the field, or in the header x-row
PACKS: Final = {
    "openai": pack_on_disk.PACK,
    "anthropic": """
id: tiny
version: 1.2.3
title: A pack of a few cases
protocol: anthropic
body:
  model: $model
  max_tokens: 64
  messages: [{role: user, content: "Reply with the single word: ready"}]
headers: {anthropic-version: "2023-06-01"}
modes: {plain: {}, stream: {stream: true}}
answers: {plain: {}, error: {omit: [messages]}}
features: {core: core}
""",
}
CASES: Final = {
    "openai": "behaviour: ignored, field: $.user, values: [{mark}]",
    "anthropic": "behaviour: ignored, field: $.metadata, values: [{{user_id: {mark}}}]",
}
TEXTS: Final = {"openai": "$.choices[0].message.content", "anthropic": "$.content[0].text"}
ANSWER: Final = """
  - id: answer
    row: answer
    why: A question is answered.
    modes: [plain]
    expect: {{body: {{"{text}": {{const: ready}}}}}}
"""


@dataclass(frozen=True)
class Group:
    """Rows that one run meets, in one protocol.

    Attributes:
        derived: Whether what other commands make of the run is examined as well.
    """

    name: str
    protocol: str
    rows: Sequence[Row]
    derived: bool = False

    @property
    def words(self) -> tuple[str, ...]:
        return self.rows[0].words

    def expected(self) -> Mapping[str, tuple[str, str] | None]:
        """Return the outcome and the cause of each case."""
        return {"answer": ("pass", "")} | {slug(row): row.outcome for row in self.rows}

    @property
    def code(self) -> int:
        """Return the exit code of the run."""
        return int(any(row.outcome == ("fail", "") for row in self.rows))


def groups(
    name: str,
    rows: Sequence[Row],
    size: int = 99,
    protocols: Iterable[str] = tuple(PACKS),
    **more: bool,
) -> list[Group]:
    """Return groups of so many rows for each protocol."""
    return [
        Group(f"{name}-{start // size}-{protocol}", protocol, rows[start : start + size], **more)
        for start in range(0, len(rows), size)
        for protocol in protocols
    ]


def slug(row: Row) -> str:
    return re.sub("[^a-z0-9]+", "-", row.name)


def write_pack(group: Group, folder: Path) -> Path:
    """Write the pack of a group."""
    lines = ["pack: tiny\ncases:" + ANSWER.format(text=TEXTS[group.protocol])]
    for number, row in enumerate(group.rows):
        text = (row.case or CASES[group.protocol]).format(mark=f"row-{number}")
        lines.append(f'  - {{id: "{slug(row)}", row: "{slug(row)}", {text}}}\n')
    return pack_on_disk.pack(folder, "".join(lines), PACKS[group.protocol])


def choose(group: Group, elsewhere: str) -> Choose:
    """Return which row answers a request; None for those that get a right answer."""
    acts = [row.misbehave(elsewhere) for row in group.rows]

    def choose_act(request: bytes, earlier: int) -> Misbehave | None:
        mark = MARK.search(request)
        return acts[int(mark[1])] if mark else None

    return choose_act
