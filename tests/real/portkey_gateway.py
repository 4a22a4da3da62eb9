"""Starts Portkey's gateway with Node.js, from packages in a folder of its own."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.real.environments import cache_folder, free_port, running

PACKAGE_FOLDER = Path(__file__).parent / "portkey"
FILES = ("package.json", "package-lock.json")
START = "node_modules/@portkey-ai/gateway/build/start-server.js"
NODE_VERSION = "v20."


def node_version() -> str:
    """The version of Node.js; empty if node or npm is missing."""
    installed = shutil.which("node") and shutil.which("npm")
    command = ["node", "--version"]
    return subprocess.check_output(command, text=True).strip() if installed else ""


def skip_reason() -> str:
    """The reason why this gateway cannot run here; empty if it can."""
    version = node_version()
    if not version:
        return "Portkey's gateway needs node and npm, and they are not on the PATH"
    if not version.startswith(NODE_VERSION):
        return f"the failures were reviewed on Node {NODE_VERSION[1:-1]}; this is {version}"
    return ""


def environment() -> Path:
    """Return the folder of its packages. Install them if the lock file is new."""
    text = node_version() + "".join((PACKAGE_FOLDER / name).read_text("utf-8") for name in FILES)
    folder = cache_folder() / f"portkey-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
    finished = folder / "finished"
    if not finished.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name in FILES:
            shutil.copy(PACKAGE_FOLDER / name, folder)
        quiet = ("--no-audit", "--no-fund", "--loglevel=error")
        subprocess.run(["npm", "ci", *quiet], cwd=folder, check=True, stdin=subprocess.DEVNULL)
        finished.touch()
    return folder


def header_options(protocol: str, provider: str) -> list[str]:
    """The options for the headers that select the provider; it has no other configuration."""
    headers = {"x-portkey-provider": protocol, "x-portkey-custom-host": provider}
    return [part for name, value in headers.items() for part in ("--header", f"{name}:{value}")]


@contextmanager
def gateway(log: Path) -> Iterator[str]:
    """Run the gateway and yield its base URL."""
    folder, port = environment(), free_port()
    command = ["node", str(folder / START), f"--port={port}", "--headless"]
    variables = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(folder),
        "NODE_ENV": "production",
    }
    with running(command, variables, log, f"http://127.0.0.1:{port}/"):
        yield f"http://127.0.0.1:{port}/v1"
