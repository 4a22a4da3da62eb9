"""HOST:PORT -> a provider that listens there for the time of a run. May not judge what it sees."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property

from harness.errors import UsageError
from harness.fire.veil import Veil
from harness.fire.watch import Watch
from harness.model import Forwarded
from harness.servers import loopback
from harness.servers.upstream import Upstream


def address(text: str) -> tuple[str, int]:
    """`127.0.0.1:9000`, `[::1]:9000` or `:9000`. Raises UsageError."""
    host, _, port = text.rpartition(":")
    if not port.isdecimal() or int(port) > 65535:
        raise UsageError(f"--upstream {text}: write HOST:PORT, as 127.0.0.1:9000")
    return host.strip("[]") or loopback.HOST, int(port)


@dataclass
class Behind:
    """The provider that the gateway under test forwards to. Listens until `stop`."""

    place: str
    upstream: Upstream = field(default_factory=Upstream)
    open: ExitStack = field(default_factory=ExitStack)
    watching: Watch | None = None

    @cached_property
    def url(self) -> str:
        """Its base URL, without a version. Raises UsageError where it cannot listen."""
        host, port = address(self.place)
        try:
            return self.open.enter_context(
                loopback.serving(self.upstream.respond, host=host, port=port)
            )
        except OSError as error:
            raise UsageError(f"--upstream {self.place}: cannot listen: {error.strerror}") from error

    @property
    def arguments(self) -> Sequence[str]:
        """For the builtin gateway: each of its fronts before a provider of the other protocol."""
        return (f"--provider-anthropic={self.url}", f"--provider-openai={self.url}/v1")

    def watch(self, veil: Veil) -> Watch:
        self.watching = Watch(self.upstream, veil)
        return self.watching

    @property
    def unexpected(self) -> tuple[Forwarded, ...]:
        """What arrived and belongs to no shot."""
        return self.watching.close() if self.watching else ()

    def stop(self) -> None:
        self.open.close()
