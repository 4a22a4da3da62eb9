"""`harness certify`, `harness verify`: a run's certificate, made and tried. Decides nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from harness.util.errors import UsageError

if TYPE_CHECKING:
    from harness.certify import Verified

NAME: Final = "certificate.json"
MARKS: Final = {True: "ok   ", False: "WRONG", None: "note "}
PROVES: Final = """
It proves that these answers give these verdicts, judged by these cases, and who signed for that.
It does not prove where the answers came from: whoever wrote the transcript could have made them
up, or asked another gateway."""
ONE: Final = """
A second party that saw the run, or made it, can sign too: harness verify --countersign."""
TWO: Final = """
More than one has signed. Each vouches for where the answers came from as far as you trust it."""
NONCE: Final = """
A nonce says that the run was made after it was given, if whoever gave it has signed, or finds it
in the gateway's own logs."""


@click.command()
@click.argument("report", required=False, metavar="REPORT")
@click.option("--key", metavar="FILE", help="Sign with this Ed25519 key (PEM).")
@click.option("--nonce", metavar="N", help="Only if the run was made with this nonce.")
@click.option("--out", metavar="FILE", help=f"Where to write (default: {NAME} in REPORT).")
@click.option("--new-key", metavar="FILE", help="Make a key: FILE, and FILE.pub for verifiers.")
def certify(
    report: str | None, key: str | None, nonce: str | None, out: str | None, new_key: str | None
) -> int:
    """Certify the run in the folder REPORT: an in-toto Statement in a DSSE envelope, signed.

    The run must be whole: no selection, no baseline, and packs whose requirements are frozen. It is
    judged again first. `openssl genpkey -algorithm ed25519` makes a key as well.
    """
    if new_key:
        if report or key:
            raise UsageError("--new-key only makes a key: leave out REPORT and --key")
        return make_key(Path(new_key))
    if not report or not key:
        raise UsageError("certify what, and by whom? harness certify REPORT --key FILE")
    write(Path(out) if out else Path(report) / NAME, certified(report, key, nonce))
    return 0


def certified(report: str, key: str, nonce: str | None) -> str:
    """The certificate's text. Raises UsageError for a run that cannot be certified."""
    import json

    from harness import certify as room
    from harness.certify import dsse

    signer = dsse.private_key(read(key), key)
    one = room.filed(Path(report))
    wrong = list(room.refusals(one))
    if wrong:
        more = f" (and {len(wrong) - 1} more)" if wrong[1:] else ""
        raise UsageError(f"{report} cannot be certified: {wrong[0]}{more}")
    said = room.statement(one)
    told = said["predicate"]["conformance"]
    if nonce and told.get("nonce") != nonce:
        given = told.get("nonce", "none")
        raise UsageError(f"the nonce of the run is {given}: make one with --nonce {nonce}")
    for line in results(told):
        click.echo(line)
    payload = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
    return dsse.render(dsse.signed(dsse.Envelope(payload, room.KIND), signer))


def results(told: Mapping[str, Any]) -> Iterator[str]:
    """The result of the whole, and of each profile with its features."""
    from harness.report.headline import join_words

    packs = join_words([f"{pack['id']} {pack['version']}" for pack in told["packs"]])
    where = ", ".join(front["base_url"] for front in told["target"]["fronts"])
    yield f"{told['target']['name']} ({where}) is {told['result']} to {packs}"
    for one in told["profiles"]:
        held = one["totals"]["pass"] + one["totals"]["warn"]
        name = f"{one['pack']} {one['version']} {one['profile']}"
        yield f"  {name:<36} {one['result']:<15} {held} of {one['required']} required cases"
        for label in ("shown", "not_claimed"):
            if one[label]:
                yield f"    {label.replace('_', ' ')}: {', '.join(one[label])}"
        unshown = [feature for feature in one["claimed"] if feature not in one["shown"]]
        if unshown:
            yield f"    not shown: {', '.join(unshown)}"


@click.command()
@click.argument("certificate", metavar="CERTIFICATE")
@click.option("--report", metavar="DIR", help="The run's folder (default: the certificate's).")
@click.option("--trust", multiple=True, metavar="PUB", help="This key must have signed (PEM).")
@click.option("--nonce", metavar="N", help="The run must have been made with this nonce.")
@click.option("--pack", "packs", multiple=True, metavar="P", help="Where the packs are.")
@click.option("--require", type=click.Choice(["conformant"]), help="Exit 1 if only partial.")
@click.option("--countersign", metavar="KEY", help="If all holds, sign it too, with this key.")
def verify(
    certificate: str,
    report: str | None,
    trust: tuple[str, ...],
    nonce: str | None,
    packs: tuple[str, ...],
    require: str | None,
    countersign: str | None,
) -> int:
    """Verify CERTIFICATE: its signatures, its files byte for byte, every verdict judged again."""
    from harness import certify as room
    from harness.certify import dsse

    path = Path(certificate)
    keys = {name: dsse.public_key(read(name), name) for name in trust}
    folder = Path(report) if report else path.parent
    found = room.verified(path, folder, keys, packs, nonce or "")
    for line in told(found, require or ""):
        click.echo(line)
    result = found.statement["predicate"]["conformance"]["result"] if found.holds else ""
    good = found.holds and (not require or result == require)
    if good and countersign:
        key = dsse.private_key(read(countersign), countersign)
        write(path, dsse.render(dsse.signed(found.envelope, key)))
    return 0 if good else 1


def told(found: Verified, require: str) -> Iterator[str]:
    yield from (f"{MARKS[check.holds]} {check.says}" for check in found.checks)
    if not found.holds:
        yield "\nThe certificate does not hold."
        return
    conformance = found.statement["predicate"]["conformance"]
    yield from ("", *results(conformance))
    if require and conformance["result"] != require:
        yield f"\nThe certificate holds, and says {conformance['result']}: {require} is required."
    yield PROVES
    yield (TWO if found.envelope.signatures[1:] else ONE).strip()
    if "nonce" in conformance:
        yield NONCE.strip()


def make_key(path: Path) -> int:
    """Neither file may be there: a key that is written over is lost."""
    from harness.certify import dsse

    private, public = dsse.new_key()
    beside = path.with_name(f"{path.name}.pub")
    if beside.exists():
        raise UsageError(f"{beside} is there already")
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(handle, "wb") as file:
            file.write(private)
        beside.write_bytes(public)
    except OSError as error:
        raise UsageError(f"cannot write the key {path}: {error.strerror}") from error
    shown = dsse.fingerprint(dsse.public_key(public, str(beside)))
    click.echo(f"{path}: keep it to yourself\n{beside}: {shown}")
    return 0


def read(name: str) -> bytes:
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {name}: {error.strerror}") from error


def write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from error
    click.echo(f"signed: {path}")
