"""The SDKs that stand for a target's users: one record for each. Data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal


@dataclass(frozen=True, slots=True)
class Sdk:
    """`package` in `version`, run by `driver` against the front of `protocol`.

    `extra`: the extra `[clients]` brings it, in its current version; what is installed is used.
    """

    id: str
    protocol: str
    language: Literal["python", "node", "program"]
    package: str
    version: str
    driver: str
    extra: bool = False


# What an SDK is asked for, by the name of the driver's script; these take no request of the case.
UNASKED: Final = ("models", "snippet")
SCRIPTS: Final = (
    *("plain", "stream", "events", "tools", "tools-stream", "count-tokens", "retry"),
    *UNASKED,
)
SDKS: Final[dict[str, Sdk]] = {
    sdk.id: sdk
    for sdk in (
        # The two documents are of 2025: their code was written against these.
        Sdk(
            "anthropic-python-0.69",
            "anthropic",
            "python",
            "anthropic",
            "0.69.0",
            "python_anthropic.py",
        ),
        Sdk("openai-python-1.109", "openai", "python", "openai", "1.109.1", "python_openai.py"),
        # The current ones, at the time of writing.
        Sdk(
            "anthropic-python",
            "anthropic",
            "python",
            "anthropic",
            "2.12.0",
            "python_anthropic.py",
            True,
        ),
        Sdk("openai-python", "openai", "python", "openai", "3.54.0", "python_openai.py", True),
        Sdk(
            "anthropic-typescript",
            "anthropic",
            "node",
            "@anthropic-ai/sdk",
            "1.12.0",
            "anthropic.cjs",
        ),
        Sdk("curl", "anthropic", "program", "curl", "", "curl.py"),
        Sdk("openai-typescript", "openai", "node", "openai", "7.57.0", "openai.cjs"),
    )
}
