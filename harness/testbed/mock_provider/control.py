"""A line that asks an upstream something -> the line that answers it. May not read requests.

Lines are JSON. `{"expect": [MARK, REPLY]}` and `{"taken": MARK}` and `{"strays": null}` are
answered with `{"told": ...}`, what cannot be done with `{"wrong": "why"}`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from harness.testbed.mock_provider.server import Upstream


def answer(upstream: Upstream, line: bytes) -> str:
    try:
        (verb, told), *_ = json.loads(line).items()
        return json.dumps({"told": do(upstream, verb, told)})
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        return json.dumps({"wrong": str(error)})


def do(upstream: Upstream, verb: str, told: Any) -> Any:
    match verb:
        case "expect":
            mark, reply = told
            return upstream.expect(mark, reply)
        case "taken":
            return upstream.taken(told)
        case "strays":
            return upstream.strays()
    raise ValueError(f"there is no {verb!r}")


def arrivals(told: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """As they were before they went through JSON."""
    return [{**one, "headers": [tuple(pair) for pair in one["headers"]]} for one in told]
