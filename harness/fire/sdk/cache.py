"""Sdk -> the folder it is installed in, kept from run to run. May not use half an install."""

from __future__ import annotations

import asyncio
import shutil
import sys
import sysconfig
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO

from harness.fire.sdk.install import PATIENCE, Missing, install, npm, pip
from harness.model.sdk import Sdk


async def installed_path(sdk: Sdk, folder: Path, secrets: Sequence[str]) -> Path:
    """It has its name only when it is whole, whoever installs beside us. Raises Missing."""
    home = folder / "clients" / shelved(sdk)
    if home.is_dir():
        return home
    command = npm(sdk) if sdk.language == "node" else pip(sdk)
    try:
        home.parent.mkdir(parents=True, exist_ok=True)
        async with alone(home.with_name(f"{home.name}.lock")):
            if not home.is_dir():
                await fill(home, command, sdk, secrets)
    except TimeoutError as error:
        raise Missing(f"somebody else is still installing {home.name}") from error
    except OSError as error:
        raise Missing(f"{home}: {error.strerror}") from error
    return home


async def fill(home: Path, command: Sequence[str], sdk: Sdk, secrets: Sequence[str]) -> None:
    part = home.with_name(f"{home.name}.part")
    shutil.rmtree(part, ignore_errors=True)  # of somebody who was stopped
    try:
        part.mkdir()
        await install([*command, str(part)], sdk, part, secrets)
        part.rename(home)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def shelved(sdk: Sdk) -> str:
    """Compiled parts belong to one Python on one kind of machine."""
    name = f"{sdk.id.partition('-')[0]}-{sdk.language}-{sdk.version}"
    if sdk.language == "node":
        return name
    tag = f"{sys.implementation.cache_tag}-{sysconfig.get_platform()}"
    return f"{name}-{tag}"


@asynccontextmanager
async def alone(path: Path) -> AsyncIterator[None]:
    """One installer at a time; the lock dies with its process."""
    with path.open("w") as file:
        async with asyncio.timeout(PATIENCE):
            while not locked(file):
                await asyncio.sleep(0.1)
        yield


def locked(file: IO[str]) -> bool:
    try:
        import fcntl
    except ImportError:  # where there is none, two runs at once are the caller's to avoid
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
