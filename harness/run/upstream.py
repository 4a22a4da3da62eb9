"""The mock provider of --upstream, in a process of its own.

In the process of the run its work would change the arrival times of answers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property

from harness.fire.redaction.exchange import ExchangeRedactor
from harness.fire.upstream_observer import UpstreamObserver
from harness.testbed.keys import PROVIDER_KEY
from harness.testbed.mock_provider.process import UpstreamProcess
from harness.util.errors import UsageError


def address(text: str) -> tuple[str, int]:
    """`127.0.0.1:9000`, `[::1]:9000` or `:9000`. Raises UsageError."""
    host, _, port = text.rpartition(":")
    if not port.isdecimal() or int(port) > 65535:
        raise UsageError(f"--upstream {text}: write HOST:PORT, for example 127.0.0.1:9000")
    return host.strip("[]") or "127.0.0.1", int(port)


@dataclass
class UpstreamServer:
    """The provider that the gateway under test calls; it listens until `stop`."""

    place: str
    watching: UpstreamObserver | None = None
    open: ExitStack = field(default_factory=ExitStack)

    def __post_init__(self) -> None:
        address(self.place)  # reports an invalid address before anything starts

    @cached_property
    def upstream(self) -> UpstreamProcess:
        return self.open.enter_context(UpstreamProcess(*address(self.place)))

    @cached_property
    def url(self) -> str:
        """The base URL without a version. Raises UsageError if it cannot listen."""
        try:
            return self.upstream.url
        except OSError as error:
            raise UsageError(f"--upstream {self.place}: {error.strerror or error}") from error

    @property
    def arguments(self) -> Sequence[str]:
        """Arguments for the reference gateway: it calls the provider of the other protocol."""
        return (f"--provider-anthropic={self.url}", f"--provider-openai={self.url}/v1")

    def observer(self, redactor: ExchangeRedactor) -> UpstreamObserver:
        self.watching = UpstreamObserver(self.upstream, redactor, PROVIDER_KEY)
        return self.watching

    def stop(self) -> list[str]:
        """Stop listening. Return a description of the requests that belong to no shot."""
        try:
            arrived = self.watching.close() if self.watching else ()
        finally:
            self.open.close()
        seen = Counter(f"{each.method} {each.path}, answered {each.status}" for each in arrived)
        return [
            f"{request} ({times} times)" if times > 1 else request
            for request, times in seen.items()
        ]
