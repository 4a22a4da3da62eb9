"""xdist: the controller opens the target once; each worker fires its own items at it. Decides nothing."""

from __future__ import annotations

import glob
from pathlib import Path
from typing import Any

import pytest

from harness import transcript
from harness.errors import HarnessError
from harness.plugin.run import RUN, Run, is_case_file


class Controller:
    """Registered only where xdist distributes."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config

    def pytest_configure_node(self, node: Any) -> None:
        """Tells a worker where the target is, and its share of the limits. Raises UsageError."""
        run = self.config.stash[RUN]
        if not has_cases(self.config):
            return
        try:
            if run.opened is None:
                run.open()
                run.session.fire([])
                run.session.preflight(next(iter(run.session.packs.values())))
        except HarnessError as error:
            run.close(str(error))
            raise pytest.UsageError(str(error)) from error
        share = max(1, len(self.config.getoption("tx") or ()))
        target = run.session.target
        node.workerinput["llm"] = {
            "id": node.gateway.id,
            "html": bool(self.config.getoption("htmlpath", None)),
            "options": {
                "base_url": next(iter(target.fronts.values())).base_url if target.builtin else run.options.base_url,
                "concurrency": max(1, target.concurrency // share),
                "rpm": target.rpm / share,
            },
        }


def has_cases(config: pytest.Config) -> bool:
    """Whether any of pytest's arguments is a case file, or a folder with some."""
    for argument in config.args:
        path = config.invocation_params.dir / argument.partition("::")[0]
        if is_case_file(path) or (path.is_dir() and any(path.rglob("pack.yaml"))):
            return True
    return False


def merge(run: Run) -> None:
    """The workers' transcripts -> one; a control that several fired stands there once."""
    if run.out is None:
        return
    parts = sorted(glob.glob(str(run.out / "transcript.gw*.jsonl")))
    if not parts:
        return
    seen: set[str] = set()
    with transcript.Writer(run.out / "transcript.jsonl") as writer:
        for index, part in enumerate(parts):
            header, exchanges, _ = transcript.read(part)
            if index == 0:
                writer.header(header)
            for exchange in exchanges:
                if exchange.shot not in seen:
                    writer.exchange(exchange)
                seen.add(exchange.shot)
        writer.footer({"finished": run.finished, "requests": len(seen), "reason": "merged"})
    for part in parts:
        Path(part).unlink()



