"""Runs an SDK in a process of its own: one job per line on its input, one reply on its output."""

from __future__ import annotations

import asyncio
import importlib.metadata
import json
import os
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

from harness.fire.sdk.install import installed_path
from harness.fire.sdk.installers import DRIVERS, PROGRAM, find_program
from harness.model import Json
from harness.model.sdk import Sdk

MAX_REPLY: Final = 32 * 1024 * 1024  # bytes
MAX_ERROR: Final = 600  # bytes of the driver's error output that a message repeats
CACHE_VARIABLE: Final = "LLM_CONFORMANCE_CACHE"
# Variables that a process needs to run. A proxy is not among them: the recording proxy uses it.
KEPT_VARIABLES: Final = ("PATH", "SYSTEMROOT", "TMPDIR", "TEMP", "TMP")
PACKAGE_FOLDERS: Final = ("site-packages", "dist-packages")


class DriverError(Exception):
    """The driver ended or sent an invalid reply: a failure of this machine, not of the target."""


class Driver:
    """Starts its process with the first job, and a new one with the first job after a kill."""

    def __init__(self, command: Sequence[str], version: str) -> None:
        self.command, self.version = command, version
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
            env=clean_environment(),
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


def cache_folder() -> Path:
    """Returns the folder of CACHE_VARIABLE, or else the one in the user's cache."""
    folder = os.environ.get(CACHE_VARIABLE, "")
    return Path(folder) if folder else Path.home() / ".cache" / "llm-gateway-conformance"


async def make_driver(sdk: Sdk, folder: Path, secrets: Sequence[str]) -> Driver:
    """Returns the driver of an SDK, which is installed into the cache `folder` first if needed.

    SdkUnavailable is raised if the SDK or its interpreter is missing.
    """
    file = str(DRIVERS / sdk.driver)
    if sdk.language == "go":
        return Driver((str(await installed_path(sdk, folder, secrets) / PROGRAM),), sdk.version)
    if sdk.language in ("node", "ruby"):
        program = find_program(sdk.language)
        home = await installed_path(sdk, folder, secrets)
        return Driver((program, file, str(home)), sdk.version)
    version, paths = sdk.version, []
    if sdk.language == "program":
        find_program(sdk.package)
    elif installed := installed_version(sdk):
        version, paths = installed, import_paths(sdk)
    else:
        paths = [str(await installed_path(sdk, folder, secrets))]
    arguments = {"package": sdk.package, "paths": [*paths, str(DRIVERS)]}
    command = (sys.executable, "-I", "-S", file, json.dumps(arguments))
    return Driver(command, version)


def clean_environment() -> dict[str, str]:
    """Returns an environment without keys, proxies, and options that change an SDK's behaviour."""
    variables = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    return {**variables, "LC_ALL": "C.UTF-8", "NO_PROXY": "127.0.0.1"}


def import_paths(sdk: Sdk) -> list[str]:
    """Returns the folders of installed packages, without those of the caller's own modules."""
    home = str(importlib.metadata.distribution(sdk.package).locate_file(""))
    others = (path for path in sys.path if Path(path).name in PACKAGE_FOLDERS and path != home)
    return [home, *others]


def installed_version(sdk: Sdk) -> str:
    """Returns the version that the extra `[clients]` installed; empty if missing or too old."""
    if not sdk.extra:
        return ""
    try:
        version = importlib.metadata.version(sdk.package)
    except importlib.metadata.PackageNotFoundError:
        return ""
    return version if int(version.split(".")[0]) >= int(sdk.version.split(".")[0]) else ""
