"""Sdk -> its package in a folder, by pip or npm. May not choose the folder.

Nothing of the caller's keys is in the environment of what is started here.
"""

from __future__ import annotations

import asyncio
import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from harness.model.sdk import Sdk
from harness.util import environment as surroundings

PATIENCE: Final = 300.0  # seconds for an install


class Missing(Exception):
    """Why an SDK cannot be had here, in one line."""


def program(name: str) -> str:
    found = shutil.which(name)
    if not found:
        raise Missing(f"{name} is not on the PATH")
    return found


def pip(sdk: Sdk) -> list[str]:
    wanted = f"{sdk.package}=={sdk.version}"
    if importlib.util.find_spec("pip"):
        quiet = ("--quiet", "--no-input", "--disable-pip-version-check", "--no-warn-conflicts")
        tries = ("--retries", "1", "--timeout", "20", "--only-binary", ":all:")
        return [sys.executable, "-m", "pip", "install", *quiet, *tries, wanted, "--target"]
    if shutil.which("uv"):
        python = ("--python", sys.executable, "--only-binary", ":all:")
        return [program("uv"), "pip", "install", "--quiet", *python, wanted, "--target"]
    raise Missing(f"neither pip nor uv is here to install {wanted}")


def npm(sdk: Sdk) -> list[str]:
    quiet = ("--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts", "--loglevel=error")
    tries = ("--fetch-retries=1", "--fetch-timeout=60000")
    wanted = f"{sdk.package}@{sdk.version}"
    return [program("npm"), "install", *quiet, *tries, wanted, "--prefix"]


async def install(command: Sequence[str], sdk: Sdk, folder: Path, secrets: Sequence[str]) -> None:
    """Raises Missing, with the installer's own last words."""
    whole = surroundings.environment()
    environment = {k: v for k, v in whole.items() if not any(s in v for s in secrets if s)}
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd=folder,  # npm obeys a project's settings where it stands in one
        env=environment,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(PATIENCE):
            _, said = await process.communicate()
    except TimeoutError as error:
        raise Missing(f"installing {sdk.package} took more than {PATIENCE:g} s") from error
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.communicate()
    if process.returncode:
        raise Missing(f"{sdk.package} {sdk.version} cannot be installed: {last(said)}")


def last(said: bytes) -> str:
    """The line that names the trouble: most often the last one that is called an error."""
    lines = [line.strip() for line in said.decode("utf-8", "replace").splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line.lower()]
    return (errors or lines or ["the installer said nothing"])[-1][:300]
