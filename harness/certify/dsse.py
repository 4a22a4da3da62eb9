"""DSSE envelopes with Ed25519 signatures, made and verified with securesystemslib.

DSSE 1.0: https://github.com/secure-systems-lab/dsse. Key ids are those of securesystemslib, so
in-toto tools that load the signer's public key find its signature.
"""

from __future__ import annotations

import json
from typing import Final

from harness.util import foreign_json
from harness.util.errors import UsageError
from harness.util.json_schema.parts import errors_by_part

FIELD: Final = 2**255 - 19
ORDER_8: Final = int("05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826", 16)
NEEDS: Final = "signatures need the extra: pip install 'llm-gateway-conformance[certify]'"

try:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ed25519
    from securesystemslib.dsse import Envelope
    from securesystemslib.exceptions import Error
    from securesystemslib.signer import CryptoSigner, SSlibKey
except ImportError as missing:
    raise UsageError(NEEDS) from missing


def signed_envelope(payload: bytes, payload_type: str, signer: CryptoSigner) -> Envelope:
    """Return an envelope with one signature."""
    envelope = Envelope(payload, payload_type, {})
    envelope.sign(signer)
    return envelope


def format_envelope(envelope: Envelope) -> str:
    """Return the text of a certificate file."""
    return json.dumps(envelope.to_dict(), indent=2) + "\n"


def parse_envelope(data: bytes, name: str) -> Envelope:
    """Read an envelope; `name` is the file's name for messages. Raises UsageError."""
    try:
        content = foreign_json.parse(data)
        old = any("publicKey" in signature for signature in content["signatures"])
        if old:
            raise UsageError(
                f"{name} is a format 1 certificate, made by version 0.1: verify it with that "
                "version"
            )
        for at, problem in errors_by_part("certificate#/$defs/envelope", content):
            raise ValueError(f"{at}: {problem}")
        envelope = Envelope.from_dict(content)
        envelope.pae()
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, Error) as error:
        raise UsageError(f"{name} is not a certificate: {error!r:.200}") from error
    return envelope


def sign(envelope: Envelope, signer: CryptoSigner) -> None:
    """Add a signature. Raises UsageError if the key has already signed the envelope."""
    keyid = signer.public_key.keyid
    if keyid in envelope.signatures:
        raise UsageError(f"the key {keyid} has already signed this")
    envelope.sign(signer)


def is_signed_by(envelope: Envelope, key: SSlibKey) -> bool:
    """Whether the envelope has a valid signature of the key."""
    try:
        envelope.verify([key], 1)
    except Exception:  # the library has several errors for a signature that is none
        return False
    return True


def new_key_pair() -> tuple[bytes, bytes]:
    """Return (private key, public key) in PEM, as `openssl genpkey -algorithm ed25519` does."""
    key = ed25519.Ed25519PrivateKey.generate()
    pem = serialization.Encoding.PEM
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private, key.public_key().public_bytes(
        pem, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def load_private_key(pem: bytes, name: str) -> CryptoSigner:
    """Return a signer. Raises UsageError without any of the file's content."""
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except TypeError:
        raise UsageError(
            f"{name} is encrypted: `openssl pkey -in {name}` writes it decrypted"
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        raise UsageError(f"{name} is not a private key in PEM format") from None
    if not isinstance(key, ed25519.Ed25519PrivateKey):
        raise UsageError(
            f"{name} is not an Ed25519 key: `harness certify --new-key FILE` makes one"
        )
    return CryptoSigner(key)


def is_weak(point: bytes) -> bool:
    """Whether a public key is a point of small order, for which signatures can be made up."""
    y = int.from_bytes(point, "little") % 2**255 % FIELD  # the first bit is the sign of x
    return y in (0, 1, FIELD - 1, ORDER_8, FIELD - ORDER_8)


def load_public_key(pem: bytes, name: str) -> SSlibKey:
    """Return the public key of a file. Raises UsageError."""
    try:
        key = serialization.load_pem_public_key(pem)
    except Exception:  # which one depends on the algorithm and on the version of the library
        key = None
    if not isinstance(key, ed25519.Ed25519PublicKey):
        raise UsageError(f"{name} is not a public Ed25519 key in PEM format")
    if is_weak(key.public_bytes_raw()):
        raise UsageError(f"{name} is a weak key: anyone can make signatures that it verifies")
    return SSlibKey.from_crypto(key)
