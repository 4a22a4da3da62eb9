"""Serves the mock provider alone: `python -m harness.testbed.mock_provider [--host H] [--port P]`.

May not judge. It prints its URL when it is ready, then a line for each request, and ends when
standard input closes. With `--control` it answers lines of standard input instead: see `control`.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence

from harness.testbed.http_server import server
from harness.testbed.mock_provider import Upstream
from harness.testbed.mock_provider.control import answer
from harness.testbed.mock_provider.recording import Arrival


def tell(arrival: Arrival) -> None:
    """Neither headers nor bodies: they hold keys and what people say."""
    print(arrival["status"], arrival["method"], arrival["path"], flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="upstream", description="Plays a model provider.")
    parser.add_argument("--host", default=server.HOST)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--control", action="store_true", help="be asked over standard input")
    options = parser.parse_args(arguments)
    upstream = Upstream(told=None if options.control else tell)

    def heard(line: bytes) -> None:
        if options.control:
            print(answer(upstream, line), flush=True)

    try:
        asyncio.run(server.until_stdin_closes(upstream.respond, options.port, options.host, heard))
    except OSError as error:
        where = f"{options.host}:{options.port}"
        print(f"upstream: cannot listen on {where}: {error.strerror}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
