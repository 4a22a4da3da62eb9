"""Mutants of the Responses endpoint."""

from harness.testbed.mutants.responses.answers import ANSWERS
from harness.testbed.mutants.responses.endpoints import ENDPOINTS
from harness.testbed.mutants.responses.losses import LOSSES
from harness.testbed.mutants.responses.requests import REQUESTS
from harness.testbed.mutants.responses.settings import SETTINGS
from harness.testbed.mutants.responses.state import STATE
from harness.testbed.mutants.responses.streams import STREAMS

RESPONSES = (*ANSWERS, *ENDPOINTS, *REQUESTS, *LOSSES, *SETTINGS, *STATE, *STREAMS)
