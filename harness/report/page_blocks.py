"""Packs the cases and their exchanges into the compressed blocks of the page.

A browser decompresses a block when a case in it is opened. Each exchange is in one block only,
however many cases show it.
"""

from __future__ import annotations

import base64
import re
import zlib
from typing import Any, Final

from harness.report.case_types import CaseData
from harness.report.faults import case_name
from harness.report.page_cases import MAX_FINDINGS, case_line, case_view
from harness.report.page_store import PageStore
from harness.report.text import json_text
from harness.util.printable import visible_data

BLOCK: Final = 400_000  # characters of JSON
ROOM: Final = 6_000_000  # characters of blocks, beyond which exchanges are left out
FEW_FINDINGS: Final = 3  # of a case beyond that
BEST: Final = 9
PACKED: Final = re.compile(rb'(<script type="text/plain"[^<>]{0,40}>)([A-Za-z0-9+/=]+)')
MAX_UNPACKED: Final = 64 * 1024 * 1024  # bytes


class Blocks:
    """The blocks of a page, which grow case by case.

    Attributes:
        packed: The finished blocks, as `pack` returns them.
        lines: What the list of cases shows, by the name of the case.
    """

    def __init__(self, store: PageStore) -> None:
        self.store = store
        self.packed: list[str] = []
        self.lines: dict[str, list[Any]] = {}
        self._block_of: dict[str, int] = {}
        self._cases: list[str] = []
        self._shots: list[str] = []
        self._size = self._total = 0

    def add(self, case: CaseData) -> None:
        """Add a case; beyond the room of the page, without its exchanges."""
        name, number = case_name(case), len(self.packed)
        evidence = self.store.evidence(name) if self._total < ROOM else None
        most = MAX_FINDINGS if self._total < ROOM else FEW_FINDINGS
        view: dict[str, Any] = visible_data(case_view(case, most))
        if evidence:
            for shot, exchange in evidence["shots"].items():
                if shot not in self._block_of:
                    self._block_of[shot] = number
                    self._append(self._shots, shot, exchange)
            view["exchanges"] = {shot: self._block_of[shot] for shot in evidence["shots"]}
            view["controls"] = evidence["controls"]
        else:
            view |= {"exchanges": {}, "controls": {}}
        self._append(self._cases, name, view)
        self.lines[name] = case_line(case, number)
        if self._size > BLOCK:
            self.finish()

    def finish(self) -> None:
        """End the block that is being filled."""
        if self._cases:
            cases, shots = ",".join(self._cases), ",".join(self._shots)
            self.packed.append(pack(f'{{"cases":{{{cases}}},"shots":{{{shots}}}}}'))
            self._total += len(self.packed[-1])
        self._cases, self._shots, self._size = [], [], 0

    def _append(self, members: list[str], name: str, value: Any) -> None:
        text = f"{json_text(name)}:{json_text(value, compact=True)}"
        members.append(text)
        self._size += len(text)


def case_blocks(cases: list[CaseData], store: PageStore) -> tuple[list[list[Any]], list[str]]:
    """Return the lines of the list of cases, in their order, and the blocks with their data.

    Cases that did not pass come first into the blocks, so that they have their exchanges.
    """
    blocks = Blocks(store)
    for case in sorted(cases, key=lambda case: case["outcome"] in ("pass", "skip")):
        blocks.add(case)
    blocks.finish()
    return [blocks.lines[case_name(case)] for case in cases], blocks.packed


def unpacked(page: bytes) -> bytes:
    """Return a page with its blocks as text: each version of zlib compresses in its own way."""
    return PACKED.sub(lambda block: block[1] + unpack(block[2]), page)


def unpack(block: bytes) -> bytes:
    """Return the text of a block; a block that is damaged or too large as it is."""
    try:
        stream = zlib.decompressobj()
        text = stream.decompress(base64.b64decode(block), MAX_UNPACKED)
    except (zlib.error, ValueError):
        return block
    return text if stream.eof else block


def pack(text: str) -> str:
    """Return a text compressed (zlib), in Base64, which no browser takes for markup."""
    return base64.b64encode(zlib.compress(text.encode(), BEST)).decode()
