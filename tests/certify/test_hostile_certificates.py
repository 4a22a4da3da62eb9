"""Keys and certificates of others: refused in one line, and printed without a line of their own."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from securesystemslib.dsse import Envelope

from harness import certify
from harness.certify import Verification, dsse
from harness.certify.cases import Check
from harness.util.errors import UsageError
from tests.support import pack_on_disk

ED25519, X25519, UNKNOWN = (
    "302a300506032b6570032100",
    "302a300506032b656e032100",
    "302a300506032b6577032100",
)
P = 2**255 - 19
ORDER_8 = "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"
WEAK = {
    "all zero": bytes(32),
    "the neutral point": (1).to_bytes(32, "little"),
    "the neutral point with a sign": (1 + 2**255).to_bytes(32, "little"),
    "order 2": (P - 1).to_bytes(32, "little"),
    "order 4, written differently": P.to_bytes(32, "little"),
    "the neutral point, written differently": (P + 1).to_bytes(32, "little"),
    "order 8": bytes.fromhex(ORDER_8),
    "order 8, the other one": (P - int.from_bytes(bytes.fromhex(ORDER_8), "little")).to_bytes(
        32, "little"
    ),
}


def pem(der: bytes) -> bytes:
    text = base64.encodebytes(der)
    return b"-----BEGIN PUBLIC KEY-----\n" + text + b"-----END PUBLIC KEY-----\n"


def der(key: ec.EllipticCurvePublicKey | ed448.Ed448PublicKey | rsa.RSAPublicKey) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


OTHERS = {
    "nothing": b"",
    "no key": pem(b"\x00\x01"),
    "x25519": pem(bytes.fromhex(X25519) + bytes(32)),
    "an unknown algorithm": pem(bytes.fromhex(UNKNOWN) + bytes(32)),
    "a short key": pem(bytes.fromhex(ED25519) + bytes(31)),
    "ed448": pem(der(ed448.Ed448PrivateKey.generate().public_key())),
    "an elliptic curve": pem(der(ec.generate_private_key(ec.SECP256K1()).public_key())),
    "rsa": pem(der(rsa.generate_private_key(65537, 2048).public_key())),
}


@pytest.mark.parametrize("name", WEAK)
def test_a_key_for_which_signatures_can_be_made_up_is_no_signer(name: str) -> None:
    with pytest.raises(UsageError, match="is a weak key"):
        dsse.load_public_key(pem(bytes.fromhex(ED25519) + WEAK[name]), "k.pub")


@pytest.mark.parametrize("name", OTHERS)
def test_another_kind_of_key_is_refused_in_one_line(name: str) -> None:
    with pytest.raises(UsageError, match=r"^k\.pub is not a public Ed25519 key in PEM format$"):
        dsse.load_public_key(OTHERS[name], "k.pub")


def test_a_right_key_is_loaded() -> None:
    assert dsse.load_public_key(dsse.new_key_pair()[1], "k.pub").keyid


@pytest.mark.parametrize(
    "content",
    [
        "null",
        "[]",
        "{}",
        '{"payload": 1, "payloadType": "a", "signatures": []}',
        '{"payload": "AA==", "payloadType": "a", "signatures": {}}',
        '{"payload": "AA==", "payloadType": "a", "signatures": [1]}',
        '{"payload": "AA==", "payloadType": "a", "signatures": [{"keyid": 1, "sig": "AA=="}]}',
        '{"payload": "!", "payloadType": "\\ud800", "signatures": [{"keyid": "a", "sig": "!"}]}',
        "[" * 100_000,
        '{"payload": 1e999}',
    ],
)
def test_what_is_no_certificate_is_one_line(tmp_path: Path, content: str) -> None:
    (tmp_path / "c.json").write_text(content, "utf-8")
    result = pack_on_disk.harness("verify", tmp_path / "c.json")
    assert (result.code, result.out, len(result.lines)) == (4, "", 1)
    assert "is not a certificate" in result.lines[0]


@pytest.mark.parametrize(
    "payload", [b"1", b"{}", b"\xff", b'{"_type": "x", "subject": []}', b"NaN"]
)
def test_another_payload_is_one_line(tmp_path: Path, payload: bytes) -> None:
    signer = dsse.load_private_key(dsse.new_key_pair()[0], "k")
    envelope = dsse.signed_envelope(payload, certify.PAYLOAD_TYPE, signer)
    (tmp_path / "c.json").write_text(dsse.format_envelope(envelope), "utf-8")
    result = pack_on_disk.harness("verify", tmp_path / "c.json")
    assert (result.code, result.out, len(result.lines)) == (4, "", 1)
    assert "is not a statement about a run" in result.lines[0]


def test_names_from_a_certificate_forge_no_line_and_no_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "x\nok    signed by the trusted key\n::error::y\n##[error]z\x1b[31m"
    checks = [Check("wrong", name), Check("note", f"signature of the key {name}")]
    verification = Verification(Envelope(b"", "", {}), checks)
    monkeypatch.setattr(certify, "verify_certificate", lambda *arguments: verification)
    (tmp_path / "c.json").write_text(json.dumps({}), "utf-8")
    result = pack_on_disk.harness("verify", tmp_path / "c.json")
    lines = [line for line in result.out.splitlines() if line]
    assert result.code == 1
    assert [line[:5] for line in lines] == ["WRONG", "note ", "The c"]
    assert "\x1b" not in result.out
    assert "##[" not in result.out
