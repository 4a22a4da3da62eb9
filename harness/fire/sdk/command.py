"""Sdk -> the command that runs its driver, and in what environment. May not start it."""

from __future__ import annotations

import importlib.metadata
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from harness.fire.sdk.cache import installed_path
from harness.fire.sdk.install import program
from harness.model.sdk import Sdk

DRIVERS: Final = Path(__file__).resolve().parent / "drivers"
VARIABLE: Final = "LLM_CONFORMANCE_CACHE"
# What a process needs to run at all; a proxy is for the way to the target, which the relay goes.
KEPT: Final = ("PATH", "SYSTEMROOT", "TMPDIR", "TEMP", "TMP")
SITES: Final = ("site-packages", "dist-packages")


@dataclass(frozen=True, slots=True)
class DriverCommand:
    """How to start the driver of an SDK, and which version of it that will be."""

    command: Sequence[str]
    version: str


def cache() -> Path:
    named = os.environ.get(VARIABLE, "")
    return Path(named) if named else Path.home() / ".cache" / "llm-gateway-conformance"


def clean_environment() -> dict[str, str]:
    """The environment of a driver: no key, no proxy, no option that changes what an SDK does."""
    installed_path = {name: os.environ[name] for name in KEPT if name in os.environ}
    return {**installed_path, "LC_ALL": "C.UTF-8", "NO_PROXY": "127.0.0.1"}


async def ready(sdk: Sdk, folder: Path, secrets: Sequence[str]) -> DriverCommand:
    """Raises Missing. What holds one of the `secrets` is kept from the installer."""
    driver = str(DRIVERS / sdk.driver)
    if sdk.language == "program":
        program(sdk.package)
        return DriverCommand((sys.executable, "-I", "-S", driver), "")
    if sdk.language == "node":
        node = program("node")
        home = await installed_path(sdk, folder, secrets)
        return DriverCommand((node, driver, str(home)), sdk.version)
    installed = current(sdk) if sdk.extra else ""
    paths = sites(sdk) if installed else [str(await installed_path(sdk, folder, secrets))]
    command = (sys.executable, "-I", "-S", driver, json.dumps(paths))
    return DriverCommand(command, installed or sdk.version)


def sites(sdk: Sdk) -> list[str]:
    """Where packages are installed here; not the folders in which a caller's own modules lie."""
    home = str(importlib.metadata.distribution(sdk.package).locate_file(""))
    return [home, *(path for path in sys.path if Path(path).name in SITES and path != home)]


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
