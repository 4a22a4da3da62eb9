"""Starts LiteLLM's proxy in an environment of its own, without access to the network."""

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
from pathlib import Path

import httpx

FOLDER = Path(__file__).parent
KEY = "sk-real-gateway-0123456789abcdef"
START_TIMEOUT = 180  # seconds; a cold disk takes most of them


def cache_folder() -> Path:
    """The folder that keeps environments between runs; LLM_CONFORMANCE_CACHE overrides it."""
    chosen = os.environ.get("LLM_CONFORMANCE_CACHE")
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(chosen) if chosen else Path(home) / "llm-gateway-conformance"


def environment() -> Path:
    """Return the folder of the proxy's environment. Install it if the requirements are new."""
    files = [FOLDER / "requirements.txt", FOLDER / "constraints.txt"]
    text = sys.version + "".join(file.read_text("utf-8") for file in files)
    folder = cache_folder() / f"litellm-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
    finished = folder / "finished"
    if not finished.exists():
        shutil.rmtree(folder, ignore_errors=True)
        venv.create(folder, with_pip=True)
        subprocess.run(
            [folder / "bin/pip", "install", "-qq", "-r", files[0], "-c", files[1]], check=True
        )
        finished.touch()
    return folder


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def variables(folder: Path, provider: str) -> dict[str, str]:
    """Environment variables without our keys and proxies; other hosts are unreachable."""
    return {
        "PATH": f"{folder / 'bin'}{os.pathsep}{os.defpath}",
        "HOME": str(folder),
        "LITELLM_MASTER_KEY": KEY,
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "PROVIDER_URL": provider,
        "PROVIDER_MESSAGES_URL": provider.removesuffix("/v1"),
        "HTTP_PROXY": "http://127.0.0.1:9",
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "NO_PROXY": "127.0.0.1,localhost",
    }


@contextmanager
def proxy(
    log: Path, provider: str = "http://127.0.0.1:9/v1", config: str = "litellm.yaml"
) -> Iterator[str]:
    """Run LiteLLM with the given provider URL and yield its base URL."""
    folder, port = environment(), free_port()
    command = [
        str(folder / "bin/litellm"),
        *("--config", str(FOLDER / config), "--telemetry", "False"),
        *("--host", "127.0.0.1", "--port", str(port)),
    ]
    ready = f"http://127.0.0.1:{port}/health/liveliness"
    with running(command, variables(folder, provider), log, ready):
        yield f"http://127.0.0.1:{port}/v1"


@contextmanager
def running(
    command: Sequence[str], variables: Mapping[str, str], log: Path, ready: str
) -> Iterator[None]:
    """Run a process until the block ends, after the URL `ready` has answered; log its output."""
    with log.open("wb") as out:
        process = subprocess.Popen(
            command,
            env=variables,
            cwd=log.parent,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
        try:
            await_ready(process, ready, log)
            yield
        finally:
            process.terminate()
            process.wait(30)


def await_ready(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    """Poll the URL until it answers. Raises RuntimeError if the process ends or time runs out."""
    for _ in range(START_TIMEOUT * 10):
        try:
            httpx.get(url, trust_env=False, timeout=START_TIMEOUT).raise_for_status()
        except httpx.TransportError:
            try:
                status = process.wait(0.1)
            except subprocess.TimeoutExpired:
                continue
            tail = log.read_text("utf-8", "replace")[-2000:]
            raise RuntimeError(f"the proxy ended with {status}:\n{tail}") from None
        else:
            return
    raise RuntimeError(f"the proxy did not answer within {START_TIMEOUT} s, see {log}")
