"""The --llm-* options of pytest -> Options. May not read files."""

from __future__ import annotations

import re

import pytest

from harness.session import Options

HEADER = re.compile(r"^([!#$%&'*+.^_`|~0-9A-Za-z-]+):\s*(.*)$")


def add_options(parser: pytest.Parser) -> None:
    group = parser.getgroup("llm", "conformance of LLM gateways")
    group.addoption("--llm-target", default="builtin", metavar="TARGET", help="a name, a file or a base URL (default: builtin)")
    group.addoption("--llm-pack", action="append", default=[], metavar="P", help="a pack's name or folder (default: the target's)")
    group.addoption("--llm-case", action="append", default=[], metavar="ID", help="only this case")
    group.addoption("--llm-feature", action="append", default=[], metavar="F", help="an opt-in feature to test as well")
    group.addoption("--llm-model", default="", metavar="M", help="the model to ask for")
    group.addoption("--llm-base-url", default="", metavar="URL", help="the base URL, in place of the target's")
    group.addoption("--llm-api-key-env", default="", metavar="VAR", help="the variable that holds the API key")
    group.addoption("--llm-header", action="append", default=[], metavar="K:V", help="a header for every request")
    group.addoption("--llm-out", default="", metavar="DIR", help="write report.json and its companions here")
    group.addoption("--llm-concurrency", type=int, default=0, metavar="N", help="requests in flight (default: 32)")
    group.addoption("--llm-rpm", type=float, default=0.0, metavar="N", help="requests a minute")
    group.addoption("--llm-timeout", type=float, default=60.0, metavar="S", help="seconds for one answer (default: 60)")
    group.addoption("--llm-fail-on", choices=["fail", "warn"], default="fail", help="what a case fails on")
    group.addoption("--llm-require", choices=["", "conformant"], default="", help="exit 1 when only partial")
    group.addoption("--llm-command", default="", metavar="TEXT", help="how the report says to repeat this run")


def options_of(config: pytest.Config) -> Options:
    get = config.getoption
    for option in ("--llm-concurrency", "--llm-rpm"):
        if get(option) < 0:
            raise pytest.UsageError(f"{option} takes a number above 0")
    if get("--llm-timeout") <= 0:
        raise pytest.UsageError("--llm-timeout takes a number of seconds above 0")
    return Options(
        target=get("--llm-target"),
        packs=tuple(get("--llm-pack")),
        model=get("--llm-model"),
        base_url=get("--llm-base-url"),
        api_key_env=get("--llm-api-key-env"),
        headers=tuple(header(text) for text in get("--llm-header")),
        features=tuple(get("--llm-feature")),
        concurrency=get("--llm-concurrency"),
        rpm=get("--llm-rpm"),
        timeout=get("--llm-timeout"),
    )


def header(text: str) -> tuple[str, str]:
    found = HEADER.match(text)
    if not found:
        raise pytest.UsageError(f"--llm-header takes NAME:VALUE, not `{text}`")
    return found[1], found[2].strip()
