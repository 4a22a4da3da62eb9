"""The builtin gateway with a provider behind it, wrong in one way each. Data.

Nobody before the gateway alone can tell most of them from a right one. The OpenAI front is before a
provider that speaks Anthropic, the Anthropic front before one that speaks OpenAI.
"""

from __future__ import annotations

from harness.servers.mutants.upstream_answers import UPSTREAM_ANSWERS
from harness.servers.mutants.upstream_calls import UPSTREAM_CALLS
from harness.servers.mutants.upstream_messages import UPSTREAM_MESSAGES
from harness.servers.mutants.upstream_replies import UPSTREAM_REPLIES
from harness.servers.mutants.upstream_requests import UPSTREAM_REQUESTS
from harness.servers.mutants.upstream_results import UPSTREAM_RESULTS
from harness.servers.record import Mutant

UPSTREAM_MUTANTS: tuple[Mutant, ...] = (
    *UPSTREAM_REQUESTS,
    *UPSTREAM_CALLS,
    *UPSTREAM_ANSWERS,
    *UPSTREAM_MESSAGES,
    *UPSTREAM_RESULTS,
    *UPSTREAM_REPLIES,
)
