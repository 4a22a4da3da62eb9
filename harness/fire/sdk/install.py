"""Installs an SDK's package by pip, uv, npm or gem into a cache, which later runs use again.

The driver of a Go SDK is built with it into the cache; its go.sum has the hashes of all modules.

The installer must not see the caller's keys: variables that contain one are removed from its
environment.
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import IO, Final

from harness.fire.sdk.installers import PROGRAM, SdkUnavailable, install_command, source_hash
from harness.model.sdk import Sdk
from harness.util.environment import copy_environment

INSTALL_TIMEOUT: Final = 900.0  # seconds; the largest Go SDK is compiled for two minutes
# A workspace around the caller's folder must not change how a Go driver is built.
SETTINGS: Final = {"GOWORK": "off", "GOFLAGS": "-mod=readonly"}


async def installed_path(sdk: Sdk, folder: Path, secrets: Sequence[str]) -> Path:
    """Returns the folder of an SDK, and installs it there first if needed. Raises SdkUnavailable.

    The folder gets its name when the installation is complete, so it is never used half installed,
    even if several runs install at the same time.
    """
    home = folder / "clients" / cache_name(sdk)
    if home.is_dir():
        return home
    command = install_command(sdk)
    try:
        home.parent.mkdir(parents=True, exist_ok=True)
        async with file_lock(home.with_name(f"{home.name}.lock")):
            if not home.is_dir():
                await install(home, command, sdk, secrets)
    except TimeoutError as error:
        raise SdkUnavailable(f"another run is still installing {home.name}") from error
    except OSError as error:
        raise SdkUnavailable(f"cannot write {home}: {error.strerror}") from error
    return home


def cache_name(sdk: Sdk) -> str:
    """Returns the folder's name; compiled parts fit one Python version on one platform.

    It begins with the first protocol for an SDK of its provider, and with the whole id for a
    framework. The program of a Go SDK contains the driver, so its name has the hash of its source.
    """
    if sdk.language == "go":
        return f"{sdk.id}-{sdk.version}-{source_hash(sdk)}-{sysconfig.get_platform()}"
    if sdk.language == "ruby":
        return f"{sdk.id}-{sdk.version}-{sysconfig.get_platform()}"
    platform = f"-{sys.implementation.cache_tag}-{sysconfig.get_platform()}"
    own = sdk.id.partition("-")[0] if sdk.id.startswith(sdk.protocols[0]) else sdk.id
    name = f"{own}-{sdk.language}-{sdk.version}"
    return name if sdk.language == "node" else name + platform


async def install(home: Path, command: Sequence[str], sdk: Sdk, secrets: Sequence[str]) -> None:
    """Installs an SDK into a temporary folder and renames it to `home`. Raises SdkUnavailable."""
    part = home.with_name(f"{home.name}.part")
    shutil.rmtree(part, ignore_errors=True)  # left by a run that was killed
    try:
        part.mkdir()
        place = part / PROGRAM if sdk.language == "go" else part
        code, output = await run_installer([*command, str(place)], sdk, part, secrets)
        if code:
            raise SdkUnavailable(
                f"cannot install {sdk.package} {sdk.version}: {error_line(output)}"
            )
        part.rename(home)
    finally:
        shutil.rmtree(part, ignore_errors=True)


async def run_installer(
    command: Sequence[str], sdk: Sdk, folder: Path, secrets: Sequence[str]
) -> tuple[int | None, bytes]:
    """Returns the exit status and the error output. Raises SdkUnavailable if it takes too long."""
    variables = (copy_environment() | SETTINGS).items()
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd=folder,  # in a project's folder, npm would use the project's settings
        env={k: v for k, v in variables if not any(secret in v for secret in secrets if secret)},
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(INSTALL_TIMEOUT):
            _, output = await process.communicate()
            return process.returncode, output
    except TimeoutError as error:
        message = f"installing {sdk.package} took more than {INSTALL_TIMEOUT:g} s"
        raise SdkUnavailable(message) from error
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


def error_line(output: bytes) -> str:
    """Returns the line that names the error: the last one with the word, or else the last one."""
    lines = [
        line.strip() for line in output.decode("utf-8", "replace").splitlines() if line.strip()
    ]
    errors = [line for line in lines if "error" in line.lower()]
    return (errors or lines or ["the installer gave no reason"])[-1][:300]


@asynccontextmanager
async def file_lock(path: Path) -> AsyncIterator[None]:
    """Holds a lock that ends with the process. Raises TimeoutError."""
    with path.open("w") as file:
        async with asyncio.timeout(INSTALL_TIMEOUT):
            while not try_lock(file):
                await asyncio.sleep(0.1)
        yield


def try_lock(file: IO[str]) -> bool:
    """Returns whether the file could be locked; always on systems without `fcntl`."""
    try:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except ImportError:
        return True
    except BlockingIOError:
        return False
    return True
