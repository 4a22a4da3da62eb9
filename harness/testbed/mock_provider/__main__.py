"""Serves the mock provider: `python -m harness.testbed.mock_provider [--host H] [--port P]`.

Prints its URL when it is ready, then a line for each request, and ends when standard input closes.
With `--control` it executes commands from standard input instead, see `control`.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence

from harness.testbed.http_server import server
from harness.testbed.mock_provider.control import execute
from harness.testbed.mock_provider.recording import Arrival
from harness.testbed.mock_provider.scripted_endpoint import MAX_BODY
from harness.testbed.mock_provider.server import Upstream


def log(arrival: Arrival) -> None:
    """Prints one request, without headers and bodies, since they contain keys and user data."""
    print(arrival["status"], arrival["method"], arrival["path"], flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="upstream", description="Serves a mock model provider.")
    parser.add_argument("--host", default=server.HOST)
    parser.add_argument("--port", type=int, default=0, help="0 selects a free port")
    parser.add_argument("--control", action="store_true", help="read commands from standard input")
    options = parser.parse_args(arguments)
    upstream = Upstream(on_arrival=None if options.control else log, keep=options.control)

    def on_line(line: bytes) -> None:
        if options.control:
            print(execute(upstream, line), flush=True)

    try:
        asyncio.run(
            server.serve_until_stdin_closes(
                upstream.respond, options.port, options.host, on_line, MAX_BODY
            )
        )
    except BrokenPipeError:  # the process that started this one does not read the URL any more
        return 1
    except OSError as error:
        address = f"{options.host}:{options.port}"
        print(f"upstream: cannot listen on {address}: {error.strerror}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
