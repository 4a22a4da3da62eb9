"""The checks of the case language: pure functions that compare answers with arguments."""

from harness.language.checks import (  # noqa: F401  each module registers its checks
    body,
    compare,
    forward_embeddings,
    forward_fields,
    forward_rules,
    forwarded,
    headers,
    limit_headers,
    no_effect,
    provider_secrets,
    repeated,
    status,
    stream_arrival,
    values,
)
from harness.language.checks.base import BY_ID, Check, NotApplicable, Undecided

__all__ = ["BY_ID", "Check", "NotApplicable", "Undecided"]
