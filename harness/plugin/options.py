"""The --llm-* options of pytest -> Options. May not read files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from harness.run import Options

HEADER: Final = re.compile(r"^([!#$%&'*+.^_`|~0-9A-Za-z-]+):\s*(.*)$", re.DOTALL)
SHARD: Final = re.compile(r"([1-9]\d{0,4})/([1-9]\d{0,4})")
LIST: Final[dict[str, Any]] = {"action": "append", "default": []}
TEXT: Final[dict[str, Any]] = {"default": ""}
NUMBERS: Final = tuple(
    f"--llm-{name}"
    for name in (
        "concurrency",
        "rpm",
        "tpm",
        "timeout",
        "max-requests",
        "max-tokens",
        "max-seconds",
    )
)
# Option, metavar, what it does, and argparse's keywords.
OPTIONS: Final[tuple[tuple[str, str, str, dict[str, Any]], ...]] = (
    ("target", "TARGET", "a name, a file or a base URL (default: builtin)", {"default": "builtin"}),
    ("pack", "P", "a pack's name or folder (default: what is named, else the target's)", LIST),
    ("case", "ID", "only this case", LIST),
    ("feature", "F", "an opt-in feature to test as well", LIST),
    ("model", "M", "the model to ask for", TEXT),
    ("base-url", "URL", "the base URL, in place of the target's", TEXT),
    ("api-key-env", "VAR", "the variable that holds the API key", TEXT),
    ("header", "K:V", "a header for every request", LIST),
    ("out", "DIR", "write report.json and its companions here", TEXT),
    ("concurrency", "N", "requests in flight (default: 32)", {"type": int, "default": 0}),
    ("tier", "T", "keep to the limits of this tier of the target's", TEXT),
    ("rpm", "N", "requests a minute", {"type": float, "default": 0.0}),
    ("tpm", "N", "tokens a minute", {"type": float, "default": 0.0}),
    ("timeout", "S", "seconds for one answer (default: 60)", {"type": float, "default": 60.0}),
    ("upstream", "HOST:PORT", "play the provider there, behind the gateway under test", TEXT),
    ("shard", "I/N", "only the I-th of N parts, each of about as many requests", TEXT),
    ("repeat", "N", "judge every case N times", {"type": int, "default": 1}),
    ("max-requests", "N", "stop after N requests", {"type": int, "default": 0}),
    ("max-tokens", "N", "stop at about N tokens", {"type": float, "default": 0.0}),
    ("max-seconds", "S", "send nothing after S seconds", {"type": float, "default": 0.0}),
    ("claims", "FILE", "what the target says of itself; judged, never trusted", TEXT),
    ("baseline", "FILE", "deviations that are accepted; a new, mended or expired one fails", TEXT),
    ("command", "TEXT", "how the report says to repeat this run", TEXT),
)


def add_options(parser: pytest.Parser) -> None:
    group = parser.getgroup("llm", "conformance of LLM gateways")
    for name, metavar, says, keywords in OPTIONS:
        group.addoption(f"--llm-{name}", metavar=metavar, help=says, **keywords)
    group.addoption(
        "--llm-clients", action="store_true", help="ask through the official SDKs as well"
    )
    group.addoption(
        "--llm-resume", action="store_true", help="go on with the run whose transcript is there"
    )
    group.addoption(
        "--llm-smoke", action="store_true", help="only the few cases that catch the most"
    )
    group.addoption(
        "--llm-dry-run", action="store_true", help="only tell what would be sent, and its cost"
    )
    group.addoption(
        "--llm-fail-on", choices=["fail", "warn"], default="fail", help="what a case fails on"
    )
    group.addoption(
        "--llm-require", choices=["", "conformant"], default="", help="exit 1 when only partial"
    )


def check(config: pytest.Config) -> None:
    """Raises pytest.UsageError for a value that makes no sense."""
    get = config.getoption
    for option in NUMBERS:
        if not 0 <= get(option) < float("inf") or (option == "--llm-timeout" and not get(option)):
            raise pytest.UsageError(f"{option} takes a number above 0")
    if get("--llm-resume") and not get("--llm-out"):
        raise pytest.UsageError("--llm-resume needs the --llm-out of the run that is to go on")
    if get("--llm-shard"):
        place(get("--llm-shard"))
    if get("--llm-repeat") < 1:
        raise pytest.UsageError("--llm-repeat takes a number from 1 on")
    for text in get("--llm-header"):
        header(text)


def options_of(config: pytest.Config) -> Options:
    from harness.run import Options

    get = config.getoption
    return Options(
        target=get("--llm-target"),
        packs=tuple(get("--llm-pack")),
        model=get("--llm-model"),
        base_url=get("--llm-base-url"),
        api_key_env=get("--llm-api-key-env"),
        headers=tuple(map(header, get("--llm-header"))),
        features=tuple(get("--llm-feature")),
        concurrency=get("--llm-concurrency"),
        rpm=get("--llm-rpm"),
        tpm=get("--llm-tpm"),
        tier=get("--llm-tier"),
        timeout=get("--llm-timeout"),
        upstream=get("--llm-upstream"),
        claims=get("--llm-claims"),
        max_requests=get("--llm-max-requests"),
        max_tokens=get("--llm-max-tokens"),
        max_seconds=get("--llm-max-seconds"),
        dry_run=get("--llm-dry-run"),
        repeat=get("--llm-repeat"),
        resume=get("--llm-resume"),
    )


def place(shard: str) -> tuple[int, int]:
    """`2/3` -> (2, 3). Raises pytest.UsageError."""
    found = SHARD.fullmatch(shard)
    if not found or int(found[1]) > int(found[2]):
        raise pytest.UsageError(f"--shard {shard}: write I/N, as 1/3, 2/3 and 3/3")
    return int(found[1]), int(found[2])


def header(text: str) -> tuple[str, str]:
    """What is wrong is not repeated: it may well be a key."""
    found = HEADER.match(text)
    if not found:
        raise pytest.UsageError("a header is NAME:VALUE, and one of those given is not")
    name, value = found[1], found[2].strip()
    if not value.isprintable():
        raise pytest.UsageError(f"the header {name} holds a character that no header can")
    return name, value
