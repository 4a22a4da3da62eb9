"""The facts of a run, with which its transcript begins and its report ends; without secrets."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib import metadata
from typing import Any, Final

from harness.fire.redaction.exchange import ExchangeRedactor
from harness.fire.redaction.secrets import redact_url
from harness.model import Json, Pack, Plan, Target
from harness.model.options import FailOn
from harness.report.case_data import unselected_case
from harness.report.case_types import UnselectedData
from harness.report.data import EndpointData, RunFacts, TargetData
from harness.util.serialization import to_builtins, to_json

# Parts of a pack that the plans are built from; the header has the plans.
OMITTED: Final[Mapping[str, Any]] = {
    **{key: {} for key in ("body", "modes", "define", "panel", "headers", "other_protocols")},
    "folder": "",
    "cases": (),
}


@dataclass(frozen=True, slots=True)
class RunInfo:
    """The command that repeats a run, and its selection: `reasons` are those of other cases."""

    command: str = ""
    selection: Mapping[str, Any] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)


def own_version() -> str:
    """Return the version of the installed distribution, or 0 without one."""
    try:
        return metadata.version("llm-gateway-conformance")
    except metadata.PackageNotFoundError:
        return "0"


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def run_facts(
    target: Target,
    packs: Sequence[Pack],
    redact: Callable[[str], str],
    info: RunInfo,
    fail_on: FailOn,
) -> RunFacts:
    """Return the facts that are known before anything is judged."""
    return {
        "harness": own_version(),
        "target": target_facts(target, packs, redact),
        "selection": dict(info.selection),
        "command": redact(info.command),
        "fail_on": fail_on,
    }


def target_facts(target: Target, packs: Sequence[Pack], redact: Callable[[str], str]) -> TargetData:
    """Return the endpoints of the target that the packs use."""
    used = {protocol for pack in packs for protocol in pack.protocols}
    endpoints: list[EndpointData] = [
        {"protocol": name, "base_url": redact(endpoint.base_url), "model": endpoint.model}
        for name, endpoint in target.endpoints.items()
        if name in used
    ]
    base_url, model = endpoints[0]["base_url"], endpoints[0]["model"]
    named: TargetData = {"name": redact(target.name), "base_url": base_url, "model": model}
    if target.version:
        named["version"] = redact(target.version)
    if target.key_env:
        named["key_env"] = redact(target.key_env)
    if target.insecure:
        named["insecure"] = True
    return {**named, "fronts": endpoints}


def end_of_run(unexpected: Sequence[str], faulty: Sequence[str]) -> dict[str, Json]:
    """Return when a run ended, with the requests and the cases that need attention."""
    end: dict[str, Json] = {"finished": now(), "unexpected": [*unexpected]}
    return {**end, "faulty": [*faulty]} if faulty else end


def end_facts(started: str, footer: Mapping[str, Json]) -> RunFacts:
    """Return the facts of a run that has ended, from the footer of its transcript."""
    transport: RunFacts = {"transport": footer["transport"]} if "transport" in footer else {}
    return {
        **transport,
        "started": started,
        "finished": str(footer["finished"]),
        "requests": int(footer["requests"]),
        "reasons": [str(footer["reason"])] if footer["reason"] else [],
        "unexpected": list(footer.get("unexpected", ())),
    }


def not_judged(reason: str) -> str:
    """Return why a case was not judged: the first part of the reason why the run ended."""
    return f"not judged: {reason.partition('; ')[0]}" if reason else "not judged"


def not_selected(
    packs: Sequence[Pack], judged: Collection[str], info: RunInfo, otherwise: str
) -> list[UnselectedData]:
    """Return the entries of the cases that were not judged, each with its reason."""
    cases = [case for pack in packs for case in pack.cases if case.name not in judged]
    return [unselected_case(case, info.reasons.get(case.name, otherwise), packs) for case in cases]


def transcript_header(
    target: Target, packs: Mapping[str, Pack], plans: Sequence[Plan], redactor: ExchangeRedactor
) -> dict[str, Any]:
    """Return the data that are needed to judge the run again; `plans` is an iterator."""
    stored = to_json(target)
    for name, endpoint in stored["endpoints"].items():
        endpoint["base_url"] = redactor.text(redact_url(endpoint["base_url"]))
        endpoint["headers"] = redactor.request_headers(target.endpoints[name].headers)
    return {
        "target": stored,
        "packs": [to_json(replace(pack, **OMITTED)) for pack in packs.values()],
        "plans": map(resolved, plans),
    }


def resolved(plan: Plan) -> Json:
    """Return a plan as the transcript stores it: each assertion has its place."""
    return to_builtins(replace(plan, case=replace(plan.case, places={})))
