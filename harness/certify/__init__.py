"""A run's folder <-> a certificate of it, signed. Judges by the session alone, and sends nothing.

A certificate is an in-toto Statement (https://in-toto.io/Statement/v1) with a test-result predicate
in a DSSE envelope. It proves that these answers give these verdicts, and says who signed for it. It
does not prove where the answers came from.
"""

from __future__ import annotations

from harness.certify.run_folder import Filed, filed, refusals
from harness.certify.statement import KIND, statement
from harness.certify.verify import Check, Verified, verified

__all__ = ["KIND", "Check", "Filed", "Verified", "filed", "refusals", "statement", "verified"]
