"""The exchanges of scripts while they come and until they are judged, for two threads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress

from harness.model import Exchange, Script

Exchanges = Future[list[Exchange]]


class Results:
    """A future for the exchanges of each script, and the bytes of those that are there.

    Attributes:
        is_awaited: Whether the judge does nothing but wait for exchanges, and frees none.
    """

    def __init__(self) -> None:
        self.futures: dict[str, Exchanges] = {}
        self.sizes: dict[str, int] = {}
        self.is_awaited = False

    @contextmanager
    def awaited(self) -> Iterator[None]:
        """Marks that the judge waits."""
        self.is_awaited = True
        try:
            yield
        finally:
            self.is_awaited = False

    def wait(self, script: Script, timeout: float | None) -> list[Exchange]:
        """Waits for a script's exchanges. Raises TimeoutError, CancelledError."""
        with self.awaited():
            return self.get(script).result(timeout)

    def add(self, scripts: Iterable[Script]) -> list[Script]:
        """Adds scripts; returns those of them that are new."""
        new = [script for script in scripts if script.id not in self.futures]
        self.futures.update((script.id, Future()) for script in new)
        return new

    def get(self, script: Script) -> Exchanges:
        """Returns the script's future; for one that was forgotten, an unused one."""
        return self.futures.get(script.id, Future())

    def set(self, script: Script, exchanges: Sequence[Exchange], future: Exchanges) -> None:
        if script.id in self.futures:
            self.sizes[script.id] = sum(map(size_of, exchanges))
        if not future.done():
            future.set_result([*exchanges])

    def replace(self, script: Script, exchanges: Sequence[Exchange]) -> None:
        """Sets the exchanges of a script that was sent once more, unless it was forgotten."""
        if script.id in self.futures:
            self.futures[script.id] = Future()
            self.set(script, exchanges, self.futures[script.id])

    def forget(self, ids: Iterable[str]) -> None:
        """Releases the exchanges of scripts, by their ids."""
        for name in ids:
            self.futures.pop(name, None)
            self.sizes.pop(name, None)

    def cancel(self, scripts: Iterable[Script] | None = None) -> None:
        """Releases the thread that waits for these scripts, or for any."""
        names = self.futures if scripts is None else [script.id for script in scripts]
        for name in list(names):
            with suppress(KeyError):
                self.futures[name].cancel()

    def held(self) -> int:
        """Returns the bytes of the answers that are not forgotten."""
        # `list` copies the sizes in one step: the other thread changes them meanwhile.
        return sum(list(self.sizes.values()))


def size_of(exchange: Exchange) -> int:
    """Return the bytes of an answer, and the characters that reached the provider."""
    return len(exchange.body) + sum(len(each.body) for each in exchange.forwarded or ())
