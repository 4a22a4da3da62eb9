"""Mutants as data: no valid change raises, whatever the data are."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.testbed.forward import Forwarding
from harness.testbed.gateway.gateway import Gateway
from harness.testbed.keys import GATEWAY_KEY
from harness.testbed.mock_provider.server import Upstream
from harness.testbed.mutation.conditions import holds
from harness.testbed.mutation.edits import edit
from harness.testbed.mutation.points import POINTS, overrides_of
from tests.fuzz.mutations import damaged
from tests.support.any_changes import JSON, changes, conditions

ASK = {"role": "user", "content": "Reply with the single word: ready"}
CITY = {"type": "object", "properties": {"city": {"type": "string"}}}
BODIES: dict[str, Any] = {
    "/v1/chat/completions": {
        "model": "builtin-1",
        "messages": [{"role": "system", "content": "Be brief."}, ASK],
        "tools": [{"type": "function", "function": {"name": "get_weather", "parameters": CITY}}],
        "stream": True,
    },
    "/v1/messages": {
        "model": "builtin-1",
        "max_tokens": 50,
        "messages": [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}],
        "stream": True,
    },
    "/v1/responses": {"model": "builtin-1", "input": [ASK], "stream": True},
    "/v1/embeddings": {"model": "builtin-embedding-1", "input": ["ready", "steady"]},
}


EXAMPLES = settings.default.max_examples // 8 if settings.default else 12


@given(changes("answer"), JSON, JSON)
def test_no_operator_raises_or_leaves_what_json_cannot_write(
    change: Any, data: Any, body: Any
) -> None:
    json.dumps(edit(copy.deepcopy(data), change["do"], body), allow_nan=False)


@pytest.mark.parametrize("operator", ["set", "default", "copy", "append", "rename", "number"])
def test_the_whole_data_stay_where_a_path_selects_them(operator: str) -> None:
    argument = {"number": 1, "rename": "b", "copy": "$.a"}.get(operator, "x")
    assert edit({"a": 1}, {operator: {"$": argument}}) == {"a": 1}
    assert edit({"a": 1}, {"drop": ["$", "$['b','b']"]}) == {"a": 1}


@pytest.mark.parametrize("protocol", ["chat", "anthropic", "responses", "embeddings"])
@given(condition=conditions(""), body=JSON, data=JSON)
def test_no_condition_raises(protocol: str, condition: Any, body: Any, data: Any) -> None:
    assert holds(condition, body, protocol, data) in (True, False)


@pytest.mark.parametrize("at", POINTS)
@settings(max_examples=EXAMPLES)
@given(data=st.data())
def test_changed_gateway_answers_any_request(at: str, data: Any) -> None:
    path = data.draw(st.sampled_from([*BODIES]))
    body = data.draw(st.just(BODIES[path]) | damaged(BODIES[path]))
    upstream = Upstream().respond if data.draw(st.booleans()) else refuse
    forwarding = Forwarding(dict.fromkeys(("anthropic", "openai"), upstream), now=lambda: 0.0)
    provider = forwarding if POINTS[at].prefix or data.draw(st.booleans()) else None
    overrides = overrides_of(data.draw(changes(at)))
    reply = Gateway(overrides, pace=0.0, clock=lambda: 0.0, provider=provider).respond(
        {
            "method": "POST",
            "path": path,
            "headers": [("x-api-key", GATEWAY_KEY), ("authorization", f"Bearer {GATEWAY_KEY}")],
            "body": json.dumps(body).encode(),
        }
    )
    assert 200 <= reply["status"] <= 599
    for name, value in reply["headers"]:
        assert name.isascii()
        assert "\n" not in value.encode("latin-1").decode("latin-1")


def refuse(request: Any) -> Any:
    """A provider that refuses each request."""
    body = json.dumps({"error": {"type": "rate_limit_error", "message": "Wait."}}).encode()
    headers = [("content-type", "application/json"), ("retry-after", "7")]
    return {"status": 429, "headers": headers, "chunks": [body], "end": "keep"}
