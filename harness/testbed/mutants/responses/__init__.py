"""Mutants of the Responses endpoint."""

from harness.testbed.mutants.responses.endpoints import ENDPOINTS
from harness.testbed.mutants.responses.state import STATE
from harness.testbed.mutation.rows import mutants_in

FILES = ("answers", "clients", "requests", "losses", "endpoints", "settings", "state", "streams")
RESPONSES = (
    *(mutant for name in FILES for mutant in mutants_in(f"responses/{name}")),
    *ENDPOINTS,
    *STATE,
)
