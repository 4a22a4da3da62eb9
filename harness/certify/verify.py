"""A certificate, the files that it names -> what holds of it, line by line. Signs nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

from harness.certify import dsse
from harness.certify.cases import compared
from harness.certify.run_folder import TORN, Filed, digests, filed, refusals
from harness.certify.statement import FORMAT, KIND, PREDICATE, STATEMENT, nonce_of, statement
from harness.fire.request import NONCE
from harness.plan.repetitions import repeat_plan
from harness.report.text import plural
from harness.run.metadata import own_version
from harness.run.replay import turns
from harness.util.errors import UsageError

MOST: Final = 5


class Check(NamedTuple):
    """`holds` is None for what is only said: it could not be looked at, or need not hold."""

    holds: bool | None
    says: str


@dataclass(slots=True)
class Verified:
    """What was looked at; `statement` is what the certificate says, once its signatures hold."""

    envelope: dsse.Envelope
    checks: list[Check] = field(default_factory=list)
    statement: Mapping[str, Any] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        return bool(self.checks) and all(check.holds is not False for check in self.checks)

    def heard(self, checks: Iterable[Check]) -> bool:
        self.checks += checks
        return self.holds


def verified(
    certificate: Path,
    folder: Path,
    trust: Mapping[str, bytes],
    packs: Sequence[str] = (),
    nonce: str = "",
) -> Verified:
    """`trust`: public keys by file, each of which must have signed; `packs`: where the cases are.

    What rests on something that does not hold is not looked at. Raises UsageError for files that
    cannot be read.
    """
    try:
        data = certificate.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {certificate}: {error.strerror}") from error
    found = Verified(dsse.parse(data, str(certificate)))
    if not found.heard(signatures(found.envelope, trust)):
        return found
    found.statement = stated(found.envelope, str(certificate))
    if found.heard(subjects(found.statement, folder)):
        try:
            found.heard(of_run(filed(folder), found.statement, packs, nonce))
        except TORN as error:
            found.heard([Check(False, f"the run cannot be planned again: {error!r:.200}")])
    return found


def of_run(
    one: Filed, said: Mapping[str, Any], packs: Sequence[str], nonce: str
) -> Iterator[Check]:
    yield from judged(one)
    yield from same_facts(one, said, packs)
    yield from nonces(one, nonce)


def signatures(envelope: dsse.Envelope, trust: Mapping[str, bytes]) -> Iterator[Check]:
    """Each must hold, the trusted ones must be there."""
    known = {public: name for name, public in trust.items()}
    for one in envelope.signatures:
        who = known.get(one.public)
        named = f"whom you trust ({who})" if who else "of whom you have not said that you trust it"
        holds = dsse.holds(envelope, one)
        yield Check(holds, f"signed by {one.key}, {named}" if holds else f"not signed by {one.key}")
    if not envelope.signatures:
        yield Check(False, "nobody has signed it")
    there = {one.public for one in envelope.signatures}
    for name, public in trust.items():
        if public not in there:
            yield Check(False, f"{name} has not signed it: {dsse.fingerprint(public)}")


def stated(envelope: dsse.Envelope, name: str) -> dict[str, Any]:
    """Raises UsageError for what is signed, and is no such statement."""
    try:
        said = json.loads(envelope.payload)
        kinds = (envelope.kind, said["_type"], said["predicateType"])
        given = said["predicate"]["conformance"]["format"]
        subjects = {one["name"]: one["digest"]["sha256"] for one in said["subject"]}
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise UsageError(f"{name} states nothing of a run: {error}") from error
    if kinds != (KIND, STATEMENT, PREDICATE) or not subjects:
        raise UsageError(f"{name} is no test result: {', '.join(map(str, kinds))}")
    if given != FORMAT:
        raise UsageError(f"{name} has format {given}, and this harness reads format {FORMAT}")
    assert isinstance(said, dict)
    return said


def subjects(said: Mapping[str, Any], folder: Path) -> Iterator[Check]:
    expected = {str(one["name"]): one["digest"]["sha256"] for one in said["subject"]}
    there = digests(folder)
    for name in dict.fromkeys((*expected, *there)):
        holds = expected.get(name) == there.get(name)
        was = "is the one" if holds else "is not the one, byte for byte,"
        yield Check(holds, f"{folder / name} {was} that it names")


def judged(one: Filed) -> Iterator[Check]:
    """The run was whole, and its verdicts are those that its answers give."""
    wrong = list(refusals(one))
    yield from (Check(False, line) for line in wrong[:MOST])
    if len(wrong) > MOST:
        yield Check(False, f"and {len(wrong) - MOST} more of that")
    if not wrong:
        count = plural(len(one.again["cases"]), "verdict")
        yield Check(True, f"judged again, {count}: all the same; the run was whole")


def same_facts(one: Filed, said: Mapping[str, Any], packs: Sequence[str]) -> Iterator[Check]:
    """What is stated is what this harness would state; the cases are those of the packs here."""
    known, told = compared(one.run, packs)
    yield from (Check(*pair) for pair in told)
    if any(pack.frozen is None for pack in known):
        return
    now = json.loads(json.dumps(statement(one, known)))
    by = said["predicate"]["conformance"].get("harness")
    other = by != own_version()
    places = [at for at, _, _ in differing(said, now) if not (other and moved(at))]
    yield from (Check(False, f"it says otherwise of {place}") for place in places[:MOST])
    if not places:
        yield Check(True, "target, packs, requirements, counts and result are those of the run")
    if other:
        yield Check(None, f"certified by version {by} of the harness; this is {own_version()}")


def moved(place: str) -> bool:
    """What another version of the harness may say otherwise."""
    return place.startswith("conformance/harness") or "kill_matrix" in place or "configur" in place


def differing(said: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """(where, stated, found), a level deeper for the predicate and what we add to it."""
    for key in dict.fromkeys((*said, *now)):
        old, new = said.get(key), now.get(key)
        if old == new:
            continue
        if key in ("predicate", "conformance") and isinstance(old, dict) and isinstance(new, dict):
            inner = "" if key == "predicate" else f"{key}/"
            yield from ((f"{inner}{place}", a, b) for place, a, b in differing(old, new))
        else:
            yield key, old, new


def nonces(one: Filed, wanted: str) -> Iterator[Check]:
    """Requests that an SDK wrote are the SDK's own; all others carry the run's word."""
    nonce = nonce_of(one.run)
    if wanted and nonce != wanted:
        yield Check(False, f"the nonce of the run is {nonce or 'none'}, not {wanted}")
    if not nonce:
        return
    known = one.run.exchanges.values()
    ours = {
        shot.id
        for plan in one.run.plans
        for turn in turns(one.run.header)
        for shot in repeat_plan(plan, turn).shots
        if not shot.call.client
    }
    sent = [exchange for exchange in known if exchange.attempts and exchange.shot in ours]
    if not sent:
        yield Check(None, f"the nonce is {nonce}; every request was an SDK's, and shows none")
        return
    bare = [e for e in sent if (NONCE, nonce) not in e.request_headers]
    told = f"the nonce {nonce} went with each of {plural(len(sent), 'request')}"
    yield Check(not bare, told if not bare else f"{plural(len(bare), 'request')} went without it")
