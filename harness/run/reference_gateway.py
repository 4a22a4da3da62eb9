"""The reference gateway in a process of its own, for the time of a run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Final

from harness.load.absent_features import has_absent_features
from harness.load.targets import BUILTIN
from harness.model import Pack, Target
from harness.testbed.gateway import COMPAT
from harness.testbed.keys import GATEWAY_KEY, LIMITED_GATEWAY_KEY
from harness.testbed.mock_provider.process import start_server, stop_server
from harness.util.errors import UsageError

KEYS: Final = {"key": GATEWAY_KEY, "limited": LIMITED_GATEWAY_KEY}


def select_root(target: Target, packs: Iterable[Pack]) -> Target:
    """Return the reference gateway as a target, with the endpoints that the packs describe.

    A pack with absent features describes the compatibility layer, which has a path of its own.
    """
    if not has_absent_features(packs):
        return target
    endpoints = {
        name: replace(endpoint, base_url=f"{BUILTIN}{COMPAT}")
        for name, endpoint in target.endpoints.items()
    }
    return replace(target, endpoints=endpoints)


def root(target: Target) -> str:
    """Return the path of the target's endpoints on the reference gateway, below which is `/v1`."""
    urls = (endpoint.base_url for endpoint in target.endpoints.values())
    return next((url.removeprefix(BUILTIN) for url in urls if url.startswith(BUILTIN)), "")


class ReferenceGateway:
    """Starts the gateway on a free port; it ends with `stop`, or with this process."""

    def __init__(self, arguments: Sequence[str] = ()) -> None:
        self.process = start_server("gateway", arguments)

    @cached_property
    def base_url(self) -> str:
        """The base URL, once it is ready. Raises UsageError if it does not start."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline().decode().strip()
        if not line.startswith("http"):
            self.stop()
            raise UsageError("the reference gateway did not start")
        return f"{line}/v1"

    def stop(self) -> None:
        """Close its standard input, which ends it, and wait; a second call does nothing."""
        stop_server(self.process)
