"""Mutants of the Responses endpoint."""

from harness.testbed.mutants.responses.answers import ANSWERS
from harness.testbed.mutants.responses.streams import STREAMS

RESPONSES = (*ANSWERS, *STREAMS)
