"""Executes commands for a mock provider that runs in another process.

Commands and answers are JSON lines. `{"expect": [ID, SCRIPT]}`, `{"take": ID}` and
`{"strays": null}` are answered by `{"result": ...}`, errors by `{"error": "reason"}`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # which has the replies of a whole provider
    from harness.testbed.mock_provider.server import Upstream


def execute(upstream: Upstream, line: bytes) -> str:
    """Executes one command line and returns the answer line."""
    try:
        (command, argument), *_ = json.loads(line).items()
        return json.dumps({"result": _call(upstream, command, argument)})
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        return json.dumps({"error": str(error)})


def _call(upstream: Upstream, command: str, argument: Any) -> Any:
    match command:
        case "expect":
            correlation_id, script = argument
            return upstream.expect(correlation_id, script)
        case "take":
            return upstream.take(argument)
        case "strays":
            return upstream.strays()
    raise ValueError(f"unknown command {command!r}")


def parse_arrivals(data: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Restores arrivals from JSON: header pairs are tuples again."""
    return [{**item, "headers": [tuple(pair) for pair in item["headers"]]} for item in data]
