"""The builtin gateway, wrong in exactly one way each. May not be wrong in two."""

from __future__ import annotations

from harness.servers.mutants.answers import ANSWERS
from harness.servers.mutants.anthropic_answers import ANTHROPIC_ANSWERS
from harness.servers.mutants.anthropic_auth import ANTHROPIC_ASKED, ANTHROPIC_KEYS
from harness.servers.mutants.anthropic_cross import CROSS
from harness.servers.mutants.anthropic_endpoints import ANTHROPIC_ENDPOINTS
from harness.servers.mutants.anthropic_errors import ANTHROPIC_ERRORS
from harness.servers.mutants.anthropic_images import ANTHROPIC_IMAGES
from harness.servers.mutants.anthropic_messages import ANTHROPIC_MESSAGES
from harness.servers.mutants.anthropic_requests import ANTHROPIC_REQUESTS
from harness.servers.mutants.anthropic_results import ANTHROPIC_RESULTS
from harness.servers.mutants.anthropic_sampling import ANTHROPIC_SAMPLING
from harness.servers.mutants.anthropic_streams import ANTHROPIC_STREAMS
from harness.servers.mutants.anthropic_tools import ANTHROPIC_TOOLS
from harness.servers.mutants.anthropic_wire import ANTHROPIC_WIRE
from harness.servers.mutants.choices import CHOICE, FUNCTIONS
from harness.servers.mutants.effects import EFFECTS
from harness.servers.mutants.endpoints import ENDPOINTS
from harness.servers.mutants.errors import ERRORS_AND_PATHS
from harness.servers.mutants.ignored import IGNORED
from harness.servers.mutants.laws import LAWS
from harness.servers.mutants.limits import LIMITS
from harness.servers.mutants.manners import MANNERS
from harness.servers.mutants.messages import MESSAGES
from harness.servers.mutants.results import IDS, RESULTS
from harness.servers.mutants.sampling import SAMPLING
from harness.servers.mutants.texts import TEXTS
from harness.servers.mutants.tools import TOOLS
from harness.servers.mutants.uneven import UNEVEN
from harness.servers.mutants.upstream import UPSTREAM_MUTANTS
from harness.servers.record import Mutant

MUTANTS: tuple[Mutant, ...] = (
    *IGNORED,
    *EFFECTS,
    *LIMITS,
    *SAMPLING,
    *MESSAGES,
    *TEXTS,
    *TOOLS,
    *CHOICE,
    *FUNCTIONS,
    *RESULTS,
    *IDS,
    *ANSWERS,
    *MANNERS,
    *ERRORS_AND_PATHS,
    *LAWS,
    *ENDPOINTS,
    *UNEVEN,
    *ANTHROPIC_STREAMS,
    *ANTHROPIC_ANSWERS,
    *ANTHROPIC_IMAGES,
    *ANTHROPIC_MESSAGES,
    *ANTHROPIC_REQUESTS,
    *ANTHROPIC_RESULTS,
    *ANTHROPIC_SAMPLING,
    *ANTHROPIC_TOOLS,
    *ANTHROPIC_KEYS,
    *ANTHROPIC_ASKED,
    *ANTHROPIC_WIRE,
    *ANTHROPIC_ERRORS,
    *ANTHROPIC_ENDPOINTS,
    *CROSS,
    *UPSTREAM_MUTANTS,
)
