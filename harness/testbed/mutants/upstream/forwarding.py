"""The builtin gateway with a provider behind it, wrong in one way each. Data.

Nobody before the gateway alone can tell most of them from a right one. The OpenAI front is before a
provider that speaks Anthropic, the Anthropic front before one that speaks OpenAI.
"""

from __future__ import annotations

from harness.testbed.base import Mutant
from harness.testbed.mutants.upstream.answers import UPSTREAM_ANSWERS
from harness.testbed.mutants.upstream.calls import UPSTREAM_CALLS
from harness.testbed.mutants.upstream.messages import UPSTREAM_MESSAGES
from harness.testbed.mutants.upstream.replies import UPSTREAM_REPLIES
from harness.testbed.mutants.upstream.requests import UPSTREAM_REQUESTS
from harness.testbed.mutants.upstream.results import UPSTREAM_RESULTS

UPSTREAM_MUTANTS: tuple[Mutant, ...] = (
    *UPSTREAM_REQUESTS,
    *UPSTREAM_CALLS,
    *UPSTREAM_ANSWERS,
    *UPSTREAM_MESSAGES,
    *UPSTREAM_RESULTS,
    *UPSTREAM_REPLIES,
)
