"""Makes the in-toto Statement about a complete run.

The predicate is https://in-toto.io/attestation/test-result/v0.1. Facts for which it has no key are
under `conformance`; among them:

kill_matrix  SHA-256 over the lines MUTANT <tab> PACK/CASE <tab> RULE <line feed>, sorted, of all
             mutants whose case belongs to these packs: what the cases are known to detect.
tls          the SHA-256 of each certificate that the endpoint presented; null without TLS.
nonce        the verifier's value that was sent with every request, if there was one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from harness.certify.run_folder import RunFolder
from harness.fire.request import NONCE
from harness.model import Pack
from harness.prove.matrix import mutants_of_cases
from harness.report.data import TargetData
from harness.report.faults import case_name
from harness.report.profiles import overall_result, profiles
from harness.run.replay import RecordedRun
from harness.testbed.mutants import MUTANTS

PAYLOAD_TYPE: Final = "application/vnd.in-toto+json"
STATEMENT: Final = "https://in-toto.io/Statement/v1"
PREDICATE: Final = "https://in-toto.io/attestation/test-result/v0.1"
FORMAT: Final = 2  # 1 was the format of version 0.1
PORTS: Final = {"http": 80, "https": 443}
TESTS: Final = {"passedTests": "pass", "warnedTests": "warn", "failedTests": "fail"}


def make_statement(loaded: RunFolder, packs: Sequence[Pack] = ()) -> dict[str, Any]:
    """Return the Statement, with the requirements of these packs or those in the transcript."""
    conformance = conformance_data(loaded, [*(packs or loaded.run.packs)])
    covered = {n: d for n, d in loaded.digests.items() if n not in loaded.different}
    return {
        "_type": STATEMENT,
        "subject": [{"name": n, "digest": {"sha256": d}} for n, d in covered.items()],
        "predicateType": PREDICATE,
        "predicate": {
            "result": predicate_result(conformance),
            "configuration": [*configuration(conformance)],
            **{key: case_names(loaded, outcome) for key, outcome in TESTS.items()},
            "conformance": conformance,
        },
    }


def case_names(loaded: RunFolder, outcome: str) -> list[str]:
    return [case_name(case) for case in loaded.rejudged["cases"] if case["outcome"] == outcome]


def predicate_result(conformance: Mapping[str, Any]) -> str:
    if conformance["result"] == "non-conformant":
        return "FAILED"
    warned = conformance["result"] == "partial" or conformance["totals"]["warn"]
    return "WARNED" if warned else "PASSED"


def conformance_data(loaded: RunFolder, packs: list[Pack]) -> dict[str, Any]:
    report, nonce = loaded.rejudged, run_nonce(loaded.run)
    results = profiles(packs, report["cases"], report["not_selected"])
    return {
        "format": FORMAT,
        "harness": report["harness"],
        "target": target_data(loaded.run, report["target"]),
        "packs": [
            {
                "id": pack.id,
                "version": pack.version,
                "digest": pack.digest,
                "requirements": pack.frozen.digest if pack.frozen else "",
            }
            for pack in packs
        ],
        "kill_matrix": kill_matrix_digest(loaded.run),
        "started": report["started"],
        "finished": loaded.run.ended["finished"],
        "requests": report["requests"],
        "result": overall_result(results),
        "totals": dict(report["totals"]),
        "profiles": results,
        **({"nonce": nonce} if nonce else {}),
    }


def run_nonce(run: RecordedRun) -> str:
    """Return the nonce in the target's headers; empty if there is none."""
    endpoints = run.header["target"]["endpoints"].values()
    headers = (header for endpoint in endpoints for header in endpoint["headers"])
    return next((str(value) for name, value in headers if name.lower() == NONCE), "")


def target_data(run: RecordedRun, target: TargetData) -> dict[str, Any]:
    header = run.header["target"]
    return {
        "name": target["name"],
        **{key: target[key] for key in ("version", "insecure") if key in target},
        "model": target["model"],
        "endpoints": [
            {**endpoint, "tls": tls_certificates(run, endpoint["base_url"])}
            for endpoint in target["fronts"]
        ],
        "lacks": list(header["lacks"]),
        "claims": [f"{one['row']}: {one['behaviour']}" for one in header["deviations"]],
    }


def tls_certificates(run: RecordedRun, url: str) -> list[str] | None:
    """Return the digests of a host's certificates: None without TLS, empty if none was seen."""
    parts = urlsplit(url)
    if parts.scheme != "https":
        return None
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    port = f":{parts.port}" if parts.port not in (None, PORTS[parts.scheme]) else ""
    peers = (run.header.get("peers", {}), run.ended.get("peers", {}))
    digests = (digest for hosts in peers for digest in hosts.get(f"https://{host}{port}", ()))
    return list(dict.fromkeys(digests))


def kill_matrix_digest(run: RecordedRun) -> str:
    protocols = {pack.id: pack.protocol for pack in run.packs}
    cases = {plan.case.name: protocols[plan.case.pack] for plan in run.plans}
    cases |= {case_name(case): protocols[case["pack"]] for case in run.not_run}
    mutants = mutants_of_cases(MUTANTS, cases).values()
    lines = sorted(f"{m.id}\t{m.case}\t{m.rule}\n" for m in mutants)
    return f"sha256:{hashlib.sha256(''.join(lines).encode()).hexdigest()}"


def configuration(conformance: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """ResourceDescriptors of everything that decides the verdicts."""
    for pack in conformance["packs"]:
        notes = {"version": pack["version"]}
        yield descriptor(pack["id"], pack["digest"], notes)
        yield descriptor(f"{pack['id']}/requirements", pack["requirements"], notes)
    notes = {"harness": conformance["harness"]}
    yield descriptor("kill-matrix", conformance["kill_matrix"], notes)


def descriptor(name: str, digest: str, notes: Mapping[str, str]) -> dict[str, Any]:
    kind, _, value = digest.partition(":")
    return {"name": name, "digest": {kind: value}, "annotations": dict(notes)}
