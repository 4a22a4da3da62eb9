"""Mutants of the model list, count_tokens and rate limits on the Anthropic endpoint."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from harness.testbed.gateway.errors import RequestError
from harness.testbed.gateway.limits import Budget
from harness.testbed.gateway.model_types import ModelRequest
from harness.testbed.mutants.anthropic.error_operators import (
    on_errors,
)
from harness.testbed.mutants.anthropic.operators import mutant, repairs_count
from harness.testbed.mutants.anthropic.request_operators import (
    at,
    changes_json,
    replies_with,
)
from harness.testbed.mutants.openai.operators import Body
from harness.testbed.mutation.rows import mutants_in

COUNT = "/v1/messages/count_tokens"
MORE = "more_than"


def changes_list(change: Callable[[Body], Body]) -> dict[str, Callable[..., Body]]:
    """Changes the list of models."""
    return {"anthropic.models": lambda original, query: change(original(query))}


def openai_list(original: Callable[[str], Body], query: str) -> Body:
    data = [{"id": "builtin-1", "object": "model", "created": 1_750_000_000, "owned_by": "builtin"}]
    return {"object": "list", "data": data}


def find_any_card(original: Callable[[str], Body], name: str) -> Body:
    """Returns the first model for any id."""
    try:
        return original(name)
    except RequestError:
        return original("builtin-1")


def minimal_card(original: Callable[[str], Body], name: str) -> Body:
    return {"id": name}


def prefix_ids(data: Body) -> Body:
    return {**data, "data": [{**card, "id": f"vendor/{card['id']}"} for card in data["data"]]}


MODELS = (
    mutant("models.elsewhere", "sends the model list under the name models", "models.list",
           "body $.data[*].id", changes_list(lambda data: {"models": data["data"]})),
    mutant("models.openai", "lists its models in the format of the other protocol", "models.list",
           "schema anthropic/models", {"anthropic.models": openai_list}),
    mutant("models.endless", "omits has_more", "models.list.page",
           "body $.has_more", changes_list(lambda data: {"data": data["data"]})),
    mutant("models.kind", "uses the type chat for models", "models.list.page",
           "body $.data[*].type",
           {"anthropic.model_card": lambda original, name: {**original(name), "type": "chat"}}),
    mutant("models.twice", "lists every model twice", "models.list.unique",
           "unique $.data[*].id", changes_list(lambda data: {**data, "data": data["data"] * 2})),
    mutant("models.unlimited", "ignores the limit of the model list", "models.list.limit",
           "body $.data", {"anthropic.models": lambda original, query: original("")}),
    mutant("models.always-more", "always sends has_more true", "models.list.end",
           "body $.has_more", changes_list(lambda data: {**data, "has_more": True})),
    mutant("models.bare", "returns only the id in the model lookup", "models.retrieve",
           "schema anthropic/model", {"anthropic.model_card": minimal_card}),
    mutant("models.any", "returns a model for any id", "models.retrieve.unknown", "status",
           {"anthropic.find_model": find_any_card}),
    mutant("models.unusable", "lists models that it rejects", "models.usable", "status",
           changes_list(prefix_ids)),
)  # fmt: skip


def counts_changed_request(
    change: Callable[[ModelRequest], ModelRequest],
) -> dict[str, Callable[..., int]]:
    """Counts a changed request."""
    return {"anthropic.count_input_tokens": lambda original, request: original(change(request))}


def default_messages(body: Body) -> None:
    body.setdefault("messages", [{"role": "user", "content": "Hi"}])


def crash_without_messages(body: Body) -> None:
    if not isinstance(body.get("messages"), list):
        raise RequestError(500, "AttributeError")


COUNTING = (
    mutant("count.none", "reports zero tokens", "count_tokens", "body $.input_tokens",
           {"anthropic.count_input_tokens": lambda original, request: 0}),
    mutant("count.other", "sends prompt_tokens instead of input_tokens", "count_tokens",
           "schema anthropic/count_tokens",
           changes_json(at(COUNT), lambda data: {"prompt_tokens": data.get("input_tokens")})),
    mutant("count.same", "reports the same count for every prompt", "count_tokens.grows", MORE,
           {"anthropic.count_input_tokens": lambda original, request: 12}),
    mutant("count.system", "omits the system prompt from the count", "count_tokens.system", MORE,
           counts_changed_request(lambda request: replace(request, system=""))),
    mutant("count.tools", "omits tools from the count", "count_tokens.tools", MORE,
           counts_changed_request(lambda request: replace(request, tools=()))),
    mutant("count.history", "counts only the first message", "count_tokens.history", MORE,
           counts_changed_request(
               lambda request: replace(request, turns=request.turns[:1], tools=()))),
    mutant("count.letters", "counts characters", "count_tokens.agrees",
           "steps_agree count.input_tokens",
           {"anthropic.count_input_tokens": lambda original, request: 4 * original(request)}),
    mutant("count.greeting", "counts a request without messages",
           "count_tokens.messages-missing", "rejected.refused", repairs_count(default_messages)),
    mutant("count.crash", "returns a 500 if messages is not a list",
           "count_tokens.messages-wrong-type", "rejected.status",
           repairs_count(crash_without_messages)),
)  # fmt: skip


def quota(original: Callable[[Budget], None], budget: Budget) -> None:
    if budget.wait > 0:
        raise RequestError(429, "Quota exceeded.")
    original(budget)


def anonymous(pairs: dict[str, str]) -> None:
    for name in [name for name in pairs if name.startswith("anthropic-ratelimit")]:
        del pairs[name]


LIMITS = (
    mutant("limit.no-retry-after", "omits retry-after", "limits.retry-after",
           "limited.when", {"anthropic.admit": quota}),
    mutant("limit.headers", "sends rate limit errors without naming the limit", "limits.headers",
           "when", on_errors(anonymous)),
    mutant("limit.overloaded", "sends an HTML page at its rate limit", "limits.overloaded", "when",
           replies_with(at("/v1/messages"), 529, "text/html", b"<html>Overloaded</html>")),
)  # fmt: skip

ANTHROPIC_ENDPOINTS = (*mutants_in("anthropic/endpoints"), *MODELS, *COUNTING, *LIMITS)
