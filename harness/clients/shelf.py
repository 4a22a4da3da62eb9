"""Sdk -> the command that runs it, installed on first use and kept. May not use half an install.

Nothing of the caller's keys is in the environment of what is started here.
"""

from __future__ import annotations

import asyncio
import importlib.metadata
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from harness.clients.sdks import DRIVERS, Sdk

PATIENCE: Final = 300.0  # seconds for an install
VARIABLE: Final = "LLM_CONFORMANCE_CACHE"
# What a process needs to run at all; a proxy is for the way to the target, which the relay goes.
KEPT: Final = ("PATH", "SYSTEMROOT", "TMPDIR", "TEMP", "TMP")


class Missing(Exception):
    """Why an SDK cannot be had here, in one line."""


@dataclass(frozen=True, slots=True)
class Ready:
    """How to start the driver of an SDK, and which version of it that will be."""

    command: Sequence[str]
    version: str


def cache() -> Path:
    named = os.environ.get(VARIABLE, "")
    return Path(named) if named else Path.home() / ".cache" / "llm-gateway-conformance"


def bare() -> dict[str, str]:
    """The environment of a driver: no key, no proxy, no option that changes what an SDK does."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return {**kept, "LC_ALL": "C.UTF-8", "NO_PROXY": "127.0.0.1"}


async def ready(sdk: Sdk, folder: Path, secrets: Sequence[str]) -> Ready:
    """Raises Missing. What holds one of the `secrets` is kept from the installer."""
    driver = str(DRIVERS / sdk.driver)
    if sdk.language == "program":
        program(sdk.package)
        return Ready((sys.executable, "-I", "-S", driver), "")
    if sdk.language == "node":
        node = program("node")
        home = await kept(sdk, folder, secrets)
        return Ready((node, driver, str(home)), sdk.version)
    installed = current(sdk) if sdk.extra else ""
    paths = sys.path if installed else [str(await kept(sdk, folder, secrets))]
    told = json.dumps([path for path in paths if path])
    return Ready((sys.executable, "-I", "-S", driver, told), installed or sdk.version)


def current(sdk: Sdk) -> str:
    """The version that is installed here, unless it is of an earlier age than the one we know."""
    try:
        found = importlib.metadata.version(sdk.package)
    except importlib.metadata.PackageNotFoundError:
        return ""
    return found if age(found) >= age(sdk.version) else ""


def age(version: str) -> int:
    major = version.partition(".")[0]
    return int(major) if major.isdecimal() else 0


def program(name: str) -> str:
    found = shutil.which(name)
    if not found:
        raise Missing(f"{name} is not on the PATH")
    return found


async def kept(sdk: Sdk, folder: Path, secrets: Sequence[str]) -> Path:
    """The folder of an SDK. It has its name only when it is whole, whoever installs beside us."""
    home = folder / "clients" / shelved(sdk)
    if home.is_dir():
        return home
    command = npm(sdk) if sdk.language == "node" else pip(sdk)
    part = home.with_name(f"{home.name}.part")
    try:
        home.parent.mkdir(parents=True, exist_ok=True)
        async with alone(home.with_name(f"{home.name}.lock")):
            if not home.is_dir():
                shutil.rmtree(part, ignore_errors=True)  # of somebody who was stopped
                part.mkdir()
                await install([*command, str(part)], sdk, part, secrets)
                part.rename(home)
    except OSError as error:
        raise Missing(f"{home}: {error.strerror}") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return home


def shelved(sdk: Sdk) -> str:
    """Compiled parts belong to one Python on one kind of machine."""
    name = f"{sdk.id.partition('-')[0]}-{sdk.language}-{sdk.version}"
    if sdk.language == "node":
        return name
    tag = f"{sys.implementation.cache_tag}-{sysconfig.get_platform()}"
    return f"{name}-{tag}"


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
    environment = {k: v for k, v in os.environ.items() if not any(s in v for s in secrets if s)}
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
    if process.returncode:
        raise Missing(f"{sdk.package} {sdk.version} cannot be installed: {last(said)}")


def last(said: bytes) -> str:
    """The line that names the trouble: most often the last one that is called an error."""
    lines = [line.strip() for line in said.decode("utf-8", "replace").splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line.lower()]
    return (errors or lines or ["the installer said nothing"])[-1][:300]


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
