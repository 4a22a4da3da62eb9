"""`harness certify` and `harness verify`: make and verify the certificate of a run."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from harness.util.errors import UsageError

if TYPE_CHECKING:
    from harness.certify import Verification

NAME: Final = "certificate.json"
MARKS: Final = {"ok": "ok   ", "wrong": "WRONG", "note": "note "}
SCOPE: Final = """
It proves that these answers give these verdicts, judged by these cases, and who signed for that.
It does not prove where the answers came from: the author of the transcript could have invented
them, or recorded another gateway."""
ONE_SIGNATURE: Final = (
    "A second party that made the run or observed it can sign too: harness verify --countersign."
)
SIGNATURES: Final = (
    "It has several signatures. Each vouches for the origin of the answers as far as you trust it."
)
NONCE: Final = """\
The nonce shows that the run was made after the nonce was chosen, if its owner has signed, or finds
it in the gateway's own logs."""


@click.command()
@click.argument("report", required=False, metavar="REPORT")
@click.option("--key", metavar="FILE", help="Ed25519 private key to sign with (PEM).")
@click.option("--nonce", metavar="N", help="Required nonce of the run.")
@click.option("--out", metavar="FILE", help=f"Output file (default: {NAME} in REPORT).")
@click.option("--new-key", metavar="FILE", help="Write a new key pair to FILE and FILE.pub.")
def certify(
    report: str | None, key: str | None, nonce: str | None, out: str | None, new_key: str | None
) -> int:
    """Certify the run in the folder REPORT: a signed in-toto Statement in a DSSE envelope.

    The run must be complete: no selection, no baseline, and packs with frozen requirements. It is
    judged again first. `openssl genpkey -algorithm ed25519` makes a suitable key as well.
    """
    if new_key:
        if report or key:
            raise UsageError("--new-key only makes a key: leave out REPORT and --key")
        return make_key(Path(new_key))
    if not report or not key:
        raise UsageError("REPORT and --key are required: harness certify REPORT --key FILE")
    text = certificate_text(report, key, nonce)
    write_certificate(Path(out) if out else Path(report) / NAME, text)
    return 0


def certificate_text(report: str, key: str, nonce: str | None) -> str:
    """Print the result, and return the certificate. Raises UsageError if none is possible."""
    from harness.certify import PAYLOAD_TYPE, dsse, find_problems, load_run_folder, make_statement

    signer = dsse.load_private_key(read_file(key), key)
    loaded = load_run_folder(Path(report))
    problems = list(find_problems(loaded))
    if problems:
        more = f" (and {len(problems) - 1} more)" if problems[1:] else ""
        raise UsageError(f"{report} cannot be certified: {problems[0]}{more}")
    statement = make_statement(loaded)
    conformance = statement["predicate"]["conformance"]
    if nonce and conformance.get("nonce") != nonce:
        actual = conformance.get("nonce", "none")
        raise UsageError(f"the nonce of the run is {actual}: run again with --nonce {nonce}")
    for line in result_lines(conformance):
        click.echo(line)
    payload = json.dumps(statement, ensure_ascii=False, separators=(",", ":")).encode()
    envelope = dsse.new_envelope(payload, PAYLOAD_TYPE)
    dsse.sign(envelope, signer)
    return dsse.format_envelope(envelope)


def result_lines(conformance: Mapping[str, Any]) -> Iterator[str]:
    """Yield the overall result, and that of each profile with its features."""
    from harness.report.headline import join_words

    target = conformance["target"]
    packs = join_words([f"{pack['id']} {pack['version']}" for pack in conformance["packs"]])
    urls = ", ".join(endpoint["base_url"] for endpoint in target["endpoints"])
    yield f"{target['name']} ({urls}) is {conformance['result']} to {packs}"
    for one in conformance["profiles"]:
        passed = one["totals"]["pass"] + one["totals"]["warn"]
        name = f"{one['pack']} {one['version']} {one['profile']}"
        yield f"  {name:<36} {one['result']:<15} {passed} of {one['required']} required cases"
        features = {
            "shown": one["shown"],
            "not claimed": one["not_claimed"],
            "not shown": [feature for feature in one["claimed"] if feature not in one["shown"]],
        }
        for label, names in features.items():
            if names:
                yield f"    {label}: {', '.join(names)}"


@click.command()
@click.argument("certificate", metavar="CERTIFICATE")
@click.option("--report", metavar="DIR", help="Folder of the run (default: CERTIFICATE's folder).")
@click.option("--trust", multiple=True, metavar="PUB", help="Public key that must have signed.")
@click.option("--nonce", metavar="N", help="Required nonce of the run.")
@click.option("--pack", "packs", multiple=True, metavar="P", help="Folder of a pack of the run.")
@click.option("--require", type=click.Choice(["conformant"]), help="Exit 1 for another result.")
@click.option("--countersign", metavar="KEY", help="If everything holds, add a signature (PEM).")
def verify(
    certificate: str,
    report: str | None,
    trust: tuple[str, ...],
    nonce: str | None,
    packs: tuple[str, ...],
    require: str | None,
    countersign: str | None,
) -> int:
    """Verify CERTIFICATE: its signatures, its files byte for byte, and every verdict.

    Without --trust the signatures are only listed: anyone can sign with a key of their own.
    """
    from harness.certify import dsse, verify_certificate

    path = Path(certificate)
    keys = {name: dsse.load_public_key(read_file(name), name) for name in trust}
    folder = Path(report) if report else path.parent
    verification = verify_certificate(path, folder, keys, packs, nonce or "")
    for line in verification_lines(verification, require or ""):
        click.echo(line)
    if not verification.passed:
        return 1
    if require not in (None, verification.statement["predicate"]["conformance"]["result"]):
        return 1
    if countersign:
        dsse.sign(verification.envelope, dsse.load_private_key(read_file(countersign), countersign))
        write_certificate(path, dsse.format_envelope(verification.envelope))
    return 0


def verification_lines(verification: Verification, require: str) -> Iterator[str]:
    yield from (f"{MARKS[check.result]} {check.message}" for check in verification.checks)
    if not verification.passed:
        yield "\nThe certificate is not valid."
        return
    conformance = verification.statement["predicate"]["conformance"]
    yield from ("", *result_lines(conformance))
    if require and conformance["result"] != require:
        yield f"\nThe certificate is valid, but {require} is required: {conformance['result']}."
    yield SCOPE
    yield SIGNATURES if len(verification.envelope.signatures) > 1 else ONE_SIGNATURE
    if "nonce" in conformance:
        yield NONCE


def make_key(path: Path) -> int:
    """Write a key pair. Existing files are kept, since a lost key cannot be restored."""
    from harness.certify import dsse

    private, public = dsse.new_key_pair()
    public_path = path.with_name(f"{path.name}.pub")
    if public_path.exists():
        raise UsageError(f"{public_path} already exists")
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(handle, "wb") as file:
            file.write(private)
        public_path.write_bytes(public)
    except OSError as error:
        raise UsageError(f"cannot write the key {path}: {error.strerror}") from error
    keyid = dsse.load_public_key(public, str(public_path)).keyid
    click.echo(f"{path}: private key, keep it secret\n{public_path}: public key, id {keyid}")
    return 0


def read_file(name: str) -> bytes:
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {name}: {error.strerror}") from error


def write_certificate(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from error
    click.echo(f"signed: {path}")
