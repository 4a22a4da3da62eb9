"""Mutants of the embeddings endpoint."""

from harness.testbed.mutants.embeddings.answers import ANSWERS
from harness.testbed.mutants.embeddings.requests import REQUESTS
from harness.testbed.mutation.rows import mutants_in

EMBEDDINGS = (
    *mutants_in("embeddings/answers"),
    *mutants_in("embeddings/requests"),
    *ANSWERS,
    *REQUESTS,
)
