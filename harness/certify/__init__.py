"""Signed certificates about recorded runs.

A certificate is an in-toto Statement (https://in-toto.io/Statement/v1) with a test-result predicate
in a DSSE envelope. It proves that the recorded answers give the stated verdicts, and who signed for
that. It does not prove where the answers came from.
"""

from __future__ import annotations

from harness.certify.run_folder import find_problems, load_run_folder
from harness.certify.statement import PAYLOAD_TYPE, make_statement
from harness.certify.verify import Verification, verify_certificate

__all__ = [
    "PAYLOAD_TYPE",
    "Verification",
    "find_problems",
    "load_run_folder",
    "make_statement",
    "verify_certificate",
]
