"""The servers that a run starts on this machine: reference gateway and mock provider."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from functools import cached_property

from harness.fire.redaction.exchange import ExchangeRedactor
from harness.fire.upstream_observer import UpstreamObserver
from harness.model import Target
from harness.model.options import Options
from harness.run import reference_gateway
from harness.run.inputs import needs_reference_gateway, target_at
from harness.run.reference_gateway import ReferenceGateway
from harness.testbed.keys import PROVIDER_KEY
from harness.testbed.mock_provider.process import UpstreamProcess
from harness.testbed.mock_provider.recording import REQUESTS
from harness.util.errors import UsageError


class UpstreamServer:
    """The mock provider of --upstream, in a process of its own, which listens until `stop`.

    In the process of the run its work would change the arrival times of answers.

    Args:
        address: `127.0.0.1:9000`, `[::1]:9000` or `:9000`.

    Raises:
        UsageError: The address is not valid.
    """

    def __init__(self, address: str) -> None:
        host, _, port = address.rpartition(":")
        if not port.isdecimal() or int(port) > 65535:
            raise UsageError(f"--upstream {address}: write HOST:PORT, for example 127.0.0.1:9000")
        self.address, self.host, self.port = address, host.strip("[]") or "127.0.0.1", int(port)
        self.watching: UpstreamObserver | None = None
        self.open = ExitStack()

    @cached_property
    def upstream(self) -> UpstreamProcess:
        return self.open.enter_context(UpstreamProcess(self.host, self.port))

    @cached_property
    def url(self) -> str:
        """The base URL without a version. Raises UsageError if it cannot listen."""
        try:
            return self.upstream.url
        except OSError as error:
            raise UsageError(f"--upstream {self.address}: {error.strerror or error}") from error

    def observer(self, redactor: ExchangeRedactor) -> UpstreamObserver:
        self.watching = UpstreamObserver(self.upstream, redactor, PROVIDER_KEY)
        return self.watching

    def stop(self) -> list[str]:
        """Stop listening. Return a description of the requests that belong to no shot."""
        try:
            arrived = self.watching.close() if self.watching else ()
        finally:
            self.open.close()
        counts = Counter(f"{each.method} {each.path}, answered {each.status}" for each in arrived)
        more = " or more" if len(arrived) >= REQUESTS else ""
        return [f"{text} ({n} times{more})" if n > 1 else text for text, n in counts.items()]


class LocalServers:
    """Starts what the options need; `unexpected` describes requests of no shot, after `stop`.

    Raises:
        UsageError: --upstream has no valid address, or it is in use.
    """

    def __init__(self, options: Options) -> None:
        self.options = options
        self.gateway: ReferenceGateway | None = None
        self.upstream = UpstreamServer(options.upstream) if options.upstream else None
        self.unexpected: Sequence[str] = ()

    def start(self) -> None:
        """Start the gateway if it is the target; otherwise the mock provider begins to listen."""
        url = self.upstream.url if self.upstream else ""
        if needs_reference_gateway(self.options):
            # It calls the provider of the other protocol.
            provider = (f"--provider-anthropic={url}", f"--provider-openai={url}/v1")
            self.gateway = self.gateway or ReferenceGateway(provider if url else ())

    def locate(self, target: Target) -> Target:
        """Return the target with the address of the gateway, if it is the target."""
        if not target.builtin or self.options.base_url:
            return target
        self.start()
        assert self.gateway is not None
        address = self.gateway.base_url.removesuffix("/v1")
        return target_at(target, f"{address}{reference_gateway.root(target)}/v1")

    def stop(self) -> None:
        """Stop both; a second call does nothing."""
        upstream, self.upstream = self.upstream, None
        with ExitStack() as last:
            if upstream:
                last.callback(lambda: setattr(self, "unexpected", upstream.stop()))
            if self.gateway:
                last.callback(self.gateway.stop)
