"""supported: the field has its documented effect, which the case describes."""

from __future__ import annotations

from harness.language.behaviours.base import Behaviour, Expansion
from harness.language.behaviours.expansion import build_expansion, probe_or_values
from harness.model import Case


def expand(case: Case) -> Expansion:
    return build_expansion(case, probe_or_values(case), ())


SUPPORTED = Behaviour(
    id="supported",
    promise="has its documented effect",
    ceiling="differential",
    keys={
        "values": {
            "type": "array",
            "minItems": 1,
            "description": "Values of the field, one request each. Default: the request as it is.",
        }
    },
    required=(),
    expand=expand,
    example="""\
- id: max_tokens.cuts
  row: max_tokens
  why: A long answer stops at max_tokens and says so.
  request:
    body: {messages: [{role: user, content: "Count from 1 to 50."}], max_tokens: 5}
  control:
    omit: [max_tokens]
    expect: {body: {$.usage.completion_tokens: {minimum: 6}}}
  expect:
    body:
      $.choices[0].finish_reason: length
      $.usage.completion_tokens: {maximum: 5}
""",
)
