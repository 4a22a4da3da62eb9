"""Mutants of the Responses endpoint in front of a provider.

They are in three groups, by the protocol of the provider; this module has those before Messages.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from harness.testbed.base import Mutant
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.model_types import Json, ModelReply
from harness.testbed.gateway.responses.stored import Stored
from harness.testbed.keys import GATEWAY_KEY
from harness.testbed.mutants.upstream.operators import (
    TO_ANTHROPIC,
    Body,
    Change,
    changes_body,
    changes_headers,
    changes_reply,
    changes_request,
    changes_text,
    hides_failure,
    mutant_factory,
    sends_html,
    sends_twice,
    sets,
    without,
)
from harness.testbed.mutants.upstream.provider_failures import passes_errors_on, status_500
from harness.testbed.mutants.upstream.request_changes import (
    double,
    drop_first_turn,
    is_forced,
    swap_results,
)
from harness.testbed.mutants.upstream.secrets import discloses_refusal

TEXT = "body $.output[?@.type=='message'].content[?@.type=='output_text'].text"
KEYS = "body $..[?search(@, 'Zx81Q|x81Qw|81Qw7|1Qw77|Qw77L|w77Lm|77Lm4|7Lm42')]"
SYSTEM = "..[?search(@, 'pineapple')]"
ROME = "body $.output[?@.type=='function_call' && search(@.arguments, 'Rome')].call_id"
BLANKS = "forwarded $.messages..[?@=='  A line,\\n\\tand another  one.\\n\\n']"
EMPTY_RESULT = "forwarded $.messages[*].content[?@.type=='tool_result'].tool_use_id"
FORMAT = "forwarded $.{}.schema.properties.capital_city"
ADDED, LOST = ("upstream.additions", "forward.additions"), ("upstream.lost", "forward.lost")
VALUES, ONCE = ("upstream.values", "forward.values"), ("upstream.once", "forward.once")
STATE = ("upstream.state", "any_of")
UNDERWAY = ("upstream.failed.underway", "error_signalled_by")
DROPPED = ("upstream.broken.drop", "error_signalled_by")
Row = tuple[str, str, tuple[str, str], Overrides]


def group(prefix: str, *rows: Row, to: str = "") -> tuple[Mutant, ...]:
    """Creates mutants; `to` names the provider in their descriptions."""
    make = mutant_factory("openai-responses", f"responses.{prefix}")
    end = f" (to {to})" if to else ""
    return tuple(make(name, words + end, *at, override) for name, words, at, override in rows)


def to_anthropic(change: Change) -> Overrides:
    return changes_request(TO_ANTHROPIC, change)


def forgets(original: Callable[[str], list[Json]], response_id: str) -> list[Json]:
    """Takes any earlier response for an empty conversation."""
    return []


def only_sent(original: Callable[[Stored], None], response: Stored) -> None:
    """Stores what was sent, and not what the model has answered."""
    items = [item for item in response.conversation if "status" not in item]
    original(replace(response, conversation=items))


def strip_messages(body: Body) -> None:
    for message in body["messages"]:
        for part in message["content"] if isinstance(message["content"], list) else ():
            if "text" in part:
                part["text"] = part["text"].strip()
        if isinstance(message["content"], str):
            message["content"] = message["content"].strip()


def without_empty_results(body: Body) -> None:
    for message in body["messages"]:
        if isinstance(message["content"], list):
            message["content"] = [
                part
                for part in message["content"]
                if part.get("type") != "tool_result" or part.get("content")
            ]


def carries_over(original: Callable[[Stored], None], response: Stored) -> None:
    """Stores the instructions as a part of the conversation."""
    words = response.answer["instructions"]
    head = [{"role": "system", "content": words}] if words else []
    original(replace(response, conversation=[*head, *response.conversation]))


def system_as_user(body: Body) -> None:
    """Writes the system prompt into the first message."""
    system = body.pop("system", None)
    if system:
        body["messages"].insert(0, {"role": "user", "content": system})


def flatten_schemas(body: Body) -> None:
    """Keeps only the types of parameters."""
    for tool in body.get("tools") or ():
        schema = tool["input_schema"]
        properties = schema.get("properties") or {}
        schema["properties"] = {name: {"type": each["type"]} for name, each in properties.items()}


def first_call(reply: ModelReply) -> ModelReply:
    return replace(reply, calls=reply.calls[:1])


def no_tokens(reply: ModelReply) -> ModelReply:
    return replace(reply, usage=None, input_tokens=1, output_tokens=1)


def forwards_key(side: str, header: str, value: str) -> Overrides:
    return {f"{side}.auth": lambda original, request: [(header, value)]}


BEFORE_MESSAGES = group(
    "upstream",
    ("adds-temperature", "adds a temperature", ADDED,
     to_anthropic(lambda body: body.setdefault("temperature", 0.7))),
    ("turns", "forwards only the last message", LOST, to_anthropic(drop_first_turn)),
    ("swaps", "exchanges the outputs of functions", LOST, to_anthropic(swap_results)),
    ("auto", "never forces a call", VALUES,
     changes_request(TO_ANTHROPIC, sets(tool_choice={"type": "auto"}), is_forced)),
    ("limit", "doubles the limit", VALUES, to_anthropic(double("max_tokens"))),
    ("twice", "sends each request twice", ONCE, sends_twice(TO_ANTHROPIC)),
    ("system", "sends the instructions as words of the user",
     ("upstream.sent.instructions", f"forwarded $.messages[?@.role=='user']{SYSTEM}"),
     to_anthropic(system_as_user)),
    ("limit-own", "sends a limit of its own",
     ("upstream.sent.limit", "forwarded $.max_tokens"), to_anthropic(sets(max_tokens=4096))),
    ("schemas", "keeps only the types in schemas",
     ("upstream.sent.tools", "forwarded $.tools[0].input_schema.properties"),
     to_anthropic(flatten_schemas)),
    ("forgets", "forgets the earlier conversation", STATE, {"responses.recall": forgets}),
    ("answers-lost", "forgets the answers of the earlier conversation",
     ("upstream.state.answers", "any_of"), {"responses.remember": only_sent}),
    ("blanks", "strips the texts of the caller", ("upstream.sent.blanks", BLANKS),
     to_anthropic(strip_messages)),
    ("empty-result", "drops results that are empty", ("tools.result.empty", EMPTY_RESULT),
     to_anthropic(without_empty_results)),
    ("carries-over", "carries instructions over to the next request", STATE,
     {"responses.remember": carries_over}),
    ("key", "forwards the caller's key", ("upstream.key", "forwarded header x-api-key"),
     forwards_key(TO_ANTHROPIC, "x-api-key", GATEWAY_KEY)),
    ("strips", "strips texts", ("upstream.answer.text", TEXT),
     changes_text(TO_ANTHROPIC, str.strip)),
    ("one-call", "returns the first of several calls", ("upstream.answer.calls", ROME),
     changes_reply(TO_ANTHROPIC, first_call)),
    ("usage", "counts tokens itself", ("upstream.answer.usage", "body $.usage.input_tokens"),
     changes_reply(TO_ANTHROPIC, no_tokens)),
    ("completed", "reports each answer as completed", ("upstream.answer.cut", "body $.status"),
     {"responses.incomplete_reason": lambda original, reply: None}),
    ("429-lost", "drops retry-after", ("upstream.failed.429", "headers retry-after"),
     changes_headers(TO_ANTHROPIC, without("retry-after"))),
    ("400-500", "returns a 500 for every error of the provider",
     ("upstream.failed.400", "status"), {f"{TO_ANTHROPIC}.status": status_500}),
    ("page", "hands a page of the provider on", ("upstream.failed.page", "headers content-type"),
     sends_html("responses.")),
    ("garbled", "takes an unreadable answer for an empty one",
     ("upstream.failed.garbled", "status"),
     changes_body(TO_ANTHROPIC, lambda body: body or {"content": [], "stop_reason": "end_turn"})),
    ("underway", "completes a stream after an error", UNDERWAY,
     hides_failure(TO_ANTHROPIC, "stream_error")),
    ("dropped", "completes a stream after a dropped connection", DROPPED,
     hides_failure(TO_ANTHROPIC, "incomplete_error")),
    ("401-key", "hands a key in the provider's message on", ("upstream.error.401", KEYS),
     passes_errors_on(TO_ANTHROPIC, mask=True)),
    ("401-message", "hands the message of every error on", ("upstream.error.401", KEYS),
     discloses_refusal(TO_ANTHROPIC)),
)  # fmt: skip
