"""A real gateway, LiteLLM's proxy, in an environment of its own. Nothing leaves this machine."""

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

HERE = Path(__file__).parent
KEY = "sk-real-lane-0123456789abcdef"
PATIENCE = 180  # seconds until the proxy must answer; a cold disk takes most of them


def cache() -> Path:
    """Where environments are kept between runs: outside the checkout, or where the caller says."""
    chosen = os.environ.get("LLM_CONFORMANCE_CACHE")
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(chosen) if chosen else Path(home) / "llm-gateway-conformance"


def environment() -> Path:
    """The folder of the proxy's environment, installed when these requirements have none yet."""
    files = [HERE / "requirements.txt", HERE / "constraints.txt"]
    text = sys.version + "".join(file.read_text("utf-8") for file in files)
    folder = cache() / f"litellm-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
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
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port: int = door.getsockname()[1]
        return port


def surroundings(folder: Path, provider: str) -> dict[str, str]:
    """No key and no proxy of ours reaches it, and whatever wants to go out meets a closed door."""
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
    """LiteLLM's base URL, while it runs. `provider`: the base URL of what stands behind it."""
    folder, port = environment(), free_port()
    command = [
        str(folder / "bin/litellm"),
        *("--config", str(HERE / config), "--telemetry", "False"),
        *("--host", "127.0.0.1", "--port", str(port)),
    ]
    ready = f"http://127.0.0.1:{port}/health/liveliness"
    with running(command, surroundings(folder, provider), log, ready):
        yield f"http://127.0.0.1:{port}/v1"


@contextmanager
def running(
    command: Sequence[str], surroundings: Mapping[str, str], log: Path, ready: str
) -> Iterator[None]:
    """A process that has answered at `ready`, and what it says in `log`."""
    with log.open("wb") as out:
        process = subprocess.Popen(
            command,
            env=surroundings,
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
    """Asks until it answers. Between times it waits for its end: a proxy that dies is seen."""
    for _ in range(PATIENCE * 10):
        try:
            httpx.get(url, trust_env=False, timeout=PATIENCE).raise_for_status()
        except httpx.TransportError:
            try:
                status = process.wait(0.1)
            except subprocess.TimeoutExpired:
                continue
            tail = log.read_text("utf-8", "replace")[-2000:]
            raise RuntimeError(f"the proxy ended with {status}:\n{tail}") from None
        else:
            return
    raise RuntimeError(f"the proxy did not answer within {PATIENCE} s, see {log}")
