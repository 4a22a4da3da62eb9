"""The official SDKs and the frameworks by which cases can be sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal


@dataclass(frozen=True, slots=True)
class Sdk:
    """One SDK: `package` in `version`, run by `driver` against endpoints of its `protocols`.

    `extra`: the extra `[clients]` installs its current version, which is then used.
    `also`: packages that npm installs with it. The driver of a Go SDK is a folder below `go`, whose
    go.mod has the package and the version as well.
    """

    id: str
    protocols: tuple[str, ...]
    language: Literal["python", "node", "go", "ruby", "program"]
    package: str
    version: str
    driver: str
    extra: bool = False
    also: tuple[str, ...] = ()


# Scripts of the drivers. Those of SCRIPTS_WITHOUT_REQUEST take no request from the case.
SCRIPTS_WITHOUT_REQUEST: Final = ("models", "snippet")
SCRIPTS: Final = (
    *("plain", "stream", "events", "tools", "tools-stream", "count-tokens", "retry"),
    *("parse", "follow-up"),
    *SCRIPTS_WITHOUT_REQUEST,
)
_ANTHROPIC: Final = ("anthropic",)
_OPENAI: Final = ("openai",)
_ALL_OF_OPENAI: Final = ("openai", "responses", "embeddings")
_SDKS: Final = (
    # The code in the two documents of 2025 was written for these versions.
    Sdk("anthropic-python-0.69", _ANTHROPIC, "python", "anthropic", "0.69.0", "python_sdks.py"),
    Sdk("openai-python-1.109", _OPENAI, "python", "openai", "1.109.1", "python_sdks.py"),
    # The current versions at the time of writing.
    Sdk(
        *("anthropic-python", _ANTHROPIC, "python", "anthropic", "2.12.0", "python_sdks.py"),
        extra=True,
    ),
    Sdk(
        *("openai-python", _ALL_OF_OPENAI, "python", "openai", "3.54.0", "python_sdks.py"),
        extra=True,
    ),
    Sdk("anthropic-typescript", _ANTHROPIC, "node", "@anthropic-ai/sdk", "1.12.0", "anthropic.cjs"),
    Sdk("curl", _ANTHROPIC, "program", "curl", "", "curl.py"),
    Sdk("openai-typescript", _ALL_OF_OPENAI, "node", "openai", "7.57.0", "openai.cjs"),
    Sdk(
        *("anthropic-go", _ANTHROPIC, "go", "github.com/anthropics/anthropic-sdk-go/v2"),
        *("2.15.0", "anthropic"),
    ),
    Sdk("openai-go", _ALL_OF_OPENAI, "go", "github.com/openai/openai-go/v3", "3.98.0", "openai"),
    Sdk(
        *("openai-go-community", _OPENAI, "go", "github.com/sashabaranov/go-openai", "1.43.0"),
        "openai_community",
    ),
    Sdk(
        *("anthropic-go-community", _ANTHROPIC, "go", "github.com/liushuangls/go-anthropic/v2"),
        *("2.23.0", "anthropic_community"),
    ),
    Sdk("anthropic-ruby", _ANTHROPIC, "ruby", "anthropic", "1.65.0", "ruby/anthropic.rb"),
    Sdk("anthropic-rb", _ANTHROPIC, "ruby", "anthropic-rb", "0.6.0", "ruby/anthropic_rb.rb"),
    # Frameworks that speak to a gateway themselves. Version 7 of `ai` needs a newer Node.
    Sdk(
        *("vercel-ai-openai", _OPENAI, "node", "ai", "6.0.325", "vercel_ai.cjs"),
        also=("@ai-sdk/openai-compatible@2.0.92",),
    ),
    Sdk(
        *("vercel-ai-anthropic", _ANTHROPIC, "node", "ai", "6.0.325", "vercel_ai.cjs"),
        also=("@ai-sdk/anthropic@3.0.140",),
    ),
    Sdk(
        *("langchain-openai", _OPENAI, "python", "langchain-openai", "1.7.4"),
        "langchain_models.py",
    ),
    Sdk(
        *("langchain-anthropic", _ANTHROPIC, "python", "langchain-anthropic", "1.7.10"),
        "langchain_models.py",
    ),
)
SDKS: Final[dict[str, Sdk]] = {sdk.id: sdk for sdk in _SDKS}
