"""Installs an SDK's package into a folder, by pip, uv or npm.

The installer must not see the caller's keys: variables that contain one are removed from its
environment.
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
from harness.util.environment import copy_environment

INSTALL_TIMEOUT: Final = 300.0  # seconds


class SdkUnavailable(Exception):
    """An SDK cannot be used on this machine; the message gives the reason in one line."""


def find_program(name: str) -> str:
    """Returns the path of a program. Raises SdkUnavailable."""
    path = shutil.which(name)
    if not path:
        raise SdkUnavailable(f"{name} is not on the PATH")
    return path


def pip_command(sdk: Sdk) -> list[str]:
    """Returns the command that installs into the folder that is appended. Raises SdkUnavailable."""
    requirement = f"{sdk.package}=={sdk.version}"
    if importlib.util.find_spec("pip"):
        quiet = ("--quiet", "--no-input", "--disable-pip-version-check", "--no-warn-conflicts")
        tries = ("--retries", "1", "--timeout", "20", "--only-binary", ":all:")
        return [sys.executable, "-m", "pip", "install", *quiet, *tries, requirement, "--target"]
    if uv := shutil.which("uv"):
        python = ("--python", sys.executable, "--only-binary", ":all:")
        return [uv, "pip", "install", "--quiet", *python, requirement, "--target"]
    raise SdkUnavailable(f"neither pip nor uv is available to install {requirement}")


def npm_command(sdk: Sdk) -> list[str]:
    """Returns the command that installs into the folder that is appended. Raises SdkUnavailable."""
    quiet = ("--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts", "--loglevel=error")
    tries = ("--fetch-retries=1", "--fetch-timeout=60000")
    requirement = f"{sdk.package}@{sdk.version}"
    return [find_program("npm"), "install", *quiet, *tries, requirement, "--prefix"]


async def run_installer(
    command: Sequence[str], sdk: Sdk, folder: Path, secrets: Sequence[str]
) -> None:
    """Runs an installer in `folder`. Raises SdkUnavailable if it fails or takes too long."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd=folder,  # in a project's folder, npm would use the project's settings
        env=environment_without(secrets),
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(INSTALL_TIMEOUT):
            _, errors = await process.communicate()
    except TimeoutError as error:
        message = f"installing {sdk.package} took more than {INSTALL_TIMEOUT:g} s"
        raise SdkUnavailable(message) from error
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.communicate()
    if process.returncode:
        message = f"cannot install {sdk.package} {sdk.version}: {error_line(errors)}"
        raise SdkUnavailable(message)


def environment_without(secrets: Sequence[str]) -> dict[str, str]:
    """Returns the environment without the variables that contain a secret."""
    variables = copy_environment().items()
    return {k: v for k, v in variables if not any(secret in v for secret in secrets if secret)}


def error_line(output: bytes) -> str:
    """Returns the line that names the error: the last one with the word, or else the last one."""
    lines = [line.strip() for line in output.decode("utf-8", "replace").splitlines()]
    lines = [line for line in lines if line]
    errors = [line for line in lines if "error" in line.lower()]
    return (errors or lines or ["the installer gave no reason"])[-1][:300]
