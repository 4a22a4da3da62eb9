"""`harness certify` and `harness verify`: make and verify the certificate of a run."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from harness.util.errors import UsageError, file_errors
from harness.util.file_access import read_bytes, write_whole
from harness.util.printable import printable, printable_data

if TYPE_CHECKING:
    from harness.certify import Verification

NAME: Final = "certificate.json"
MAX_KEY: Final = 1024 * 1024  # bytes


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
    """Print the result. Raises UsageError for a run that cannot be certified."""
    from harness.certify import PAYLOAD_TYPE, dsse, find_problems, load_run_folder, make_statement
    from harness.report.rendering import render

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
    summary = render("certificate.txt.jinja2", printable_data(result_data(conformance)))
    click.echo(printable(summary), nl=False)
    payload = json.dumps(statement, ensure_ascii=False, separators=(",", ":")).encode()
    return dsse.format_envelope(dsse.signed_envelope(payload, PAYLOAD_TYPE, signer))


def result_data(conformance: Mapping[str, Any]) -> dict[str, Any]:
    from harness.report.headline import join_words

    packs = [f"{pack['id']} {pack['version']}" for pack in conformance["packs"]]
    return {"conformance": conformance, "packs": join_words(packs)}


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
    from harness.report.rendering import render

    path = Path(certificate)
    keys = {name: dsse.load_public_key(read_file(name), name) for name in trust}
    folder = Path(report) if report else path.parent
    verification = verify_certificate(path, folder, keys, packs, nonce or "")
    data = verification_data(verification) | {"required": require}
    text = render("verification.txt.jinja2", printable_data(data))
    click.echo(printable(text), nl=False)
    if not verification.passed or require not in (None, data["conformance"]["result"]):
        return 1
    if countersign:
        dsse.sign(verification.envelope, dsse.load_private_key(read_file(countersign), countersign))
        write_certificate(path, dsse.format_envelope(verification.envelope))
    return 0


def verification_data(verification: Verification) -> dict[str, Any]:
    checks = [check._asdict() for check in verification.checks]
    data = {"checks": checks, "passed": verification.passed}
    if not verification.passed:
        return data
    signatures = len(verification.envelope.signatures)
    result = result_data(verification.statement["predicate"]["conformance"])
    return {**data, **result, "signatures": signatures}


def make_key(path: Path) -> int:
    """Write a key pair. Existing files are kept, since a lost key cannot be restored."""
    from harness.certify import dsse

    private, public = dsse.new_key_pair()
    public_path = path.with_name(f"{path.name}.pub")
    if public_path.exists():
        raise UsageError(f"{public_path} already exists")
    with file_errors("write the key", path):
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(handle, "wb") as file:
            file.write(private)
        public_path.write_bytes(public)
    keyid = dsse.load_public_key(public, str(public_path)).keyid
    click.echo(f"{path}: private key, keep it secret\n{public_path}: public key, id {keyid}")
    return 0


def read_file(name: str) -> bytes:
    with file_errors("read", name):
        return read_bytes(name, MAX_KEY)


def write_certificate(path: Path, text: str) -> None:
    with file_errors("write", path):
        write_whole(path, text)
    click.echo(f"signed: {path}")
