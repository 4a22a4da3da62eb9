"""Prepares the command that runs an SDK's driver, and its environment."""

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
from harness.fire.sdk.install import find_program
from harness.model.sdk import Sdk

DRIVERS: Final = Path(__file__).resolve().parent / "drivers"
CACHE_VARIABLE: Final = "LLM_CONFORMANCE_CACHE"
# Variables that a process needs to run. A proxy is not among them: the recording proxy uses it.
KEPT_VARIABLES: Final = ("PATH", "SYSTEMROOT", "TMPDIR", "TEMP", "TMP")
PACKAGE_FOLDERS: Final = ("site-packages", "dist-packages")


@dataclass(frozen=True, slots=True)
class DriverCommand:
    """The command that starts the driver of an SDK, and the version of the SDK."""

    arguments: Sequence[str]
    version: str


def cache_folder() -> Path:
    """Returns the folder of CACHE_VARIABLE, or else the one in the user's cache."""
    folder = os.environ.get(CACHE_VARIABLE, "")
    return Path(folder) if folder else Path.home() / ".cache" / "llm-gateway-conformance"


def clean_environment() -> dict[str, str]:
    """Returns an environment without keys, proxies, and options that change an SDK's behaviour."""
    variables = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    return {**variables, "LC_ALL": "C.UTF-8", "NO_PROXY": "127.0.0.1"}


async def driver_command(sdk: Sdk, folder: Path, secrets: Sequence[str]) -> DriverCommand:
    """Returns the command for an SDK, which is installed first if needed.

    Args:
        sdk: The SDK.
        folder: The cache of installed SDKs.
        secrets: Variables that contain one of them are hidden from the installer.

    Raises:
        SdkUnavailable: The SDK or its interpreter is missing.
    """
    driver = str(DRIVERS / sdk.driver)
    python = (sys.executable, "-I", "-S", driver)
    if sdk.language == "program":
        find_program(sdk.package)
        return DriverCommand((*python, json.dumps([str(DRIVERS)])), "")
    if sdk.language == "node":
        node = find_program("node")
        home = await installed_path(sdk, folder, secrets)
        return DriverCommand((node, driver, str(home)), sdk.version)
    version = installed_version(sdk) if sdk.extra else ""
    paths = import_paths(sdk) if version else [str(await installed_path(sdk, folder, secrets))]
    return DriverCommand((*python, json.dumps([*paths, str(DRIVERS)])), version or sdk.version)


def import_paths(sdk: Sdk) -> list[str]:
    """Returns the folders of installed packages, without those of the caller's own modules."""
    home = str(importlib.metadata.distribution(sdk.package).locate_file(""))
    return [
        home,
        *(path for path in sys.path if Path(path).name in PACKAGE_FOLDERS and path != home),
    ]


def installed_version(sdk: Sdk) -> str:
    """Returns the installed version; empty if there is none or its major version is older."""
    try:
        version = importlib.metadata.version(sdk.package)
    except importlib.metadata.PackageNotFoundError:
        return ""
    return version if major_version(version) >= major_version(sdk.version) else ""


def major_version(version: str) -> int:
    major = version.partition(".")[0]
    return int(major) if major.isdecimal() else 0
