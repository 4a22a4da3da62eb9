"""Prepares the driver of an SDK: the command that runs it, and its environment."""

from __future__ import annotations

import importlib.metadata
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from harness.fire.sdk.driver import Driver
from harness.fire.sdk.install import find_program, installed_path
from harness.model.sdk import Sdk

DRIVERS: Final = Path(__file__).resolve().parent / "drivers"
CACHE_VARIABLE: Final = "LLM_CONFORMANCE_CACHE"
# Variables that a process needs to run. A proxy is not among them: the recording proxy uses it.
KEPT_VARIABLES: Final = ("PATH", "SYSTEMROOT", "TMPDIR", "TEMP", "TMP")
PACKAGE_FOLDERS: Final = ("site-packages", "dist-packages")


def cache_folder() -> Path:
    """Returns the folder of CACHE_VARIABLE, or else the one in the user's cache."""
    folder = os.environ.get(CACHE_VARIABLE, "")
    return Path(folder) if folder else Path.home() / ".cache" / "llm-gateway-conformance"


async def make_driver(sdk: Sdk, folder: Path, secrets: Sequence[str]) -> Driver:
    """Returns the driver of an SDK, which is installed into the cache `folder` first if needed.

    SdkUnavailable is raised if the SDK or its interpreter is missing.
    """
    file = str(DRIVERS / sdk.driver)
    if sdk.language == "node":
        node = find_program("node")
        home = await installed_path(sdk, folder, secrets)
        return Driver((node, file, str(home)), clean_environment(), sdk.version)
    version, paths = sdk.version, []
    if sdk.language == "program":
        find_program(sdk.package)
    elif installed := installed_version(sdk):
        version, paths = installed, import_paths(sdk)
    else:
        paths = [str(await installed_path(sdk, folder, secrets))]
    command = (sys.executable, "-I", "-S", file, json.dumps([*paths, str(DRIVERS)]))
    return Driver(command, clean_environment(), version)


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
