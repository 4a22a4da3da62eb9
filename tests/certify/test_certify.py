"""A certificate holds for the very bytes of a run, for its verdicts, and for nothing else."""

from __future__ import annotations

import json
import random
import shutil
import stat
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness import certify
from harness.certify import dsse
from harness.certify.statement import peers
from harness.certify.verify import nonces, signatures
from harness.load.requirements import requirements_path
from harness.model import Script
from harness.report.report_file import format_report
from harness.run import transcript
from harness.run.replay import load_recorded
from harness.testbed.gateway.gateway import Gateway
from harness.testbed.mutants import MUTANTS
from harness.util.errors import UsageError
from tests.support import pack_on_disk

FILES = ("report.json", "transcript.jsonl")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a pack that is frozen, a key, and the whole run of it, certified."""
    home = tmp_path_factory.mktemp("certify")
    pack = pack_on_disk.pack(home / "tiny")
    assert pack_on_disk.harness("freeze", pack).code == 0
    assert pack_on_disk.run(pack, "--nonce", "given-by-lab").code == 0
    assert pack_on_disk.harness("certify", "--new-key", home / "v.pem").code == 0
    said = pack_on_disk.harness("certify", home / "out", "--key", home / "v.pem")
    assert (said.code, said.err) == (0, "")
    return home


@pytest.fixture
def copy(run: Path, tmp_path: Path) -> Path:
    """The same, for a test to spoil."""
    return Path(shutil.copytree(run, tmp_path / "copy"))


def verify(home: Path, *words: str | Path) -> pack_on_disk.Said:
    trust = ("--trust", home / "v.pem.pub", "--pack", home / "tiny")
    return pack_on_disk.harness("verify", home / "out" / "certificate.json", *trust, *words)


def stated(home: Path) -> dict[str, Any]:
    certificate = home / "out" / "certificate.json"
    said = json.loads(dsse.parse(certificate.read_bytes(), "c").payload)
    assert isinstance(said, dict)
    return said


def wrong(said: pack_on_disk.Said) -> list[str]:
    assert said.code == 1
    assert "The certificate does not hold." in said.out
    return [line[6:] for line in said.out.splitlines() if line.startswith("WRONG")]


def test_a_whole_run_is_certified_and_the_certificate_holds(run: Path) -> None:
    said = verify(run, "--nonce", "given-by-lab", "--require", "conformant")
    assert (said.code, said.err) == (0, "")
    assert "is conformant to tiny 1.2.3" in said.out
    assert "judged again, 3 verdicts: all the same" in said.out
    assert "the nonce given-by-lab went with each of" in said.out
    assert "It does not prove where the answers came from" in said.out


def test_the_statement_is_in_totos(run: Path) -> None:
    """https://github.com/in-toto/attestation/blob/main/spec/predicates/test-result.md"""
    said = stated(run)
    assert said["_type"] == "https://in-toto.io/Statement/v1"
    assert said["predicateType"] == "https://in-toto.io/attestation/test-result/v0.1"
    assert [one["name"] for one in said["subject"]] == [*FILES]
    predicate = said["predicate"]
    assert predicate["result"] == "PASSED"
    assert predicate["passedTests"] == ["tiny/answer", "tiny/seed", "tiny/n"]
    assert (predicate["warnedTests"], predicate["failedTests"]) == ([], [])
    described = {one["name"]: one["digest"] for one in predicate["configuration"]}
    assert described.keys() == {"tiny", "tiny/requirements", "kill-matrix"}
    assert all(len(digest["sha256"]) == 64 for digest in described.values())
    told = predicate["conformance"]
    assert told["result"] == "conformant"
    assert told["nonce"] == "given-by-lab"
    assert told["totals"]["pass"] == 3
    assert [front["tls"] for front in told["target"]["fronts"]] == [None]
    assert {one["profile"]: one["not_claimed"] for one in told["profiles"]} == {
        "core": [],
        "extended": ["limits"],
    }


def test_the_signature_is_dsse_as_its_specification_has_it() -> None:
    """The example of https://github.com/secure-systems-lab/dsse/blob/master/protocol.md."""
    made = dsse.Envelope(b"hello world", "http://example.com/HelloWorld")
    assert made.signed == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    assert dsse.Envelope(b"", "tybé").signed == "DSSEv1 5 tybé 0 ".encode()


@pytest.mark.parametrize("name", FILES)
def test_a_changed_byte_of_a_file_is_noticed(copy: Path, name: str) -> None:
    """A byte of every line, and many besides; white space counts like any other."""
    path, luck = copy / "out" / name, random.Random(name)
    data = path.read_bytes()
    ends = [at for at, byte in enumerate(data) if byte == ord("\n")]
    starts = [0, *(end + 1 for end in ends[:-1])]
    places = {luck.randrange(a, b + 1) for a, b in zip(starts, ends, strict=True)}
    places |= {luck.randrange(len(data)) for _ in range(300)}
    certificate, keys = copy / "out" / "certificate.json", {"v": public(copy)}
    for at in sorted(places)[:: max(1, len(places) // 800)]:
        changed = bytes([data[at] ^ (1 << luck.randrange(8))])
        path.write_bytes(data[:at] + changed + data[at + 1 :])
        found = certify.verified(certificate, copy / "out", keys, [str(copy / "tiny")])
        assert not found.holds, at
        assert [check.holds for check in found.checks].count(False) == 1
    for spoiled in (data[:-1], data + b"\n", b" " + data, data.replace(b":", b": ", 1), b""):
        path.write_bytes(spoiled)
        assert wrong(verify(copy)) == [f"{path} is not the one, byte for byte, that it names"]
    path.write_bytes(data)
    assert verify(copy).code == 0


def public(home: Path) -> bytes:
    return dsse.public_key((home / "v.pem.pub").read_bytes(), "v")


def test_any_changed_byte_of_the_certificate_is_noticed(copy: Path) -> None:
    """Each of them: the signature, the payload, and what no signature is over."""
    path, luck, keys = copy / "out" / "certificate.json", random.Random(7), {"v": public(copy)}
    data = path.read_bytes()
    for at in range(len(data)):
        changed = data[:at] + bytes([data[at] ^ (1 << luck.randrange(8))]) + data[at + 1 :]
        assert spoiled(changed, keys), at
    for at in range(0, len(data), 17):
        cut = (data[:at] + b" " + data[at:], data[:at] + data[at + 1 :], data[:at])
        assert all(spoiled(changed, keys) for changed in cut), at
    for changed in (data + b"\n", data[1:], data.replace(b"  ", b" ", 1)):
        path.write_bytes(changed)
        assert verify(copy).code in (1, 4)
    path.write_bytes(data)
    assert verify(copy).code == 0


def spoiled(data: bytes, keys: Mapping[str, bytes]) -> bool:
    try:
        envelope = dsse.parse(data, "c")
    except UsageError:
        return True
    return any(check.holds is False for check in signatures(envelope, keys))


def forged(
    home: Path,
    change: Callable[[dict[str, Any], list[Any], dict[str, Any]], object],
    said: Callable[[dict[str, Any]], object] = lambda said: None,
) -> list[str]:
    """What verify finds where the holder of the key writes transcript and report anew."""
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
    (home / "out" / "report.json").write_text(format_report(report), "utf-8")
    made = certify.statement(certify.filed(home / "out"))
    said(made)
    key = dsse.private_key((home / "v.pem").read_bytes(), "v")
    envelope = dsse.signed(dsse.Envelope(json.dumps(made).encode(), certify.KIND), key)
    (home / "out" / "certificate.json").write_text(dsse.render(envelope), "utf-8")
    return wrong(verify(home))


def test_easier_cases_are_noticed(copy: Path) -> None:
    """A transcript brings its own cases; what is required must be what the pack says."""

    def easier(header: dict[str, Any], exchanges: list[Any], footer: dict[str, Any]) -> None:
        header["plans"][1]["assertions"] = header["plans"][1]["assertions"][:1]

    assert forged(copy, easier) == [
        "tiny 1.2.3: these cases were changed in the transcript: seed",
    ]


def test_fewer_requirements_are_noticed(copy: Path) -> None:
    def fewer(header: dict[str, Any], exchanges: list[Any], footer: dict[str, Any]) -> None:
        header["packs"][0]["frozen"]["profiles"]["core"]["core"].remove("n")
        header["plans"] = [plan for plan in header["plans"] if plan["case"]["id"] != "n"]

    assert "it says otherwise of conformance/profiles" in forged(copy, fewer)


def test_another_result_is_noticed(copy: Path) -> None:
    def better(said: dict[str, Any]) -> None:
        said["predicate"]["conformance"]["profiles"][1]["shown"].append("limits")
        said["predicate"]["failedTests"].append("tiny/n")

    assert forged(copy, lambda *parts: None, better) == [
        "it says otherwise of failedTests",
        "it says otherwise of conformance/profiles",
    ]


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("transcript.jsonl", '"requests":', '"requests":null,"x":'),
        ("transcript.jsonl", '"repeat":1', '"repeat":0'),
        ("report.json", '"cases": [\n    {', '"cases": [\n    7, {'),
    ],
)
def test_files_that_are_none_are_one_line(copy: Path, name: str, old: str, new: str) -> None:
    path = copy / "out" / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    said = pack_on_disk.harness("certify", copy / "out", "--key", copy / "v.pem")
    assert (said.code, len(said.lines)) == (4, 1)
    assert "cannot be judged again" in said.lines[0]


def test_bytes_that_are_no_text_are_one_line(copy: Path) -> None:
    path = copy / "out" / "report.json"
    path.write_bytes(path.read_bytes() + b"\xff")
    said = pack_on_disk.harness("certify", copy / "out", "--key", copy / "v.pem")
    assert said.lines == [f"ERROR: {path} is not UTF-8"]


def test_another_version_of_the_harness_says_so_and_holds_to_the_verdicts(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What its mutants are may have changed; what its cases require may not."""
    for name in ("verify", "run_folder"):
        monkeypatch.setattr(sys.modules[f"harness.certify.{name}"], "own_version", lambda: "99.0")
    rooms = sys.modules["harness.certify.statement"]
    monkeypatch.setattr(rooms, "kill_matrix", lambda run: "sha256:00")
    said = verify(run)
    assert (said.code, said.err) == (0, "")
    assert "note  certified by version" in said.out
    monkeypatch.setattr(rooms, "overall_result", lambda found: "partial")
    assert "it says otherwise of conformance/result" in wrong(verify(run))


def test_a_request_without_the_nonce_is_noticed(copy: Path) -> None:
    def other(header: dict[str, Any], exchanges: list[Any], footer: dict[str, Any]) -> None:
        for pair in header["target"]["endpoints"]["openai"]["headers"]:
            pair[1] = pair[1].replace("given-by-lab", "another-word")

    assert any(line.endswith("requests went without it") for line in forged(copy, other))


def test_where_an_sdk_asked_it_is_said_that_no_nonce_is_seen(run: Path) -> None:
    """What went over the wire then is the SDK's, and the target's headers are added behind it."""
    one = certify.filed(run / "out")
    shots = [
        replace(shot, call=replace(shot.call, client={"sdk": "x"}))
        for plan in one.run.plans
        for shot in plan.shots
    ]
    plans = [replace(one.run.plans[0], scripts=(Script("s", tuple(shots)),))]
    asked = replace(one, run=replace(one.run, plans=plans))
    assert [check.holds for check in nonces(asked, "given-by-lab")] == [None]


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
def test_a_front_is_named_with_the_certificates_that_it_showed(
    run: Path, url: str, expected: list[str] | None
) -> None:
    """The header has that of the first call, the footer those of all connections."""
    load_recorded = certify.filed(run / "out").run
    first, last = {"https://gw.example": ["sha256:1"]}, {"https://gw.example": ["sha256:1"]}
    last["https://gw.example"].append("sha256:2")
    last["https://[::1]:8443"] = ["sha256:3"]
    seen = replace(
        load_recorded,
        header={**load_recorded.header, "peers": first},
        ended={**load_recorded.ended, "peers": last},
    )
    assert peers(seen, url) == expected


def test_an_end_that_was_cut_off_is_noticed(copy: Path) -> None:
    def early(header: dict[str, Any], exchanges: list[Any], footer: dict[str, Any]) -> None:
        footer["reason"], footer["unjudged"] = "stopped", ["tiny/n"]

    assert "the run is not whole: stopped" in forged(copy, early)


def test_a_report_that_says_better_is_not_certified(copy: Path) -> None:
    path = copy / "out" / "report.json"
    report = json.loads(path.read_text("utf-8"))
    report["cases"][0]["outcome"] = "warn"
    path.write_text(format_report(report), "utf-8")
    said = pack_on_disk.harness("certify", copy / "out", "--key", copy / "v.pem")
    assert said.code == 4
    assert "tiny/answer: the report says warn" in said.err


@pytest.mark.parametrize("words", [("-k", "n or seed"), ("--case", "n")])
def test_a_selection_is_never_certified(run: Path, tmp_path: Path, words: tuple[str, str]) -> None:
    assert pack_on_disk.run(run / "tiny", *words, out=tmp_path).code == 0
    said = pack_on_disk.harness("certify", tmp_path, "--key", run / "v.pem")
    assert said.code == 4
    assert "the run was a selection" in said.err
    assert not (tmp_path / "certificate.json").exists()


def test_shards_are_certified_once_they_are_merged_and_never_alone(
    run: Path, tmp_path: Path
) -> None:
    shards = [tmp_path / "1", tmp_path / "2"]
    for number, out in enumerate(shards, 1):
        words = ("--shard", f"{number}/2", "--repeat", "2", "--nonce", "given-by-lab")
        assert pack_on_disk.run(run / "tiny", *words, out=out).code == 0
        said = pack_on_disk.harness("certify", out, "--key", run / "v.pem")
        assert (said.code, "the run was a selection (shard" in said.err) == (4, True)
    assert pack_on_disk.harness("merge", *shards, "--out", tmp_path / "out").code == 0
    assert pack_on_disk.harness("certify", tmp_path / "out", "--key", run / "v.pem").code == 0
    certificate, pack = tmp_path / "out" / "certificate.json", ("--pack", run / "tiny")
    said = pack_on_disk.harness("verify", certificate, *pack, "--require", "conformant")
    assert (said.code, said.err) == (0, "")
    assert "the nonce given-by-lab went with each of" in said.out


def test_a_selection_that_hides_itself_is_not_certified_either(run: Path, tmp_path: Path) -> None:
    """What was left out, and is no opt-in feature, is enough to know it by."""
    assert pack_on_disk.run(run / "tiny", "--case", "n", out=tmp_path).code == 0
    path = tmp_path / "transcript.jsonl"
    first, rest = path.read_text("utf-8").split("\n", 1)
    header = json.loads(first)
    header["header"]["run"]["selection"] = None
    path.write_text(f"{json.dumps(header)}\n{rest}", "utf-8")
    again = load_recorded(str(path)).report()
    (tmp_path / "report.json").write_text(format_report(again), "utf-8")
    said = pack_on_disk.harness("certify", tmp_path, "--key", run / "v.pem")
    assert said.code == 4
    assert "the run is not whole: tiny/answer and 2 more" in said.err


def test_without_requirements_nothing_is_certified(run: Path, copy: Path, tmp_path: Path) -> None:
    requirements_path(copy / "tiny", "1.2.3").unlink()
    assert pack_on_disk.run(copy / "tiny", out=tmp_path / "out").code == 0
    said = pack_on_disk.harness("certify", tmp_path / "out", "--key", run / "v.pem")
    assert (said.code, "`harness freeze` writes them down" in said.err) == (4, True)
    assert "what tiny 1.2.3 requires is not known here: --pack FOLDER names it" in wrong(
        verify(copy)
    )
    said = pack_on_disk.harness("verify", run / "out" / "certificate.json")
    assert (said.code, "--pack FOLDER names it" in said.out) == (1, True)


def test_what_is_added_later_demotes_no_certificate(copy: Path) -> None:
    more = "  - {id: more, row: more, behaviour: supported, expect: {status: refused}}\n"
    pack_on_disk.pack(copy / "tiny", pack_on_disk.CASES + more)
    assert verify(copy, "--require", "conformant").code == 0
    pack_on_disk.pack(
        copy / "tiny", pack_on_disk.CASES + more, pack_on_disk.PACK.replace("1.2.3", "2.0.0")
    )
    assert pack_on_disk.harness("freeze", copy / "tiny").code == 0
    assert verify(copy, "--require", "conformant").code == 0
    changed = pack_on_disk.CASES.replace("const: ready", "const: other")
    pack_on_disk.pack(copy / "tiny", changed, pack_on_disk.PACK.replace("1.2.3", "2.0.0"))
    [line] = wrong(verify(copy))
    assert line == (
        "tiny 1.2.3: these cases are not those of the pack here (2.0.0): answer; "
        "--pack FOLDER names the pack of then"
    )


def test_what_fails_is_certified_as_failed(run: Path, tmp_path: Path) -> None:
    mutant = next(mutant for mutant in MUTANTS if mutant.id == "seed.refused")
    with pack_on_disk.gateway(Gateway(mutant.override, pace=0.0).respond) as url:
        given = ("--model", "builtin-1", "--header", f"authorization: Bearer {pack_on_disk.KEY}")
        assert pack_on_disk.run(run / "tiny", *given, target=url, out=tmp_path).code == 1
    assert pack_on_disk.harness("certify", tmp_path, "--key", run / "v.pem").code == 0
    words = ("verify", tmp_path / "certificate.json", "--pack", run / "tiny")
    assert pack_on_disk.harness(*words).code == 0
    said = pack_on_disk.harness(*words, "--require", "conformant")
    assert said.code == 1
    assert "holds, and says non-conformant: conformant is required" in said.out
    assert all(pack_on_disk.KEY.encode() not in path.read_bytes() for path in tmp_path.iterdir())


def test_a_second_party_signs_what_holds_and_only_that(copy: Path) -> None:
    assert pack_on_disk.harness("certify", "--new-key", copy / "lab.pem").code == 0
    said = verify(copy, "--trust", copy / "lab.pem.pub")
    assert [line.partition(":")[0] for line in wrong(said)] == [
        f"{copy / 'lab.pem.pub'} has not signed it"
    ]
    assert verify(copy, "--countersign", copy / "lab.pem").code == 0
    said = verify(copy, "--trust", copy / "lab.pem.pub", "--countersign", copy / "lab.pem")
    assert (said.code, "has signed this already" in said.err) == (4, True)
    said = verify(copy, "--trust", copy / "lab.pem.pub")
    assert said.code == 0
    assert "More than one has signed" in said.out
    (copy / "out" / "report.json").write_text("{}", "utf-8")
    before = (copy / "out" / "certificate.json").read_bytes()
    assert verify(copy, "--countersign", copy / "v.pem").code == 1
    assert (copy / "out" / "certificate.json").read_bytes() == before


def test_the_nonce_must_be_the_one_that_was_given(run: Path) -> None:
    assert wrong(verify(run, "--nonce", "another-one")) == [
        "the nonce of the run is given-by-lab, not another-one"
    ]
    words = ("certify", run / "out", "--key", run / "v.pem", "--nonce")
    said = pack_on_disk.harness(*words, "another-one", "--out", run / "other.json")
    assert (said.code, "the nonce of the run is given-by-lab" in said.err) == (4, True)
    assert pack_on_disk.harness(*words, "given-by-lab", "--out", run / "same.json").code == 0
    said = pack_on_disk.harness(
        "verify", run / "same.json", "--report", run / "out", "--pack", run / "tiny"
    )
    assert (said.code, "of whom you have not said that you trust it" in said.out) == (0, True)


def test_a_signature_without_a_signer_or_by_another_is_none(copy: Path) -> None:
    path = copy / "out" / "certificate.json"
    envelope = dsse.parse(path.read_bytes(), "c")
    bare = dsse.Envelope(envelope.payload, envelope.kind)
    path.write_text(dsse.render(bare), "utf-8")
    assert "nobody has signed it" in wrong(verify(copy))
    other = dsse.private_key(dsse.new_key()[0], "other")
    path.write_text(dsse.render(dsse.signed(bare, other)), "utf-8")
    assert "has not signed it" in wrong(verify(copy))[0]


@pytest.mark.parametrize(
    ("payload", "kind", "told"),
    [
        (b"[]", certify.KIND, "states nothing of a run"),
        (b"\xff", certify.KIND, "states nothing of a run"),
        (None, "application/json", "is no test result: application/json"),
        (b'"format": 9', certify.KIND, "has format 9, and this harness reads format 1"),
    ],
)
def test_what_is_signed_and_no_such_statement_is_one_line(
    copy: Path, payload: bytes | None, kind: str, told: str
) -> None:
    path = copy / "out" / "certificate.json"
    before = dsse.parse(path.read_bytes(), "c").payload
    if payload and b"format" in payload:
        payload = before.replace(b'"format":1', payload)
    key = dsse.private_key((copy / "v.pem").read_bytes(), "v")
    made = dsse.signed(dsse.Envelope(before if payload is None else payload, kind), key)
    path.write_text(dsse.render(made), "utf-8")
    said = verify(copy)
    assert (said.code, len(said.lines)) == (4, 1)
    assert told in said.lines[0]


def test_a_key_is_made_once_and_its_owner_reads_it_alone(tmp_path: Path) -> None:
    path = tmp_path / "k.pem"
    assert pack_on_disk.harness("certify", "--new-key", path).code == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_bytes().startswith(b"-----BEGIN PRIVATE KEY-----")
    before = path.read_bytes()
    assert "is there already" in pack_on_disk.harness("certify", "--new-key", path).err
    (tmp_path / "k.pem.pub").unlink()
    assert "cannot write the key" in pack_on_disk.harness("certify", "--new-key", path).err
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("certify",), "certify what, and by whom?"),
        (("certify", "{run}/out"), "certify what, and by whom?"),
        (("certify", "{run}/out", "--new-key", "x"), "--new-key only makes a key"),
        (("certify", "{run}/out", "--key", "none.pem"), "cannot read none.pem"),
        (("certify", "{run}/out", "--key", "{run}/v.pem.pub"), "is no private key in PEM"),
        (("certify", "{run}", "--key", "{run}/v.pem"), "cannot read"),
        (("certify", "{run}/out", "--key", "{run}/v.pem", "--out", "/no/x"), "cannot write"),
        (("verify", "none.json"), "cannot read none.json"),
        (("verify", "{run}/out/report.json"), "is not a certificate"),
        (("verify", "{run}/out/certificate.json", "--trust", "{run}/v.pem"), "is no public"),
        (("verify", "{run}/out/certificate.json", "--report", "/no"), "cannot read"),
    ],
)
def test_wrong_usage_is_one_line(run: Path, words: tuple[str, ...], told: str) -> None:
    said = pack_on_disk.harness(*(word.replace("{run}", str(run)) for word in words))
    assert (said.code, len(said.lines)) == (4, 1)
    assert told in said.lines[0]


def test_without_the_extra_it_is_told_which(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography", None)
    said = pack_on_disk.harness("certify", "--new-key", "k.pem")
    assert (said.code, said.lines) == (4, [f"ERROR: {dsse.NEEDS}"])
