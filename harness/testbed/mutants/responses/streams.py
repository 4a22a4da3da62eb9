"""Mutants of the Responses endpoint's streams."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.testbed.gateway.endpoint import Body
from harness.testbed.mutants.responses.operators import (
    drops,
    each,
    events,
    responses,
    sets,
    without,
)

TEXT, CALLS, CUT = "stream.text", "stream.calls", "stream.cut"
DELTA = "response.output_text.delta"
ARGUMENTS = "response.function_call_arguments"


def number_from(step: int) -> Callable[..., list[Body]]:
    """Counts by another step than 1."""
    return lambda original, sent: [
        {**event, "sequence_number": number * step} for number, event in enumerate(sent)
    ]


def other_output(event: Body) -> None:
    """Has another text in the last event than in the items."""
    part = {"type": "output_text", "text": "Something else.", "annotations": []}
    items = [{**item, "content": [part]} for item in event["response"]["output"]]
    event["response"] = {**event["response"], "output": items}


def other_done(event: Body) -> None:
    event["text"] = event["text"] + " "


def swap_two(sent: list[Body]) -> list[Body]:
    """Sends the third delta before the second."""
    at = [number for number, event in enumerate(sent) if event["type"] == DELTA][1:3]
    if len(at) < 2:
        return sent
    first, second = at
    changed = [*sent]
    changed[first], changed[second] = sent[second], sent[first]
    return changed


def lose_one(sent: list[Body]) -> list[Body]:
    """Loses the second delta, and numbers the others as if it had not been there."""
    at = [number for number, event in enumerate(sent) if event["type"] == DELTA][1:2]
    return [event for number, event in enumerate(sent) if number not in at]


def end_as_completed(original: Callable[[Body], list[Body]], answer: Body) -> list[Body]:
    return [{"type": "response.completed", "response": {**answer, "status": "completed"}}]


def mislabelled_end(original: Callable[[Body], list[Body]], answer: Body) -> list[Body]:
    return [{**event, "type": "response.completed"} for event in original(answer)]


def other_call(event: Body) -> None:
    """Announces a call under another id than it has when it is done."""
    if "call_id" in event["item"]:
        event["item"] = {**event["item"], "call_id": "call_announced"}


def same_ids(original: Callable[..., Any], at: Body, *rest: Any) -> Any:
    """Gives the events of a text another item id than their item has."""
    return original({**at, "item_id": "msg_other"}, *rest)


STREAMS = (
    responses(TEXT, "gap", "leaves gaps in the sequence numbers", "stream.sequence",
        {"numbered": number_from(2)}),
    responses(TEXT, "constant", "gives every event the same sequence number", "stream.sequence",
        {"numbered": number_from(0)}),
    responses(TEXT, "swapped", "sends two pieces in the other order", "stream.sequence",
        events(swap_two)),
    responses(TEXT, "unnumbered", "sends no sequence numbers", "stream.chunk",
        events(lambda sent: [drops("sequence_number")(event) and event for event in sent])),
    responses(TEXT, "lost", "loses a piece of the text", "stream.delta-done",
        {"numbered": lambda original, sent: original(lose_one(sent))}),
    responses(TEXT, "done", "has another text in the done event", "stream.delta-done",
        each("response.output_text.done", other_done)),
    responses(TEXT, "no-deltas", "sends a text as a whole only", "stream.delta-done",
        without(DELTA)),
    responses(TEXT, "uncreated", "begins without response.created", "stream.start",
        without("response.created")),
    responses(TEXT, "unannounced", "does not announce its items", "stream.item",
        without("response.output_item.added")),
    *(responses(TEXT, name, f"does not close {what}", "stream.text-open", without(kind))
      for name, what, kind in (("text-open", "its texts", "response.output_text.done"),
                               ("part-open", "its parts", "response.content_part.done"))),
    responses(CALLS, "open", "does not close the arguments of calls", "stream.text-open",
        without(f"{ARGUMENTS}.done")),
    responses(TEXT, "no-part", "does not announce its content parts", "stream.part",
        without("response.content_part.added")),
    responses(TEXT, "open", "does not close its items", "stream.item",
        without("response.output_item.done")),
    responses(TEXT, "unfinished", "ends without response.completed", "stream.stop",
        without("response.completed")),
    responses(TEXT, "item-id", "gives the pieces of a text another item id", "stream.item-id",
        {"text_events": same_ids}),
    responses(TEXT, "id", "changes the id of the response at its end", "stream.same-id",
        each("response.completed",
             lambda event: event.update(response={**event["response"], "id": "resp_2"}))),
    responses(TEXT, "status", "ends with a response in progress", "stream.stop-reason",
        each("response.completed",
             lambda event: event.update(response={**event["response"], "status": "in_progress"}))),
    responses(TEXT, "output", "has another text in the last event", "stream.output",
        each("response.completed", other_output)),
    responses(TEXT, "from-one", "counts its items from 1", "stream.item",
        {"item_events": lambda original, index, item: original(index + 1, item)}),
    responses(CALLS, "cut", "cuts the arguments of a call", "stream.delta-done",
        {"argument_pieces": lambda original, arguments: [arguments[:-1]]}),
    responses(CALLS, "empty", "sends no arguments at their end",
        "events $[?@.type=='response.function_call_arguments.done'].arguments",
        each(f"{ARGUMENTS}.done", sets(arguments="{}"))),
    responses(CALLS, "call-id", "announces a call under another id", "stream.item-id",
        each("response.output_item.added", other_call)),
    responses(CUT, "completed", "says completed at the end of a cut stream", "any_of",
        {"last_events": end_as_completed}),
    responses(CUT, "mislabelled", "ends a cut stream with response.completed",
        "stream.stop-reason", {"last_events": mislabelled_end}),
)  # fmt: skip
