"""The rules for forwarded embeddings: nothing added, lost or changed, and each input sent once."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from harness.language import checks
from harness.language.checks import NotApplicable, Undecided
from harness.model import Answer, Forwarded, Json
from tests.support.inline_pack import answer

RULES = ("additions", "lost", "values", "once")


def forwarded(body: Json, status: int = 200, headers: Any = ()) -> Forwarded:
    return Forwarded("POST", "/v1/embeddings", headers, json.dumps(body), status, "embeddings")


def failures(sent: Json, *bodies: Json, **more: Any) -> dict[str, list[str]]:
    """The places of the failed findings by rule."""
    requests = tuple(each if isinstance(each, Forwarded) else forwarded(each) for each in bodies)
    observed = replace(answer(request=sent), forwarded=requests, **more)
    return {rule: at for rule in RULES if (at := places(rule, observed))}


def places(rule: str, observed: Answer) -> list[str]:
    try:
        findings = [*checks.BY_ID[f"forward.embeddings.{rule}"].run(None, [observed], [])]
    except Undecided:
        raise
    except NotApplicable:
        return []
    return [finding.at for finding in findings]


LONG = [*range(1000, 1300)]
TWO = {"input": ["a lamp", "bread"]}


@pytest.mark.parametrize(
    ("sent", "bodies"),
    [
        (TWO, [TWO]),
        (TWO, [{"input": "bread"}, {"input": "a lamp"}]),
        ({"input": "a lamp"}, [{"input": ["a lamp"], "encoding_format": "base64", "user": "u"}]),
        ({"input": ["a lamp", "a lamp"]}, [{"input": ["a lamp"]}]),
        ({"input": "a  lamp\n"}, [{"input": "a lamp"}]),
        ({"input": [1, 2]}, [{"input": [[1, 2]]}]),
        ({"input": [1, 2]}, [{"input": "the text of the tokens"}]),
        ({"input": "a lamp", "dimensions": 8}, [{"input": "a lamp"}]),
        ({"input": "a lamp", "dimensions": 8}, [{"input": "a lamp", "dimensions": 8}]),
        (TWO, [forwarded(TWO, 503), TWO]),
    ],
)
def test_right_ways_to_forward_embeddings_are_no_fault(sent: Json, bodies: list[Json]) -> None:
    assert failures(sent, *bodies) == {}


@pytest.mark.parametrize(
    ("sent", "body", "expected"),
    [
        (TWO, {"input": ["a lamp"]}, {"lost": ["forwarded $.input"]}),
        (TWO, {"input": ["a lamp", "Bread"]}, {"lost": ["forwarded $.input"]}),
        (
            TWO,
            {"input": ["a lamp", "bread", "more"]},
            {"additions": ["forwarded $.input"], "once": ["inputs at the provider"]},
        ),
        ({"input": [1, 2, 3]}, {"input": [[1, 2]]}, {"lost": ["forwarded $.input"]}),
        ({"input": [LONG, [*LONG, 9]]}, {"input": [LONG]}, {"lost": ["forwarded $.input"]}),
        (TWO, {**TWO, "dimensions": 8}, {"additions": ["forwarded $.dimensions"]}),
        (TWO, {**TWO, "input_type": "query"}, {"additions": ["forwarded $.input_type"]}),
        (
            {**TWO, "dimensions": 8},
            {**TWO, "dimensions": 9},
            {"values": ["forwarded $.dimensions"]},
        ),
    ],
)
def test_each_fault_has_its_rule(sent: Json, body: Json, expected: dict[str, list[str]]) -> None:
    assert failures(sent, body) == expected


def test_inputs_that_are_charged_twice_are_a_fault_unless_the_harness_sent_them_twice() -> None:
    assert failures(TWO, TWO, TWO) == {"once": ["inputs at the provider"]}
    assert failures(TWO, TWO, TWO, attempts=2) == {}
    refused = forwarded(TWO, 400)
    assert failures(TWO, refused, refused) == {"once": ["inputs at the provider"]}


def test_header_that_arrives_twice_is_a_fault() -> None:
    twice = (("authorization", "a"), ("Authorization", "b"))
    assert failures(TWO, forwarded(TWO, headers=twice)) == {
        "values": ["forwarded header authorization"]
    }


def test_what_the_provider_refuses_is_quoted() -> None:
    observed = replace(answer(request=TWO), forwarded=(forwarded({"input": "x"}, 400),))
    [first, _] = checks.BY_ID["forward.embeddings.lost"].run(None, [observed], [])
    assert first.got.endswith("; the provider refused it with 400")


@pytest.mark.parametrize("body", ["no object", ["a lamp"]])
def test_bodies_that_are_no_objects_are_not_compared(body: Json) -> None:
    assert failures(TWO, body) == {}


def test_answer_without_a_forwarded_request_is_undecided() -> None:
    observed = replace(answer(request=TWO), forwarded=())
    with pytest.raises(Undecided, match="nothing reached the provider"):
        places("lost", observed)


def test_list_of_tokens_that_is_lost_is_named_by_its_length() -> None:
    sent = {"input": [LONG, [*LONG, 9]]}
    observed = replace(answer(request=sent), forwarded=(forwarded({"input": [LONG]}),))
    [finding] = checks.BY_ID["forward.embeddings.lost"].run(None, [observed], [])
    assert finding.got == (
        "nothing of [1000, 1001, 1002, 1003, 1004, 1005, 1006, 1007, ...] (301 tokens)"
    )
