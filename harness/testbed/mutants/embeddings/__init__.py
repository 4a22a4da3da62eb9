"""Mutants of the embeddings endpoint that no row expresses."""

from harness.testbed.mutants.embeddings.answers import ANSWERS
from harness.testbed.mutants.embeddings.requests import REQUESTS

EMBEDDINGS = (*ANSWERS, *REQUESTS)
