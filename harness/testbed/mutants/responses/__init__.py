"""Mutants of the Responses endpoint that no row expresses."""

from harness.testbed.mutants.responses.endpoints import ENDPOINTS
from harness.testbed.mutants.responses.state import STATE

RESPONSES = (*ENDPOINTS, *STATE)
