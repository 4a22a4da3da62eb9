"""A real gateway, Portkey's, in a folder of its own, run by node. Nothing leaves this machine."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.real.proxy import cache, free_port, running

WANTED = Path(__file__).parent / "portkey"
FILES = ("package.json", "package-lock.json")
START = "node_modules/@portkey-ai/gateway/build/start-server.js"
NODE = "v20."


def node() -> str:
    """Its version; empty where there is none."""
    found = shutil.which("node") and shutil.which("npm")
    asked = ["node", "--version"]
    return subprocess.check_output(asked, text=True).strip() if found else ""


def lacking() -> str:
    """Why this gateway cannot be looked at here; empty when it can."""
    version = node()
    if not version:
        return "Portkey's gateway needs node and npm, and they are not on the PATH"
    if not version.startswith(NODE):
        return f"Portkey's gateway was walked on Node {NODE[1:-1]}, and here is {version}"
    return ""


def environment() -> Path:
    """The folder of its packages, installed when this lock has none yet. Its own scripts run."""
    text = node() + "".join((WANTED / name).read_text("utf-8") for name in FILES)
    folder = cache() / f"portkey-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
    finished = folder / "finished"
    if not finished.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name in FILES:
            shutil.copy(WANTED / name, folder)
        quiet = ("--no-audit", "--no-fund", "--loglevel=error")
        subprocess.run(["npm", "ci", *quiet], cwd=folder, check=True, stdin=subprocess.DEVNULL)
        finished.touch()
    return folder


def headers(speaks: str, provider: str) -> list[str]:
    """What tells it, with every request, whom to forward to: it has no other configuration."""
    told = {"x-portkey-provider": speaks, "x-portkey-custom-host": provider}
    return [part for name, value in told.items() for part in ("--header", f"{name}:{value}")]


@contextmanager
def gateway(log: Path) -> Iterator[str]:
    """Its base URL, while it runs."""
    folder, port = environment(), free_port()
    command = ["node", str(folder / START), f"--port={port}", "--headless"]
    surroundings = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(folder),
        "NODE_ENV": "production",
    }
    with running(command, surroundings, log, f"http://127.0.0.1:{port}/"):
        yield f"http://127.0.0.1:{port}/v1"
