"""xdist: the controller opens the target once; each worker fires its own items at it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness.plugin import pages
from harness.plugin.run import Run
from harness.run import now, transcript
from harness.util.errors import HarnessError


class Controller:
    """Registered only where xdist distributes, and only with its controller."""

    def __init__(self, run: Run) -> None:
        self.run = run

    def pytest_configure_node(self, node: Any) -> None:
        """Tells a worker where the target is, and its share of the limits. Raises UsageError."""
        run, share = self.run, max(1, len(node.nodemanager.specs))
        if run.options.dry_run:
            raise pytest.UsageError("a dry run sends nothing: leave out -n")
        if run.options.resume:
            raise pytest.UsageError("a run is resumed by one process: leave out -n")
        try:
            if run.session.engine is None:
                self.open()
        except HarnessError as error:
            run.close(str(error))
            pages.silence(run.config)
            raise pytest.UsageError(str(error)) from error
        target = run.session.target
        endpoint = next(iter(target.endpoints.values()))
        node.workerinput["llm"] = {
            "id": node.gateway.id,
            "html": bool(run.config.getoption("htmlpath", None)),
            "options": {
                "packs": run.session.options.packs,
                "base_url": endpoint.base_url if target.builtin else run.options.base_url,
                "concurrency": max(1, target.concurrency // share),
                "rpm": target.rpm / share,
                "tpm": target.tpm / share,
                "max_requests": -(-run.options.max_requests // share),
                "max_tokens": run.options.max_tokens / share,
            },
        }

    def open(self) -> None:
        """The first call, and what the workers could only say one by one."""
        run = self.run
        packs = list(run.session.packs.values())
        run.select([case for pack in packs for case in pack.cases])
        run.open()
        for part in parts(run):
            part.unlink()
        run.session.fire([])
        run.session.preflight(packs[-1])

    def pytest_testnodedown(self, node: Any) -> None:
        ended = getattr(node, "workeroutput", {}).get("llm", {"requests": 0, "over": ""})
        self.run.requests += ended["requests"]
        self.run.session.budget.over = self.run.session.budget.over or ended["over"]

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        try:
            merge(self.run)
        except HarnessError as error:
            self.run.said.append(f"the workers' transcripts are left as they are: {error}")


def parts(run: Run) -> list[Path]:
    return sorted(run.out.glob("transcript.gw*.jsonl")) if run.out else []


def merge(run: Run) -> None:
    """The workers' transcripts -> one; a control that several fired stands there once."""
    found = [transcript.read(part) for part in parts(run)]
    if not found or run.out is None:
        return
    plans = {
        (plan["case"]["pack"], plan["case"]["id"]): plan
        for header, _, _ in found
        for plan in header["plans"]
    }
    exchanges = {one.shot: one for _, some, _ in reversed(found) for one in some}
    with transcript.Writer(run.out / "transcript.jsonl") as writer:
        told = {"plans": list(plans.values()), "started": run.session.started}
        writer.header({**found[0][0], **told})
        for exchange in exchanges.values():
            writer.exchange(exchange)
        footers = [footer for _, _, footer in found if footer is not None]
        if len(footers) == len(found):
            requests = run.requests + run.session.requests
            reason = next((str(f["reason"]) for f in footers if f["reason"]), "")
            unjudged = [
                n for n in footers[0]["unjudged"] if all(n in f["unjudged"] for f in footers)
            ]
            ended = {"finished": now(), "requests": requests, "reason": reason}
            writer.footer({**ended, "unjudged": unjudged, "peers": met(footers)})
    for part in parts(run):
        part.unlink()


def met(footers: list[dict[str, Any]]) -> dict[str, list[str]]:
    """The certificates that any worker was shown, by origin."""
    pairs = [(url, one) for f in footers for url, some in f["peers"].items() for one in some]
    return {url: [*dict.fromkeys(one for at, one in pairs if at == url)] for url, _ in pairs}
