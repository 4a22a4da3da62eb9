"""Folders that keep the installed gateways between runs, and processes of gateways."""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import subprocess
import sys
import venv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from filelock import FileLock

START_TIMEOUT = 180  # seconds; a cold disk takes most of them


def cache_folder() -> Path:
    """The folder that keeps environments between runs; LLM_CONFORMANCE_CACHE overrides it."""
    chosen = os.environ.get("LLM_CONFORMANCE_CACHE")
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(chosen) if chosen else Path(home) / "llm-gateway-conformance"


def python_environment(name: str, files: Sequence[Path], *options: str | Path) -> Path:
    """Return the folder of a virtual environment; install it if one of the files is new.

    Args:
        files: The files that `options`, those of `pip install`, refer to.
    """
    text = sys.version + "".join(file.read_text("utf-8") for file in files)
    folder = cache_folder() / f"{name}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
    finished = folder / "finished"
    cache_folder().mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder}.lock"):  # other processes of the tests need the same environments
        if not finished.exists():
            shutil.rmtree(folder, ignore_errors=True)
            venv.create(folder, with_pip=True)
            subprocess.run([folder / "bin/pip", "install", "-qq", *options], check=True)
            finished.touch()
    return folder


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@dataclass(slots=True)
class Server:
    """A process that serves until it is stopped, and can be started again at the same address.

    Attributes:
        ready: A URL that answers when the process is ready.
        url: The base URL that clients use.
    """

    command: Sequence[str]
    variables: Mapping[str, str]
    log: Path
    ready: str
    url: str = ""
    process: subprocess.Popen[bytes] = field(init=False)

    def start(self) -> None:
        """Start the process; its output is appended to the log. Raises RuntimeError."""
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                self.command,
                env=self.variables,
                cwd=self.log.parent,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        await_ready(self.process, self.ready, self.log)

    def has_ended(self) -> bool:
        """Return whether the process has ended by itself."""
        return self.process.poll() is not None

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(30)


@contextmanager
def running(
    command: Sequence[str], variables: Mapping[str, str], log: Path, ready: str, url: str = ""
) -> Iterator[Server]:
    """Run a process until the block ends, after the URL `ready` has answered; log its output."""
    server = Server(command, variables, log, ready, url)
    try:
        server.start()
        yield server
    finally:
        server.stop()


def await_ready(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    """Poll the URL until it answers. Raises RuntimeError if the process ends or time runs out."""
    for _ in range(START_TIMEOUT * 10):
        try:
            httpx.get(url, trust_env=False, timeout=START_TIMEOUT).raise_for_status()
        except httpx.HTTPError:  # not reachable, or still loading
            try:
                status = process.wait(0.1)
            except subprocess.TimeoutExpired:
                continue
            tail = log.read_text("utf-8", "replace")[-2000:]
            raise RuntimeError(f"the proxy ended with {status}:\n{tail}") from None
        else:
            return
    raise RuntimeError(f"the proxy did not answer within {START_TIMEOUT} s, see {log}")
