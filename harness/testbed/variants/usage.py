"""Gateways whose usage does not move. Usage that documents promise is a fault of its own rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.testbed.base import Variant
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.ids import ResponseIds

Body = dict[str, Any]
SendsUsage = Callable[[Body], bool]
USAGE_ROWS = (
    *("*usage*", "*stream_options*", "*message_start*", "*message_delta*"),
    "*client.codex-chat",  # which counts its context by the usage
)
SIGNAL = ("signal", "blocked")


def everywhere(body: Body) -> bool:
    return True


def in_streams(body: Body) -> bool:
    return bool(body.get("stream"))


def in_plain_answers(body: Body) -> bool:
    return not in_streams(body)


def usage(change: Callable[[Body, ResponseIds], Any], where: SendsUsage = everywhere) -> Overrides:
    """Changes the usage of both protocols, which have different names for the same counts."""

    def openai(original: Callable[..., Body], body: Body, *rest: Any) -> Body:
        data = original(body, *rest)
        if where(body):
            used = {
                "input_tokens": data["usage"]["prompt_tokens"],
                "output_tokens": data["usage"]["completion_tokens"],
            }
            change(used, rest[-1])
            total = used["input_tokens"] + used["output_tokens"]
            names = ("prompt_tokens", "completion_tokens", "total_tokens")
            data["usage"].update(zip(names, (*used.values(), total), strict=True))
        return data

    def anthropic(original: Callable[..., Body], body: Body, *rest: Any) -> Body:
        data = original(body, *rest)
        if where(body):
            change(data["usage"], rest[-1])
        return data

    return {"completion": openai, "anthropic.message": anthropic}


def sets(number: int) -> Callable[[Body, ResponseIds], Any]:
    return lambda used, ids: used.update(input_tokens=number, output_tokens=number)


def jitter(used: Body, ids: ResponseIds) -> None:
    """Counts a few tokens more, and not always the same number."""
    used["input_tokens"] += int(ids.digest[:2], 16) % 7


def without_usage(where: SendsUsage) -> Overrides:
    """Leaves the usage out; a stream of Chat Completions then has no chunk for it."""

    def openai(original: Callable[..., Body], body: Body, *rest: Any) -> Body:
        data = original(body, *rest)
        if where(body) and not in_streams(body):
            del data["usage"]
        return data

    def no_chunk(original: Callable[..., Any], events: list[Body], *rest: Any) -> list[Body]:
        return events if where({"stream": True}) else original(events, *rest)

    def anthropic(original: Callable[..., Body], body: Body, *rest: Any) -> Body:
        data = original(body, *rest)
        if where(body):
            data["usage"] = {}
        return data

    return {"completion": openai, "with_usage": no_chunk, "anthropic.message": anthropic}


USAGE: tuple[Variant, ...] = (
    Variant("usage.constant", "reports eleven tokens for everything", usage(sets(11)),
            affects=USAGE_ROWS, causes=SIGNAL),
    Variant("usage.constant-plain", "reports eleven tokens in plain answers",
            usage(sets(11), in_plain_answers), affects=USAGE_ROWS, causes=SIGNAL),
    Variant("usage.constant-streamed", "reports eleven tokens in streams",
            usage(sets(11), in_streams), affects=USAGE_ROWS, causes=SIGNAL),
    Variant("usage.zero", "reports zero tokens", usage(sets(0)), affects=USAGE_ROWS, causes=SIGNAL),
    Variant("usage.zero-streamed", "reports zero tokens in streams", usage(sets(0), in_streams),
            affects=USAGE_ROWS, causes=SIGNAL),
    Variant("usage.missing", "reports no usage", without_usage(everywhere), affects=USAGE_ROWS,
            causes=(*SIGNAL, "blocked")),
    Variant("usage.missing-plain", "reports no usage in plain answers",
            without_usage(in_plain_answers), affects=USAGE_ROWS, causes=SIGNAL),
    Variant("usage.missing-streamed", "reports no usage in streams", without_usage(in_streams),
            affects=USAGE_ROWS, causes=(*SIGNAL, "blocked")),
    Variant("usage.jitter", "counts a few tokens more or less", usage(jitter), affects=USAGE_ROWS,
            causes=SIGNAL),
)  # fmt: skip
