"""Options -> a Session, with what must listen before anything is sent. Sends nothing itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.run import reference_gateway
from harness.run.options import Options, needs_reference_gateway, opened
from harness.run.session import Session

if TYPE_CHECKING:
    from harness.run.upstream import UpstreamServer


def load_session(options: Options, start_gateway: bool = False) -> Session:
    """Nothing is sent yet. Raises UsageError, FileProblems.

    With `launch` the builtin gateway, where it is the target, gets up while the files are read.
    """
    behind = provider(options)
    process: reference_gateway.ReferenceGateway | None = None
    try:
        if start_gateway and needs_reference_gateway(options):
            process = reference_gateway.ReferenceGateway(behind.arguments if behind else ())
        elif start_gateway and behind:
            assert behind.url  # where it cannot listen is said before anything is sent
        known = opened(options)
    except BaseException:
        for each in (process, behind):
            if each:
                each.stop()
        raise
    return Session(options, known.target, known.packs, known.keys, process, behind)


def provider(options: Options) -> UpstreamServer | None:
    """Who plays the provider behind the gateway, where that is asked for. Raises UsageError."""
    if not options.upstream:
        return None
    from harness.run.upstream import UpstreamServer

    return UpstreamServer(options.upstream)
