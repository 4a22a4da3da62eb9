"""Starts LiteLLM's proxy in an environment of its own, without access to the network."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.real.environments import Server, free_port, python_environment, running

FOLDER = Path(__file__).parent
KEY = "sk-real-gateway-0123456789abcdef"


def environment() -> Path:
    """Return the folder of the proxy's environment. Install it if the requirements are new."""
    requirements, constraints = FOLDER / "requirements.txt", FOLDER / "constraints.txt"
    options = ("-r", requirements, "-c", constraints)
    return python_environment("litellm", (requirements, constraints), *options)


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
) -> Iterator[Server]:
    """Run LiteLLM with the given provider URL."""
    folder, port = environment(), free_port()
    command = [
        str(folder / "bin/litellm"),
        *("--config", str(FOLDER / config), "--telemetry", "False"),
        *("--host", "127.0.0.1", "--port", str(port)),
    ]
    ready = f"http://127.0.0.1:{port}/health/liveliness"
    url = f"http://127.0.0.1:{port}/v1"
    with running(command, variables(folder, provider), log, ready, url) as server:
        yield server
