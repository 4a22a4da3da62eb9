"""The official SDKs by which cases can be sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal


@dataclass(frozen=True, slots=True)
class Sdk:
    """One SDK: `package` in `version`, run by `driver` against the endpoint of `protocol`.

    `extra`: the extra `[clients]` installs its current version, which is then used.
    """

    id: str
    protocol: str
    language: Literal["python", "node", "program"]
    package: str
    version: str
    driver: str
    extra: bool = False


# Scripts of the drivers. Those of SCRIPTS_WITHOUT_REQUEST take no request from the case.
SCRIPTS_WITHOUT_REQUEST: Final = ("models", "snippet")
SCRIPTS: Final = (
    *("plain", "stream", "events", "tools", "tools-stream", "count-tokens", "retry"),
    *SCRIPTS_WITHOUT_REQUEST,
)
_SDKS: Final = (
    # The code in the two documents of 2025 was written for these versions.
    Sdk("anthropic-python-0.69", "anthropic", "python", "anthropic", "0.69.0", "python_sdks.py"),
    Sdk("openai-python-1.109", "openai", "python", "openai", "1.109.1", "python_sdks.py"),
    # The current versions at the time of writing.
    Sdk(
        *("anthropic-python", "anthropic", "python", "anthropic", "2.12.0", "python_sdks.py"),
        extra=True,
    ),
    Sdk("openai-python", "openai", "python", "openai", "3.54.0", "python_sdks.py", extra=True),
    Sdk(
        "anthropic-typescript", "anthropic", "node", "@anthropic-ai/sdk", "1.12.0", "anthropic.cjs"
    ),
    Sdk("curl", "anthropic", "program", "curl", "", "curl.py"),
    Sdk("openai-typescript", "openai", "node", "openai", "7.57.0", "openai.cjs"),
)
SDKS: Final[dict[str, Sdk]] = {sdk.id: sdk for sdk in _SDKS}
