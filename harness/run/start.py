"""The servers that a run starts on this machine: reference gateway and mock provider."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

from harness.model import Target
from harness.model.options import Options
from harness.run.inputs import needs_reference_gateway, target_at
from harness.run.reference_gateway import ReferenceGateway

if TYPE_CHECKING:
    from harness.run.upstream import UpstreamServer


class LocalServers:
    """Starts what the options need; `unexpected` describes requests of no shot, after `stop`.

    Raises:
        UsageError: --upstream has no valid address, or it is in use.
    """

    def __init__(self, options: Options) -> None:
        self.options = options
        self.gateway: ReferenceGateway | None = None
        self.upstream: UpstreamServer | None = None
        self.unexpected: Sequence[str] = ()
        if options.upstream:
            from harness.run.upstream import UpstreamServer

            self.upstream = UpstreamServer(options.upstream)

    def start(self) -> None:
        """Start the gateway if it is the target; otherwise the mock provider begins to listen."""
        if needs_reference_gateway(self.options):
            arguments = self.upstream.arguments if self.upstream else ()
            self.gateway = self.gateway or ReferenceGateway(arguments)
        elif self.upstream:
            assert self.upstream.url

    def locate(self, target: Target) -> Target:
        """Return the target with the address of the gateway, if it is the target."""
        if not target.builtin or self.options.base_url:
            return target
        self.start()
        assert self.gateway is not None
        return target_at(target, self.gateway.base_url)

    def stop(self) -> None:
        """Stop both; a second call does nothing."""
        upstream, self.upstream = self.upstream, None
        with ExitStack() as last:
            if upstream:
                last.callback(lambda: setattr(self, "unexpected", upstream.stop()))
            if self.gateway:
                last.callback(self.gateway.stop)
