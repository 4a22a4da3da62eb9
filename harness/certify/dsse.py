"""Payload, keys <-> a DSSE envelope, signed with Ed25519. May not know what it signs.

DSSE 1.0: https://github.com/secure-systems-lab/dsse. A signature is over the payload and its type;
a key is named by the SHA-256 of its SubjectPublicKeyInfo, and each signature carries its own, so
that whoever has no key yet can see whether the signature is one at all.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from harness.util.errors import UsageError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import ed25519

NEEDS: Final = "signatures need the extra: pip install 'llm-gateway-conformance[certify]'"


@dataclass(frozen=True, slots=True)
class Signature:
    """`public` is the signer's SubjectPublicKeyInfo in DER."""

    public: bytes
    sig: bytes

    @property
    def key(self) -> str:
        return fingerprint(self.public)


@dataclass(frozen=True, slots=True)
class Envelope:
    """A payload with its media type and signatures."""

    payload: bytes
    kind: str
    signatures: tuple[Signature, ...] = ()

    @property
    def signed(self) -> bytes:
        """What a signature is over: DSSE's pre-authentication encoding."""
        kind = self.kind.encode()
        return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(self.payload), self.payload)


def render(envelope: Envelope) -> str:
    """The one way in which an envelope is written down."""
    signatures = [
        {"keyid": one.key, "sig": text(one.sig), "publicKey": text(one.public)}
        for one in envelope.signatures
    ]
    made = {"payloadType": envelope.kind, "payload": text(envelope.payload)}
    return json.dumps({**made, "signatures": signatures}, indent=2) + "\n"


def parse(data: bytes, name: str) -> Envelope:
    """Raises UsageError for anything but the very bytes that `render` makes of it."""
    try:
        found = json.loads(data)
        signatures = tuple(
            Signature(base64.b64decode(one["publicKey"]), base64.b64decode(one["sig"]))
            for one in found["signatures"]
        )
        payload = base64.b64decode(found["payload"])
        envelope = Envelope(payload, str(found["payloadType"]), signatures)
    except (ValueError, LookupError, TypeError, RecursionError, binascii.Error) as error:
        raise UsageError(f"{name} is not a certificate: {error}") from error
    if render(envelope).encode() != data:
        raise UsageError(f"{name} was changed: its bytes are not those of what it says")
    return envelope


def signed(envelope: Envelope, key: ed25519.Ed25519PrivateKey) -> Envelope:
    """The envelope with one more signature. Raises UsageError for a key that has signed it."""
    public = public_of(key.public_key())
    if any(one.public == public for one in envelope.signatures):
        raise UsageError(f"the key {fingerprint(public)} has signed this already")
    more = Signature(public, key.sign(envelope.signed))
    return replace(envelope, signatures=(*envelope.signatures, more))


def holds(envelope: Envelope, signature: Signature) -> bool:
    """Whether the key that a signature carries made it."""
    needed()
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric import ed25519
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    try:
        key = load_der_public_key(signature.public)
        if not isinstance(key, ed25519.Ed25519PublicKey):
            return False
        key.verify(signature.sig, envelope.signed)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return public_of(key) == signature.public


def new_key() -> tuple[bytes, bytes]:
    """(private, public), both PEM, as `openssl genpkey -algorithm ed25519` writes them."""
    needed()
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric import ed25519

    key = ed25519.Ed25519PrivateKey.generate()
    private = key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())
    public = key.public_key().public_bytes(
        form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo
    )
    return private, public


def private_key(pem: bytes, name: str) -> ed25519.Ed25519PrivateKey:
    """Raises UsageError, which tells nothing of the file's content."""
    needed()
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ed25519
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(pem, password=None)
    except TypeError:
        raise UsageError(f"{name} is locked: `openssl pkey -in {name}` writes it open") from None
    except (ValueError, UnsupportedAlgorithm):
        raise UsageError(f"{name} is no private key in PEM") from None
    if not isinstance(key, ed25519.Ed25519PrivateKey):
        raise UsageError(f"{name} is no Ed25519 key: `harness certify --new-key FILE` makes one")
    return key


def public_key(pem: bytes, name: str) -> bytes:
    """SubjectPublicKeyInfo in DER. Raises UsageError."""
    needed()
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ed25519
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, ed25519.Ed25519PublicKey):
        raise UsageError(f"{name} is no public Ed25519 key in PEM")
    return public_of(key)


def public_of(key: ed25519.Ed25519PublicKey) -> bytes:
    from cryptography.hazmat.primitives import serialization as form

    return key.public_bytes(form.Encoding.DER, form.PublicFormat.SubjectPublicKeyInfo)


def fingerprint(public: bytes) -> str:
    """Return the key id of a public key: the SHA-256 of its DER encoding."""
    return f"sha256:{hashlib.sha256(public).hexdigest()}"


def text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def needed() -> None:
    try:
        import cryptography  # noqa: F401
    except ImportError as error:
        raise UsageError(NEEDS) from error


__all__: Sequence[str] = (
    *("Envelope", "Signature", "fingerprint", "holds", "new_key", "parse"),
    *("private_key", "public_key", "render", "signed"),
)
