"""Log probabilities of the toy model's tokens, which are all the same."""

from __future__ import annotations

from harness.testbed.gateway import tokenizer
from harness.testbed.gateway.endpoint import Body
from harness.testbed.gateway.model_types import Json

LOGPROB = -0.125


def of_text(text: str, alternatives: int) -> Body:
    """Returns an entry for each token, each with so many alternatives."""
    tokens = tokenizer.split(text)
    return {"content": [_entry(token, alternatives) for token in tokens], "refusal": None}


def of_piece(whole: Json, delta: Body) -> Json:
    """Returns the entries of one delta, if the whole answer has some."""
    if not isinstance(whole, dict) or not whole.get("content"):
        return whole
    alternatives = len(whole["content"][0]["top_logprobs"])
    return of_text(delta["content"], alternatives) if delta.get("content") else None


def _entry(token: str, alternatives: int) -> Body:
    others = [token, *(f"{token}~{number}" for number in range(1, alternatives))]
    top = [_token(other, LOGPROB * (number + 1)) for number, other in enumerate(others)]
    return {**_token(token, LOGPROB), "top_logprobs": top[:alternatives]}


def _token(token: str, logprob: float) -> Body:
    return {"token": token, "logprob": logprob, "bytes": list(token.encode())}
