"""A certificate is valid for the exact files of a run and its verdicts, and nothing else."""

from __future__ import annotations

import base64
import hashlib
import json
import random
import shutil
import stat
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import SSlibKey

from harness.certify import (
    PAYLOAD_TYPE,
    dsse,
    load_run_folder,
    make_statement,
    verify_certificate,
)
from harness.certify.cases import check_nonce, local_packs
from harness.certify.run_folder import RENDERED
from harness.certify.statement import tls_certificates
from harness.certify.verify import check_signatures
from harness.load.requirements import requirements_path
from harness.model import Script
from harness.report.report_file import format_report
from harness.run import Options, load_session, outputs, transcript
from harness.run.recorded_exchanges import exchanges_of
from harness.run.replay import load_recorded
from harness.testbed.gateway.gateway import Gateway
from harness.testbed.mutants import MUTANTS
from harness.util.errors import UsageError
from tests.support import pack_on_disk

FILES = ("report.json", "transcript.jsonl")
NONCE = "nonce-of-the-lab"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a frozen pack, a key, and a complete run of the pack with its certificate."""
    home = tmp_path_factory.mktemp("certify")
    pack = pack_on_disk.pack(home / "tiny")
    assert pack_on_disk.harness("freeze", pack).code == 0
    assert pack_on_disk.run(pack, "--nonce", NONCE).code == 0
    assert pack_on_disk.harness("certify", "--new-key", home / "v.pem").code == 0
    result = pack_on_disk.harness("certify", home / "out", "--key", home / "v.pem")
    assert (result.code, result.err) == (0, "")
    return home


@pytest.fixture
def copy(run: Path, tmp_path: Path) -> Path:
    """A copy of the folder that the test may change."""
    return Path(shutil.copytree(run, tmp_path / "copy"))


def certificate_of(home: Path) -> Path:
    return home / "out" / "certificate.json"


def verify(home: Path, *words: str | Path) -> Any:
    trust = ("--trust", home / "v.pem.pub", "--pack", home / "tiny")
    return pack_on_disk.harness("verify", certificate_of(home), *trust, *words)


def certify(home: Path, *words: str | Path, key: Path | None = None) -> Any:
    return pack_on_disk.harness("certify", home, "--key", key or home.parent / "v.pem", *words)


def envelope_of(home: Path) -> Envelope:
    return dsse.parse_envelope(certificate_of(home).read_bytes(), "certificate")


def wrong_lines(result: Any) -> list[str]:
    assert result.code == 1
    assert "The certificate is not valid." in result.out
    return [line[6:] for line in result.out.splitlines() if line.startswith("WRONG")]


def trusted_key(home: Path) -> SSlibKey:
    return dsse.load_public_key((home / "v.pem.pub").read_bytes(), "v")


def write_signed(home: Path, payload: bytes, payload_type: str = PAYLOAD_TYPE) -> None:
    """Replaces the certificate by another payload, signed with the trusted key."""
    envelope = Envelope(payload, payload_type, {})
    dsse.sign(envelope, dsse.load_private_key((home / "v.pem").read_bytes(), "v"))
    certificate_of(home).write_text(dsse.format_envelope(envelope), "utf-8")


def test_a_complete_run_is_certified_and_verified(run: Path) -> None:
    result = verify(run, "--nonce", NONCE, "--require", "conformant")
    assert (result.code, result.err) == (0, "")
    assert "is conformant to tiny 1.2.3" in result.out
    assert "judged again, 3 verdicts: no differences" in result.out
    assert f"requests carried the nonce {NONCE}" in result.out
    assert "It does not prove where the answers came from" in result.out


def test_the_statement_is_an_in_toto_test_result(run: Path) -> None:
    """https://github.com/in-toto/attestation/blob/main/spec/predicates/test-result.md"""
    statement = json.loads(envelope_of(run).payload)
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert statement["predicateType"] == "https://in-toto.io/attestation/test-result/v0.1"
    assert [one["name"] for one in statement["subject"]] == [*FILES, *RENDERED]
    predicate = statement["predicate"]
    assert predicate["result"] == "PASSED"
    assert predicate["passedTests"] == ["tiny/answer", "tiny/seed", "tiny/n"]
    assert (predicate["warnedTests"], predicate["failedTests"]) == ([], [])
    digests = {one["name"]: one["digest"] for one in predicate["configuration"]}
    assert digests.keys() == {"tiny", "tiny/requirements", "kill-matrix"}
    assert all(len(digest["sha256"]) == 64 for digest in digests.values())
    conformance = predicate["conformance"]
    assert (conformance["result"], conformance["nonce"]) == ("conformant", NONCE)
    assert conformance["totals"]["pass"] == 3
    assert [endpoint["tls"] for endpoint in conformance["target"]["endpoints"]] == [None]
    assert {one["profile"]: one["not_claimed"] for one in conformance["profiles"]} == {
        "core": [],
        "extended": ["limits"],
    }


def test_in_toto_tools_can_verify_the_signature(run: Path) -> None:
    """With the code of securesystemslib alone, and with the bare rule of the specification."""
    content = json.loads(certificate_of(run).read_bytes())
    assert content.keys() == {"payloadType", "payload", "signatures"}
    assert [signature.keys() for signature in content["signatures"]] == [{"keyid", "sig"}]
    public = load_pem_public_key((run / "v.pem.pub").read_bytes())
    key = SSlibKey.from_crypto(public)
    payload, kind = base64.b64decode(content["payload"]), content["payloadType"].encode()
    signature = base64.b64decode(content["signatures"][0]["sig"])
    encoded = b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)
    public.verify(signature, encoded)  # type: ignore[union-attr, call-arg]
    envelope = Envelope.from_dict(content)
    assert envelope.verify([key], 1) == {key.keyid: key}
    envelope.payload += b" "
    with pytest.raises(VerificationError):
        envelope.verify([key], 1)


@pytest.mark.parametrize("name", FILES)
def test_a_changed_byte_of_a_file_is_detected(copy: Path, name: str) -> None:
    """A byte of every line, and many others; white space counts as well."""
    path, chance = copy / "out" / name, random.Random(name)
    data = path.read_bytes()
    ends = [at for at, byte in enumerate(data) if byte == ord("\n")]
    starts = [0, *(end + 1 for end in ends[:-1])]
    places = {chance.randrange(a, b + 1) for a, b in zip(starts, ends, strict=True)}
    places |= {chance.randrange(len(data)) for _ in range(300)}
    keys = {"v": trusted_key(copy)}
    for at in sorted(places)[:: max(1, len(places) // 800)]:
        changed = bytes([data[at] ^ (1 << chance.randrange(8))])
        path.write_bytes(data[:at] + changed + data[at + 1 :])
        verification = verify_certificate(
            certificate_of(copy), copy / "out", keys, [str(copy / "tiny")]
        )
        assert not verification.passed, at
        assert [check.result for check in verification.checks].count("wrong") == 1
    for changed in (data[:-1], data + b"\n", b" " + data, data.replace(b":", b": ", 1), b""):
        path.write_bytes(changed)
        lines = wrong_lines(verify(copy))
        assert lines == [f"{path} is not the certified file: its bytes differ"]
    path.write_bytes(data)
    assert verify(copy).code == 0


def test_no_changed_byte_of_the_certificate_changes_what_is_signed(copy: Path) -> None:
    """A change is detected, or it is one of white space or of an equal Base64 text."""
    chance, keys = random.Random(7), {"v": trusted_key(copy)}
    data, payload = certificate_of(copy).read_bytes(), envelope_of(copy).payload
    detected = 0
    for at in range(len(data)):
        changed = data[:at] + bytes([data[at] ^ (1 << chance.randrange(8))]) + data[at + 1 :]
        for one in (changed, data[:at] + data[at + 1 :], data[:at]):
            try:
                envelope = dsse.parse_envelope(one, "certificate")
            except UsageError:
                detected += 1
                continue
            wrong = any(check.result == "wrong" for check in check_signatures(envelope, keys))
            assert wrong or (envelope.payload, envelope.payload_type) == (payload, PAYLOAD_TYPE)
            detected += wrong
    assert detected > 2.9 * len(data)


def test_outputs_are_certified_as_the_report_gives_them(copy: Path) -> None:
    out = copy / "out"
    certified = {name: (out / name).read_bytes() for name in RENDERED}
    for name in RENDERED:
        (out / name).write_bytes(certified[name] + b" ")
    differ = "is not the certified file: its bytes differ"
    assert wrong_lines(verify(copy)) == [f"{out / name} {differ}" for name in RENDERED]
    result = certify(out)
    assert result.code == 4
    assert "summary.md is not what report.json gives: `harness report DIR` writes" in result.err
    for name in RENDERED:
        (out / name).unlink()
    result = verify(copy)
    assert result.code == 0
    assert all(f"note  {name} is certified, but is not in {out}" in result.out for name in RENDERED)
    assert pack_on_disk.harness("report", out).code == 0
    assert {name: (out / name).read_bytes() for name in RENDERED} == certified


def test_an_output_that_lies_is_detected_though_the_owner_of_the_key_signed_it(copy: Path) -> None:
    badge = copy / "out" / "badge.json"
    badge.write_text(badge.read_text("utf-8").replace("conformant", "perfect"), "utf-8")
    statement = make_statement(load_run_folder(copy / "out"))
    digest = hashlib.sha256(badge.read_bytes()).hexdigest()
    statement["subject"].append({"name": badge.name, "digest": {"sha256": digest}})
    write_signed(copy, json.dumps(statement).encode())
    assert "badge.json is not what report.json gives" in wrong_lines(verify(copy))[0]


def test_files_that_a_certificate_does_not_cover_are_listed(copy: Path) -> None:
    (copy / "out" / "badge.svg").unlink()
    assert certify(copy / "out").code == 0
    assert pack_on_disk.harness("report", copy / "out").code == 0
    result = verify(copy)
    assert result.code == 0
    for name in ("badge.svg", "tests.html"):
        assert f"note  {copy / 'out' / name} is not covered by the certificate" in result.out


def test_a_file_that_no_run_writes_cannot_be_certified(copy: Path) -> None:
    statement = json.loads(envelope_of(copy).payload)
    statement["subject"].append({"name": "../v.pem", "digest": {"sha256": "0" * 64}})
    write_signed(copy, json.dumps(statement).encode())
    assert len(wrong_lines(verify(copy))) == 1


def test_a_certificate_of_version_0_1_is_one_line(copy: Path) -> None:
    content = json.loads(certificate_of(copy).read_bytes())
    content["signatures"][0]["publicKey"] = "MCowBQYDK2VwAyEA"
    certificate_of(copy).write_text(json.dumps(content), "utf-8")
    result = verify(copy)
    assert (result.code, len(result.lines)) == (4, 1)
    assert "format 1 certificate, made by version 0.1: verify it with that version" in result.err


def verify_forged(
    home: Path,
    change: Callable[[dict[str, Any], list[Any], dict[str, Any]], object],
    change_statement: Callable[[dict[str, Any]], object] = lambda statement: None,
) -> list[str]:
    """Rewrite transcript and report as the owner of the key, and return the wrong lines."""
    path = home / "out" / "transcript.jsonl"
    header, exchanges, footer = transcript.read(path)
    assert footer is not None
    change(header, exchanges, footer)
    with transcript.Writer(path) as writer:
        writer.header(header)
        for exchange in exchanges:
            writer.exchange(exchange)
        writer.footer(footer)
    report = load_recorded(str(path)).report()
    outputs.write(home / "out", report, exchanges_of(load_recorded(str(path)), report))
    statement = make_statement(load_run_folder(home / "out"))
    change_statement(statement)
    write_signed(home, json.dumps(statement).encode())
    return wrong_lines(verify(home))


def test_easier_cases_are_detected(copy: Path) -> None:
    """A transcript brings its own cases; what is required must be what the pack says."""

    def easier(header: dict[str, Any], exchanges: list[Any], footer: dict[str, Any]) -> None:
        header["plans"][1]["assertions"] = header["plans"][1]["assertions"][:1]

    assert verify_forged(copy, easier) == [
        "tiny 1.2.3: these cases were changed in the transcript: seed",
    ]


def test_fewer_requirements_are_detected(copy: Path) -> None:
    def fewer(header: dict[str, Any], exchanges: list[Any], footer: dict[str, Any]) -> None:
        header["packs"][0]["frozen"]["profiles"]["core"]["core"].remove("n")
        header["plans"] = [plan for plan in header["plans"] if plan["case"]["id"] != "n"]

    assert "it states something else at conformance/profiles" in verify_forged(copy, fewer)


def test_another_result_is_detected(copy: Path) -> None:
    def better(result: dict[str, Any]) -> None:
        result["predicate"]["conformance"]["profiles"][1]["shown"].append("limits")
        result["predicate"]["failedTests"].append("tiny/n")

    assert verify_forged(copy, lambda *parts: None, better) == [
        "it states something else at failedTests",
        "it states something else at conformance/profiles",
    ]


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("transcript.jsonl", '"requests":', '"requests":null,"x":'),
        ("transcript.jsonl", '"repeat":1', '"repeat":0'),
        ("report.json", '"cases": [\n    {', '"cases": [\n    7, {'),
    ],
)
def test_damaged_files_are_one_line(copy: Path, name: str, old: str, new: str) -> None:
    path = copy / "out" / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    result = pack_on_disk.harness("certify", copy / "out", "--key", copy / "v.pem")
    assert (result.code, len(result.lines)) == (4, 1)
    assert "is invalid: " in result.lines[0] or "is not a valid report: " in result.lines[0]


def test_a_report_that_is_not_utf8_is_one_line(copy: Path) -> None:
    path = copy / "out" / "report.json"
    path.write_bytes(path.read_bytes() + b"\xff")
    result = pack_on_disk.harness("certify", copy / "out", "--key", copy / "v.pem")
    assert result.lines == [f"ERROR: cannot read {path}: it is not UTF-8"]


def test_another_version_is_noted_and_its_verdicts_are_compared(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its mutants can differ; the requirements of its cases cannot."""
    for name in ("verify", "run_folder"):
        monkeypatch.setattr(sys.modules[f"harness.certify.{name}"], "own_version", lambda: "99.0")
    statement_module = sys.modules["harness.certify.statement"]
    monkeypatch.setattr(statement_module, "kill_matrix_digest", lambda run: "sha256:00")
    result = verify(run)
    assert (result.code, result.err) == (0, "")
    assert "note  certified by version" in result.out
    monkeypatch.setattr(statement_module, "overall_result", lambda results: "partial")
    assert "it states something else at conformance/result" in wrong_lines(verify(run))


def test_a_request_without_the_nonce_is_detected(copy: Path) -> None:
    def other(header: dict[str, Any], exchanges: list[Any], footer: dict[str, Any]) -> None:
        for pair in header["target"]["endpoints"]["openai"]["headers"]:
            pair[1] = pair[1].replace(NONCE, "another-nonce-12")

    assert any(
        line.endswith("requests did not carry the nonce") for line in verify_forged(copy, other)
    )


def test_requests_of_an_sdk_do_not_need_the_nonce(run: Path) -> None:
    """The transcript has the request of the SDK, before the headers of the target are added."""
    one = load_run_folder(run / "out")
    shots = [
        replace(shot, call=replace(shot.call, client={"sdk": "x"}))
        for plan in one.run.plans
        for shot in plan.shots
    ]
    plans = [replace(one.run.plans[0], scripts=(Script("s", tuple(shots)),))]
    folder = replace(one, run=replace(one.run, plans=plans))
    assert [check.result for check in check_nonce(folder.run, NONCE)] == ["note"]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://gw.example/v1", None),
        ("https://gw.example/v1", ["sha256:1", "sha256:2"]),
        ("https://GW.example:443/v1", ["sha256:1", "sha256:2"]),
        ("https://gw.example:8443", []),
        ("https://[::1]:8443/v1", ["sha256:3"]),
    ],
)
def test_an_endpoint_is_stated_with_its_tls_certificates(
    run: Path, url: str, expected: list[str] | None
) -> None:
    """The header has that of the first call, the footer those of all connections."""
    load_recorded = load_run_folder(run / "out").run
    first, last = {"https://gw.example": ["sha256:1"]}, {"https://gw.example": ["sha256:1"]}
    last["https://gw.example"].append("sha256:2")
    last["https://[::1]:8443"] = ["sha256:3"]
    recorded = replace(
        load_recorded,
        header={**load_recorded.header, "peers": first},
        ended={**load_recorded.ended, "peers": last},
    )
    assert tls_certificates(recorded, url) == expected


def test_an_incomplete_run_is_detected(copy: Path) -> None:
    def early(header: dict[str, Any], exchanges: list[Any], footer: dict[str, Any]) -> None:
        footer["reason"], footer["unjudged"] = "stopped", ["tiny/n"]

    assert "the run is incomplete: stopped" in verify_forged(copy, early)


def test_a_report_that_differs_from_its_transcript_is_not_certified(copy: Path) -> None:
    path = copy / "out" / "report.json"
    report = json.loads(path.read_text("utf-8"))
    report["cases"][0]["outcome"] = "warn"
    path.write_text(format_report(report), "utf-8")
    result = pack_on_disk.harness("certify", copy / "out", "--key", copy / "v.pem")
    assert result.code == 4
    assert "tiny/answer: the report has warn" in result.err


@pytest.mark.parametrize("words", [("-k", "n or seed"), ("--case", "n")])
def test_a_selection_is_never_certified(run: Path, tmp_path: Path, words: tuple[str, str]) -> None:
    assert pack_on_disk.run(run / "tiny", *words, out=tmp_path).code == 0
    result = pack_on_disk.harness("certify", tmp_path, "--key", run / "v.pem")
    assert result.code == 4
    assert "the run was a selection" in result.err
    assert not (tmp_path / "certificate.json").exists()


def test_shards_are_certified_only_after_merging(run: Path, tmp_path: Path) -> None:
    shards = [tmp_path / "1", tmp_path / "2"]
    for number, out in enumerate(shards, 1):
        words = ("--shard", f"{number}/2", "--repeat", "2", "--nonce", NONCE)
        assert pack_on_disk.run(run / "tiny", *words, out=out).code == 0
        result = pack_on_disk.harness("certify", out, "--key", run / "v.pem")
        assert (result.code, "the run was a selection (shard" in result.err) == (4, True)
    assert pack_on_disk.harness("merge", *shards, "--out", tmp_path / "out").code == 0
    assert pack_on_disk.harness("certify", tmp_path / "out", "--key", run / "v.pem").code == 0
    certificate, pack = tmp_path / "out" / "certificate.json", ("--pack", run / "tiny")
    result = pack_on_disk.harness("verify", certificate, *pack, "--require", "conformant")
    assert (result.code, result.err) == (0, "")
    assert "requests carried the nonce" in result.out


def test_a_hidden_selection_is_not_certified(run: Path, tmp_path: Path) -> None:
    """The missing cases that are not of an opt-in feature reveal the selection."""
    assert pack_on_disk.run(run / "tiny", "--case", "n", out=tmp_path).code == 0
    path = tmp_path / "transcript.jsonl"
    first, rest = path.read_text("utf-8").split("\n", 1)
    header = json.loads(first)
    header["header"]["run"]["selection"] = None
    path.write_text(f"{json.dumps(header)}\n{rest}", "utf-8")
    again = load_recorded(str(path)).report()
    (tmp_path / "report.json").write_text(format_report(again), "utf-8")
    result = pack_on_disk.harness("certify", tmp_path, "--key", run / "v.pem")
    assert result.code == 4
    assert "the run is incomplete: tiny/answer and 2 more" in result.err


def test_a_pack_without_requirements_is_not_certified(
    run: Path, copy: Path, tmp_path: Path
) -> None:
    requirements_path(copy / "tiny", "1.2.3").unlink()
    assert pack_on_disk.run(copy / "tiny", out=tmp_path / "out").code == 0
    result = pack_on_disk.harness("certify", tmp_path / "out", "--key", run / "v.pem")
    assert (result.code, "`harness freeze` writes them" in result.err) == (4, True)
    assert "the requirements of tiny 1.2.3 are unknown here: use --pack FOLDER" in wrong_lines(
        verify(copy)
    )
    result = pack_on_disk.harness("verify", run / "out" / "certificate.json")
    assert (result.code, "use --pack FOLDER" in result.out) == (1, True)


def test_cases_that_are_added_later_do_not_matter(copy: Path) -> None:
    more = "  - {id: more, row: more, expect: {status: refused}}\n"
    pack_on_disk.pack(copy / "tiny", pack_on_disk.CASES + more)
    assert verify(copy, "--require", "conformant").code == 0
    pack_on_disk.pack(
        copy / "tiny", pack_on_disk.CASES + more, pack_on_disk.PACK.replace("1.2.3", "2.0.0")
    )
    assert pack_on_disk.harness("freeze", copy / "tiny").code == 0
    assert verify(copy, "--require", "conformant").code == 0
    changed = pack_on_disk.CASES.replace("const: ready", "const: other")
    pack_on_disk.pack(copy / "tiny", changed, pack_on_disk.PACK.replace("1.2.3", "2.0.0"))
    [line] = wrong_lines(verify(copy))
    assert line == (
        "tiny 1.2.3: these cases differ from the local pack (2.0.0): answer; "
        "use --pack FOLDER with the version of the run"
    )


def test_local_packs_have_the_cases_that_a_run_has() -> None:
    """The requests of a case depend on the others: a pack can lack those of packs it extends."""
    session = load_session(Options(packs=("openai-compat",)))
    recorded = SimpleNamespace(packs=tuple(session.packs.values()))
    local = local_packs(recorded, ())  # type: ignore[arg-type]
    names = {name: [case.id for case in pack.cases] for name, pack in session.packs.items()}
    assert {name: [case.id for case in pack.cases] for name, pack in local.items()} == names


def test_a_failed_run_is_certified_as_failed(run: Path, tmp_path: Path) -> None:
    mutant = next(mutant for mutant in MUTANTS if mutant.id == "seed.refused")
    with pack_on_disk.gateway(Gateway(mutant.override, pace=0.0).respond) as url:
        given = ("--model", "builtin-1", "--header", f"authorization: Bearer {pack_on_disk.KEY}")
        assert pack_on_disk.run(run / "tiny", *given, target=url, out=tmp_path).code == 1
    assert pack_on_disk.harness("certify", tmp_path, "--key", run / "v.pem").code == 0
    words = ("verify", tmp_path / "certificate.json", "--pack", run / "tiny")
    assert pack_on_disk.harness(*words).code == 0
    result = pack_on_disk.harness(*words, "--require", "conformant")
    assert result.code == 1
    assert "valid, but conformant is required: non-conformant" in result.out
    assert all(pack_on_disk.KEY.encode() not in path.read_bytes() for path in tmp_path.iterdir())


def test_a_second_party_can_countersign_a_valid_certificate(copy: Path) -> None:
    assert pack_on_disk.harness("certify", "--new-key", copy / "lab.pem").code == 0
    result = verify(copy, "--trust", copy / "lab.pem.pub")
    assert [line.partition(" (")[0] for line in wrong_lines(result)] == [
        f"{copy / 'lab.pem.pub'} has not signed it"
    ]
    assert verify(copy, "--countersign", copy / "lab.pem").code == 0
    result = verify(copy, "--trust", copy / "lab.pem.pub", "--countersign", copy / "lab.pem")
    assert (result.code, "has already signed this" in result.err) == (4, True)
    result = verify(copy, "--trust", copy / "lab.pem.pub")
    assert result.code == 0
    assert "It has several signatures" in result.out
    (copy / "out" / "report.json").write_text("{}", "utf-8")
    before = (copy / "out" / "certificate.json").read_bytes()
    assert verify(copy, "--countersign", copy / "v.pem").code == 1
    assert (copy / "out" / "certificate.json").read_bytes() == before


def test_the_nonce_must_be_the_required_one(run: Path) -> None:
    assert wrong_lines(verify(run, "--nonce", "another-one")) == [
        "the nonce of the run is nonce-of-the-lab, not another-one"
    ]
    words = ("certify", run / "out", "--key", run / "v.pem", "--nonce")
    result = pack_on_disk.harness(*words, "another-one", "--out", run / "other.json")
    assert (result.code, "the nonce of the run is nonce-of-the-lab" in result.err) == (4, True)
    assert pack_on_disk.harness(*words, NONCE, "--out", run / "same.json").code == 0
    result = pack_on_disk.harness(
        "verify", run / "same.json", "--report", run / "out", "--pack", run / "tiny"
    )
    assert (result.code, "not checked: --trust names its file" in result.out) == (0, True)


def test_a_certificate_without_the_trusted_signature_is_not_valid(copy: Path) -> None:
    envelope = envelope_of(copy)
    valid = next(iter(envelope.signatures.values()))
    envelope.signatures = {}
    certificate_of(copy).write_text(dsse.format_envelope(envelope), "utf-8")
    assert "the certificate is not signed" in wrong_lines(verify(copy))
    dsse.sign(envelope, dsse.load_private_key(dsse.new_key_pair()[0], "other"))
    certificate_of(copy).write_text(dsse.format_envelope(envelope), "utf-8")
    assert "has not signed it" in wrong_lines(verify(copy))[0]
    [forged] = envelope.signatures.values()
    forged.keyid = valid.keyid
    envelope.signatures = {valid.keyid: forged}
    certificate_of(copy).write_text(dsse.format_envelope(envelope), "utf-8")
    assert "is not valid" in wrong_lines(verify(copy))[0]


@pytest.mark.parametrize(
    ("payload", "payload_type", "message"),
    [
        (b"[]", PAYLOAD_TYPE, "is not a statement about a run"),
        (b"\xff", PAYLOAD_TYPE, "is not a statement about a run"),
        (None, "application/json", "is not a test result: application/json"),
        (b'"format":9', PAYLOAD_TYPE, "has format 9; this version reads format 2"),
    ],
)
def test_another_signed_payload_is_one_line(
    copy: Path, payload: bytes | None, payload_type: str, message: str
) -> None:
    original = envelope_of(copy).payload
    if payload and b"format" in payload:
        payload = original.replace(b'"format":2', payload)
    write_signed(copy, original if payload is None else payload, payload_type)
    result = verify(copy)
    assert (result.code, len(result.lines)) == (4, 1)
    assert message in result.lines[0]


def test_a_new_key_is_private_and_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "k.pem"
    assert pack_on_disk.harness("certify", "--new-key", path).code == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_bytes().startswith(b"-----BEGIN PRIVATE KEY-----")
    before = path.read_bytes()
    assert "already exists" in pack_on_disk.harness("certify", "--new-key", path).err
    (tmp_path / "k.pem.pub").unlink()
    assert "cannot write the key" in pack_on_disk.harness("certify", "--new-key", path).err
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("certify",), "REPORT and --key are required"),
        (("certify", "{run}/out"), "REPORT and --key are required"),
        (("certify", "{run}/out", "--new-key", "x"), "--new-key only makes a key"),
        (("certify", "{run}/out", "--key", "none.pem"), "cannot read none.pem"),
        (("certify", "{run}/out", "--key", "{run}/v.pem.pub"), "is not a private key in PEM"),
        (("certify", "{run}", "--key", "{run}/v.pem"), "cannot read"),
        (
            ("certify", "{run}/out", "--key", "{run}/v.pem", "--out", "{run}/v.pem/x"),
            "cannot write",
        ),
        (("verify", "none.json"), "cannot read none.json"),
        (("verify", "{run}/out/report.json"), "is not a certificate"),
        (("verify", "{run}/out/certificate.json", "--trust", "{run}/v.pem"), "is not a public"),
        (("verify", "{run}/out/certificate.json", "--report", "/no"), "cannot read"),
    ],
)
def test_wrong_usage_is_one_line(run: Path, words: tuple[str, ...], message: str) -> None:
    result = pack_on_disk.harness(*(word.replace("{run}", str(run)) for word in words))
    assert (result.code, len(result.lines)) == (4, 1)
    assert message in result.lines[0]


def test_the_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("harness.certify")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "securesystemslib.dsse", None)
    result = pack_on_disk.harness("certify", "--new-key", "k.pem")
    assert (result.code, result.lines) == (4, [f"ERROR: {dsse.NEEDS}"])
