"""Reads the rows of tests.html, which pytest-html writes."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path
from typing import Any


def data(path: Path) -> dict[str, Any]:
    """Return what the script of pytest-html reads."""
    match = re.search(r'data-jsonblob="([^"]*)"', path.read_text("utf-8"))
    assert match
    rows: dict[str, Any] = json.loads(unescape(match[1]))
    return rows


def read(path: Path) -> dict[str, dict[str, Any]]:
    """Return the cells of each row by the name of the test, with its links and its log."""
    rows = {}
    for [test] in data(path)["tests"].values():
        row = "".join(test["resultsTableRow"])
        cells = dict(re.findall(r'<td class="col-(\w+)">(.*?)</td>', row))
        links = re.findall(r'href="([^"]*)"', cells["links"])
        name = cells["testId"].rpartition("::")[2]
        rows[name] = {**cells, "links": links, "log": test["log"]}
    return rows
