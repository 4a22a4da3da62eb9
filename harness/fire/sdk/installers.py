"""The commands that install an SDK, by its language: pip or uv, npm, go, and gem."""

from __future__ import annotations

import hashlib
import importlib.util
import shutil
import sys
from pathlib import Path
from typing import Final

from harness.model.sdk import Sdk

DRIVERS: Final = Path(__file__).resolve().parent / "drivers"
PROGRAM: Final = "driver.exe"  # of a Go SDK; Windows needs the ending


class SdkUnavailable(Exception):
    """An SDK cannot be used on this machine; the message gives the reason in one line."""


def source_hash(sdk: Sdk) -> str:
    """Returns 12 digits that stand for the source of a Go driver."""
    digest = hashlib.sha256()
    for name in ("jobs", sdk.driver):
        for path in sorted((DRIVERS / "go" / name).iterdir()):
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def find_program(name: str) -> str:
    """Returns the path of a program. Raises SdkUnavailable."""
    if path := shutil.which(name):
        return path
    raise SdkUnavailable(f"{name} is not on the PATH")


def pip_command(sdk: Sdk) -> list[str]:
    """Returns the command that installs into the folder that is appended. Raises SdkUnavailable."""
    requirement = f"{sdk.package}=={sdk.version}"
    if importlib.util.find_spec("pip"):
        quiet = ("--quiet", "--no-input", "--disable-pip-version-check", "--no-warn-conflicts")
        tries = ("--retries", "1", "--timeout", "20", "--only-binary", ":all:")
        return [
            sys.executable,
            "-m",
            "pip",
            "install",
            *quiet,
            *tries,
            requirement,
            *sdk.also,
            "--target",
        ]
    if uv := shutil.which("uv"):
        python = ("--python", sys.executable, "--only-binary", ":all:")
        return [uv, "pip", "install", "--quiet", *python, requirement, "--target"]
    raise SdkUnavailable(f"neither pip nor uv is available to install {requirement}")


def npm_command(sdk: Sdk) -> list[str]:
    """Returns the command that installs into the folder that is appended. Raises SdkUnavailable."""
    quiet = ("--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts", "--loglevel=error")
    tries = ("--fetch-retries=1", "--fetch-timeout=60000")
    requirement = f"{sdk.package}@{sdk.version}"
    return [find_program("npm"), "install", *quiet, *tries, requirement, *sdk.also, "--prefix"]


def go_command(sdk: Sdk) -> list[str]:
    """Returns the command that builds into the folder that is appended. Raises SdkUnavailable."""
    source = str(DRIVERS / "go" / sdk.driver)
    return [find_program("go"), "build", "-C", source, "-buildvcs=false", "-o"]


def gem_command(sdk: Sdk) -> list[str]:
    """Returns the command that installs into the folder that is appended. Raises SdkUnavailable."""
    requirement = [sdk.package, "--version", sdk.version]
    return [find_program("gem"), "install", "--no-document", *requirement, "--install-dir"]


def install_command(sdk: Sdk) -> list[str]:
    """Returns the command for the SDK's language. Raises SdkUnavailable."""
    commands = {"node": npm_command, "go": go_command, "ruby": gem_command}
    return commands.get(sdk.language, pip_command)(sdk)
