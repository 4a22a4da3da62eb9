"""Runs an SDK in a process of its own: one job per line on its input, one reply on its output."""

from __future__ import annotations

import asyncio
import json
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import IO, Final

from harness.model import Json

MAX_REPLY: Final = 32 * 1024 * 1024  # bytes
MAX_ERROR: Final = 600  # bytes of the driver's error output that a message repeats


class DriverError(Exception):
    """The driver ended or sent an invalid reply: a failure of this machine, not of the target."""


class Driver:
    """Starts its process with the first job, and a new one with the first job after a kill."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], version: str
    ) -> None:
        self.command, self.environment, self.version = command, environment, version
        self.process: Process | None = None
        self.errors: IO[bytes] | None = None

    async def run(self, job: Json) -> Json:
        """Sends a job and returns the reply. Raises DriverError."""
        try:
            process = self.process = self.process or await self._start()
            assert process.stdin
            assert process.stdout
            process.stdin.write(json.dumps(job).encode() + b"\n")
            await process.stdin.drain()
            line = await process.stdout.readline()
        except (OSError, ValueError) as error:
            raise DriverError(f"the SDK's driver: {error}") from error
        try:
            reply = json.loads(line)
        except ValueError:
            reply = None
        if isinstance(reply, dict) and isinstance(reply.get("ok"), bool):
            return reply
        if not line:
            with suppress(TimeoutError):  # an ending process may still write its error output
                await asyncio.wait_for(process.wait(), 1)
        text = line.decode("utf-8", "replace").strip()[:200]
        event = f"sent an invalid reply {text!r}" if text else "ended"
        raise DriverError(f"the SDK's driver {event}{self._error_output()}")

    async def _start(self) -> Process:
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115 (it lives as long as the process)
        return await asyncio.create_subprocess_exec(
            *self.command,
            stdin=PIPE,
            stdout=PIPE,
            stderr=self.errors,
            env=self.environment,
            limit=MAX_REPLY,
            start_new_session=True,  # Ctrl-C must reach the harness only
        )

    def _error_output(self) -> str:
        """Returns the end of the driver's error output, for a message."""
        if self.errors is None:
            return ""
        self.errors.seek(0)
        text = self.errors.read()[-MAX_ERROR:].decode("utf-8", "replace")
        return f": {' '.join(text.split())}" if text.strip() else ""

    async def kill(self) -> None:
        process, self.process = self.process, None
        errors, self.errors = self.errors, None
        if process:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        if errors:
            errors.close()
