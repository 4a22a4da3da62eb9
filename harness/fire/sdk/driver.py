"""A command, jobs -> replies: one SDK in a process of its own. May not know what a job means."""

from __future__ import annotations

import asyncio
import json
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import IO, Final

from harness.model import Json

LONGEST: Final = 32 * 1024 * 1024  # bytes of one reply
TAIL: Final = 600


class Broken(Exception):
    """The driver died, or said what is no reply: trouble of ours, never the target's."""


class Driver:
    """Started with its first job; after a kill the next job starts another."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self.command, self.environment = command, environment
        self.process: Process | None = None
        self.errors: IO[bytes] | None = None

    async def ask(self, job: Json) -> Json:
        """One line there, one line back. Raises Broken."""
        try:
            process = self.process = self.process or await self.start()
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(json.dumps(job).encode() + b"\n")
            await process.stdin.drain()
            line = await process.stdout.readline()
        except (OSError, ValueError) as error:
            raise Broken(f"the SDK's driver: {error}") from error
        try:
            reply = json.loads(line)
        except ValueError:
            reply = None
        if not isinstance(reply, dict) or not isinstance(reply.get("ok"), bool):
            if not line:
                await self.gone()
            said = line.decode("utf-8", "replace").strip()[:200]
            raise Broken(f"the SDK's driver {f'said {said!r}' if said else 'ended'}{self.tail()}")
        return reply

    async def start(self) -> Process:
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115 (it lives as long as the process)
        return await asyncio.create_subprocess_exec(
            *self.command,
            stdin=PIPE,
            stdout=PIPE,
            stderr=self.errors,
            env=self.environment,
            limit=LONGEST,
            start_new_session=True,  # Ctrl-C is for us
        )

    def tail(self) -> str:
        """The end of what the driver complained about."""
        if self.errors is None:
            return ""
        self.errors.seek(0)
        said = self.errors.read()[-TAIL:].decode("utf-8", "replace")
        return f": {' '.join(said.split())}" if said.strip() else ""

    async def gone(self) -> None:
        """Gives it the moment to finish its complaint, which a dying process needs."""
        if self.process is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(1):
                    await self.process.wait()

    async def kill(self) -> None:
        """May be called twice, and without a process."""
        process, self.process = self.process, None
        if process is None:
            return
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        if self.errors is not None:
            self.errors.close()
            self.errors = None
