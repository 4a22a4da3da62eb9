"""A run that is whole -> the in-toto Statement about it. Pure; may not sign it.

The predicate is https://in-toto.io/attestation/test-result/v0.1; what that has no word for stands
under `conformance`:

kill_matrix  SHA-256 over the lines MUTANT <tab> PACK/CASE <tab> RULE <line feed>, sorted, of all
             mutants whose case is one of these packs: what the cases are known to catch.
tls          the SHA-256 of each certificate that the front showed during the run; null without TLS.
nonce        the verifier's word that went with every request, where one did.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from harness.certify.run_folder import Filed
from harness.fire.request import NONCE
from harness.model import Pack
from harness.prove.matrix import mutants_of_cases
from harness.report.profiles import overall_result, profiles
from harness.run.replay import RecordedRun
from harness.testbed.mutants import MUTANTS

KIND: Final = "application/vnd.in-toto+json"
STATEMENT: Final = "https://in-toto.io/Statement/v1"
PREDICATE: Final = "https://in-toto.io/attestation/test-result/v0.1"
FORMAT: Final = 1
PORTS: Final = {"http": 80, "https": 443}


def statement(one: Filed, packs: Iterable[Pack] = ()) -> dict[str, Any]:
    """By the requirements of `packs`, or those that the transcript itself has."""
    known = list(packs) or list(one.run.packs)
    told = conformance(one, known)
    return {
        "_type": STATEMENT,
        "subject": [{"name": n, "digest": {"sha256": d}} for n, d in one.digests.items()],
        "predicateType": PREDICATE,
        "predicate": {
            "result": word(told),
            "configuration": [*configuration(told)],
            **{f"{key}Tests": names(one, said) for key, said in SAID.items()},
            "conformance": told,
        },
    }


SAID: Final = {"passed": "pass", "warned": "warn", "failed": "fail"}


def names(one: Filed, outcome: str) -> list[str]:
    cases = one.again["cases"]
    return [f"{case['pack']}/{case['id']}" for case in cases if case["outcome"] == outcome]


def word(told: Mapping[str, Any]) -> str:
    """One of the predicate's three."""
    if told["result"] == "non-conformant":
        return "FAILED"
    return "WARNED" if told["result"] == "partial" or told["totals"]["warn"] else "PASSED"


def conformance(one: Filed, packs: list[Pack]) -> dict[str, Any]:
    report, nonce = one.again, nonce_of(one.run)
    found = profiles(packs, report["cases"], report["not_selected"])
    return {
        "format": FORMAT,
        "harness": report["harness"],
        "target": target(one.run, report["target"]),
        "packs": [
            {
                "id": pack.id,
                "version": pack.version,
                "digest": pack.digest,
                "requirements": pack.frozen.digest if pack.frozen else "",
            }
            for pack in packs
        ],
        "kill_matrix": kill_matrix(one.run),
        "started": report["started"],
        "finished": one.run.ended["finished"],
        "requests": report["requests"],
        "result": overall_result(found),
        "totals": dict(report["totals"]),
        "profiles": found,
        **({"nonce": nonce} if nonce else {}),
    }


def target(run: RecordedRun, told: Mapping[str, Any]) -> dict[str, Any]:
    """Where it was, and whom it showed itself to be."""
    fronts = [{**front, "tls": peers(run, front["base_url"])} for front in told["fronts"]]
    said = run.header["target"]
    claims = [f"{one['row']}: {one['behaviour']}" for one in said["deviations"]]
    return {
        **{key: told[key] for key in ("name", "model")},
        "fronts": fronts,
        "lacks": list(said["lacks"]),
        "claims": claims,
    }


def peers(run: RecordedRun, url: str) -> list[str] | None:
    """None without TLS; empty where the run saw no certificate."""
    parts = urlsplit(url)
    if parts.scheme != "https":
        return None
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    port = f":{parts.port}" if parts.port not in (None, PORTS[parts.scheme]) else ""
    known = (run.header.get("peers", {}), run.ended.get("peers", {}))
    shown = (one for some in known for one in some.get(f"https://{host}{port}", ()))
    return list(dict.fromkeys(shown))


def nonce_of(run: RecordedRun) -> str:
    """The one that the target was asked with; empty where there was none."""
    fronts = run.header["target"]["endpoints"].values()
    pairs = (pair for front in fronts for pair in front["headers"])
    return next((str(value) for name, value in pairs if name.lower() == NONCE), "")


def kill_matrix(run: RecordedRun) -> str:
    protocols = {pack.id: pack.protocol for pack in run.packs}
    planned = [(plan.case.pack, plan.case.name) for plan in run.plans]
    left = [(case["pack"], f"{case['pack']}/{case['id']}") for case in run.left_out]
    home = mutants_of_cases(MUTANTS, {name: protocols[pack] for pack, name in (*planned, *left)})
    lines = sorted(f"{m.id}\t{m.case}\t{m.rule}\n" for m in home.values())
    return f"sha256:{hashlib.sha256(''.join(lines).encode()).hexdigest()}"


def configuration(told: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """ResourceDescriptors: what decided about the verdicts."""
    for pack in told["packs"]:
        notes = {"version": pack["version"]}
        yield described(pack["id"], pack["digest"], notes)
        yield described(f"{pack['id']}/requirements", pack["requirements"], notes)
    yield described("kill-matrix", told["kill_matrix"], {"harness": told["harness"]})


def described(name: str, digest: str, notes: Mapping[str, str]) -> dict[str, Any]:
    kind, _, value = digest.partition(":")
    return {"name": name, "digest": {kind: value}, "annotations": dict(notes)}
