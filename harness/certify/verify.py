"""Verifies a certificate: its signatures, its files, and every verdict in them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from harness.certify import dsse
from harness.certify.cases import Check, check_nonce, compare_cases
from harness.certify.run_folder import (
    FILES,
    NOT_COVERED,
    RENDERED,
    RunFolder,
    file_digests,
    find_problems,
    load_run_folder,
)
from harness.certify.statement import (
    FORMAT,
    PAYLOAD_TYPE,
    PREDICATE,
    STATEMENT,
    make_statement,
)
from harness.report.text import plural
from harness.run.facts import own_version
from harness.util import foreign_json, json_schema
from harness.util.errors import HarnessError, UsageError, file_errors
from harness.util.file_access import MAX_JSON, read_bytes

if TYPE_CHECKING:
    from securesystemslib.dsse import Envelope
    from securesystemslib.signer import SSlibKey

Statement = Mapping[str, Any]
MAX_LINES: Final = 5


@dataclass(slots=True)
class Verification:
    """The checks of a certificate; `statement` is empty until its signatures are verified."""

    envelope: Envelope
    checks: list[Check] = field(default_factory=list)
    statement: Statement = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        return bool(self.checks) and all(check.result != "wrong" for check in self.checks)

    def add(self, checks: Iterable[Check]) -> bool:
        """Add checks. Return whether all checks so far have passed."""
        self.checks += checks
        return self.passed


def verify_certificate(
    certificate: Path,
    folder: Path,
    trust: Mapping[str, SSlibKey],
    packs: Sequence[str] = (),
    nonce: str = "",
) -> Verification:
    """Verify a certificate and its run; checks that depend on a failed one are not made.

    Args:
        trust: Public keys by file name; each of them must have signed.
        packs: The local packs with the cases of the run.
        nonce: The nonce that the run must have.

    Raises:
        UsageError: A file cannot be read.
    """
    with file_errors("read", certificate):
        data = read_bytes(certificate, MAX_JSON)
    verification = Verification(dsse.parse_envelope(data, str(certificate)))
    if not verification.add(check_signatures(verification.envelope, trust)):
        return verification
    verification.statement = read_statement(verification.envelope, str(certificate))
    if verification.add(check_files(verification.statement, folder)):
        verification.add(check_run(load_run_folder(folder), verification.statement, packs, nonce))
    return verification


def check_run(
    loaded: RunFolder, statement: Statement, packs: Sequence[str], nonce: str
) -> Iterator[Check]:
    try:
        yield from check_verdicts(loaded)
        yield from check_statement(loaded, statement, packs)
        yield from check_nonce(loaded.run, nonce)
    except HarnessError:
        raise
    except Exception as error:
        yield Check("wrong", f"the run cannot be planned again: {error!r:.200}")


def check_signatures(envelope: Envelope, trust: Mapping[str, SSlibKey]) -> Iterator[Check]:
    """Every trusted key must have signed; signatures of other keys are only listed."""
    if not envelope.signatures:
        yield Check("wrong", "the certificate is not signed")
    for name, key in trust.items():
        if dsse.is_signed_by(envelope, key):
            yield Check("ok", f"signed by the trusted key {name} ({key.keyid})")
        elif key.keyid in envelope.signatures:
            yield Check("wrong", f"the signature of {name} ({key.keyid}) is not valid")
        else:
            yield Check("wrong", f"{name} has not signed it ({key.keyid})")
    for keyid in envelope.signatures.keys() - {key.keyid for key in trust.values()}:
        yield Check("note", f"signature of the key {keyid} not checked: --trust names its file")


def read_statement(envelope: Envelope, name: str) -> dict[str, Any]:
    """Raises UsageError if the payload is not a statement about a run."""
    try:
        statement = foreign_json.parse(envelope.payload)
    except ValueError as error:
        raise UsageError(f"{name} is not a statement about a run: {error}") from error
    for at, problem in json_schema.errors("certificate", statement):
        raise UsageError(f"{name} is not a statement about a run: {at}: {problem}")
    types = (envelope.payload_type, statement["_type"], statement["predicateType"])
    number = statement["predicate"]["conformance"]["format"]
    if types != (PAYLOAD_TYPE, STATEMENT, PREDICATE):
        raise UsageError(f"{name} is not a test result: {', '.join(map(str, types))}")
    if number != FORMAT:
        raise UsageError(f"{name} has format {number}; this version reads format {FORMAT}")
    assert isinstance(statement, dict)
    return statement


def check_files(statement: Statement, folder: Path) -> Iterator[Check]:
    """Each certified file must be there as it was; of those that are rendered, some may be gone."""
    expected = {str(one["name"]): one["digest"]["sha256"] for one in statement["subject"]}
    actual = file_digests(folder)
    for name in dict.fromkeys((*FILES, *expected)):
        if name not in actual and name in RENDERED:
            yield Check("note", f"{name} is certified, but is not in {folder}")
        elif name in expected and expected[name] == actual.get(name):
            yield Check("ok", f"{folder / name} is the certified file")
        else:
            yield Check("wrong", f"{folder / name} is not the certified file: its bytes differ")
    others = [name for name in NOT_COVERED if (folder / name).exists()]
    for name in [name for name in (*actual, *others) if name not in expected]:
        yield Check("note", f"{folder / name} is not covered by the certificate")


def check_verdicts(loaded: RunFolder) -> Iterator[Check]:
    """The run must be complete, and its answers must give its verdicts."""
    problems = list(find_problems(loaded))
    yield from (Check("wrong", line) for line in problems[:MAX_LINES])
    if len(problems) > MAX_LINES:
        yield Check("wrong", f"and {len(problems) - MAX_LINES} more problems")
    if not problems:
        count = plural(len(loaded.rejudged["cases"]), "verdict")
        yield Check("ok", f"judged again, {count}: no differences; the run is complete")


def check_statement(
    loaded: RunFolder, statement: Statement, packs: Sequence[str]
) -> Iterator[Check]:
    """The statement must be the one that this harness makes, about the cases of the local packs."""
    known, checks = compare_cases(loaded.run, packs)
    yield from checks
    if any(pack.frozen is None for pack in known):
        return
    expected = json.loads(json.dumps(make_statement(loaded, known)))
    version = statement["predicate"]["conformance"].get("harness")
    other_version = version != own_version()
    subject = {"subject": statement["subject"]}  # `check_files` compares it
    places = [*different_places(statement, {**expected, **subject})]
    if other_version:
        places = [place for place in places if not may_differ(place)]
    yield from (Check("wrong", f"it states something else at {p}") for p in places[:MAX_LINES])
    if not places:
        yield Check("ok", "target, packs, requirements, counts and result are those of the run")
    if other_version:
        yield Check("note", f"certified by version {version} of the harness, not {own_version()}")


def may_differ(place: str) -> bool:
    """Whether another version of the harness may state something else there."""
    return place.startswith("conformance/harness") or "kill_matrix" in place or "configur" in place


def different_places(stated: Mapping[str, Any], expected: Mapping[str, Any]) -> Iterator[str]:
    """Yield keys with different values; predicate and `conformance` are compared by key."""
    for key in dict.fromkeys((*stated, *expected)):
        old, new = stated.get(key), expected.get(key)
        if old == new:
            continue
        if key in ("predicate", "conformance") and isinstance(old, dict) and isinstance(new, dict):
            prefix = "" if key == "predicate" else f"{key}/"
            yield from (f"{prefix}{place}" for place in different_places(old, new))
        else:
            yield key
