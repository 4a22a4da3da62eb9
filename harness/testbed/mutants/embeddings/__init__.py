"""Mutants of the embeddings endpoint."""

from harness.testbed.mutants.embeddings.answers import ANSWERS
from harness.testbed.mutants.embeddings.requests import REQUESTS

EMBEDDINGS = (*REQUESTS, *ANSWERS)
