"""Cache of installed SDKs, which later runs use again."""

from __future__ import annotations

import asyncio
import shutil
import sys
import sysconfig
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO

from harness.fire.sdk.install import (
    INSTALL_TIMEOUT,
    SdkUnavailable,
    npm_command,
    pip_command,
    run_installer,
)
from harness.model.sdk import Sdk


async def installed_path(sdk: Sdk, folder: Path, secrets: Sequence[str]) -> Path:
    """Returns the folder of an SDK, and installs it there first if needed.

    The folder gets its name when the installation is complete, so it is never used half installed,
    even if several runs install at the same time.

    Raises:
        SdkUnavailable: The SDK cannot be installed.
    """
    home = folder / "clients" / cache_name(sdk)
    if home.is_dir():
        return home
    command = npm_command(sdk) if sdk.language == "node" else pip_command(sdk)
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


async def install(home: Path, command: Sequence[str], sdk: Sdk, secrets: Sequence[str]) -> None:
    """Installs an SDK into a temporary folder and renames it to `home`."""
    part = home.with_name(f"{home.name}.part")
    shutil.rmtree(part, ignore_errors=True)  # left by a run that was killed
    try:
        part.mkdir()
        await run_installer([*command, str(part)], sdk, part, secrets)
        part.rename(home)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def cache_name(sdk: Sdk) -> str:
    """Returns the folder's name; compiled parts fit one Python version on one platform."""
    name = f"{sdk.id.partition('-')[0]}-{sdk.language}-{sdk.version}"
    if sdk.language == "node":
        return name
    return f"{name}-{sys.implementation.cache_tag}-{sysconfig.get_platform()}"


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
    except ImportError:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
