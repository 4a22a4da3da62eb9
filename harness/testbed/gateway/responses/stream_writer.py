"""Converts plain responses to the events of a stream.

Each method is a hook that a mutant can override. Events are made from the plain answer, so a mutant
of the answer changes both.
"""

from __future__ import annotations

from collections.abc import Iterator

from harness.testbed.gateway.endpoint import Body
from harness.testbed.gateway.model_types import Json
from harness.testbed.gateway.openai import logprobs
from harness.testbed.gateway.openai.response_writer import ResponseWriter

# What an item lacks when it is announced, by its type.
EMPTY: dict[str, Body] = {
    "message": {"content": []},
    "function_call": {"arguments": ""},
    "custom_tool_call": {"input": ""},
    "reasoning": {"summary": []},
}

# What a response lacks until it is finished.
UNFINISHED: Body = {"output": [], "usage": None, "incomplete_details": None, "completed_at": None}


def unfinished(answer: Body, status: str) -> Body:
    """Returns a response as it is before it is finished, or if it never will be."""
    return {**answer, "status": status, **UNFINISHED}


class ResponsesStreamWriter(ResponseWriter):
    """Writes streams of the Responses protocol."""

    def events(self, body: Body, answer: Body) -> list[Body]:
        """Returns the events of a stream: created, in progress, the items in pieces, completed."""
        ahead = unfinished(answer, "in_progress")
        events: list[Body] = [
            {"type": "response.created", "response": ahead},
            {"type": "response.in_progress", "response": ahead},
        ]
        for index, item in enumerate(answer["output"]):
            events += self.item_events(index, item)
        return self.numbered([*events, *self.last_events(answer)])

    def error_frames(self, events: list[Body], error: Json) -> list[bytes]:
        """Writes the events until the last piece, and the error, without any end."""
        pieces = [at for at, event in enumerate(events) if event["type"].endswith(".delta")]
        sent = events[: pieces[-1] + 1] if pieces else events[:2]
        fields = {name: value for name, value in error["error"].items() if name != "type"}
        return self.frames([*sent, *self.error_events(fields, len(sent))])

    def error_events(self, fields: Body, number: int) -> list[Body]:
        return [{"type": "error", **fields, "sequence_number": number}]

    def last_events(self, answer: Body) -> list[Body]:
        return [{"type": f"response.{answer['status']}", "response": answer}]

    def numbered(self, events: list[Body]) -> list[Body]:
        return [{**event, "sequence_number": number} for number, event in enumerate(events)]

    def item_events(self, index: int, item: Body) -> Iterator[Body]:
        at = {"output_index": index}
        added = {**item, **EMPTY.get(item["type"], {})}
        if "status" in item:
            added["status"] = "in_progress"
        yield {"type": "response.output_item.added", **at, "item": added}
        at["item_id"] = item["id"]
        if item["type"] == "message":
            yield from self.text_events(at, item["content"][0])
        elif item["type"] == "function_call":
            yield from self.call_events(at, item["arguments"])
        elif item["type"] == "custom_tool_call":
            yield from self.input_events(at, item["input"])
        elif item["type"] == "reasoning":
            for number, part in enumerate(item["summary"]):
                yield from self.summary_events({**at, "summary_index": number}, part)
        at.pop("item_id")
        yield {"type": "response.output_item.done", **at, "item": item}

    def text_events(self, at: Body, part: Body) -> Iterator[Body]:
        at = {**at, "content_index": 0}
        empty = {**part, "text": "", "logprobs": []}
        yield {"type": "response.content_part.added", **at, "part": empty}
        for piece in self.text_pieces(part["text"]):
            scores = self.piece_scores(part, piece)
            yield {"type": "response.output_text.delta", **at, "delta": piece, "logprobs": scores}
        whole = {"text": part["text"], "logprobs": part.get("logprobs") or []}
        yield {"type": "response.output_text.done", **at, **whole}
        yield {"type": "response.content_part.done", **at, "part": part}

    def piece_scores(self, part: Body, piece: str) -> Json:
        """Returns the log probabilities of one piece of a text that has some."""
        scores = part.get("logprobs") or []
        count = len(scores[0]["top_logprobs"]) if scores else 0
        return logprobs.of_text(piece, count)["content"] if scores else []

    def summary_events(self, at: Body, part: Body) -> Iterator[Body]:
        empty = {**part, "text": ""}
        yield {"type": "response.reasoning_summary_part.added", **at, "part": empty}
        for piece in self.text_pieces(part["text"]):
            yield {"type": "response.reasoning_summary_text.delta", **at, "delta": piece}
        yield {"type": "response.reasoning_summary_text.done", **at, "text": part["text"]}
        yield {"type": "response.reasoning_summary_part.done", **at, "part": part}

    def call_events(self, at: Body, arguments: str) -> Iterator[Body]:
        for piece in self.argument_pieces(arguments):
            yield {"type": "response.function_call_arguments.delta", **at, "delta": piece}
        yield {"type": "response.function_call_arguments.done", **at, "arguments": arguments}

    def input_events(self, at: Body, text: str) -> Iterator[Body]:
        for piece in self.text_pieces(text):
            yield {"type": "response.custom_tool_call_input.delta", **at, "delta": piece}
        yield {"type": "response.custom_tool_call_input.done", **at, "input": text}

    def argument_pieces(self, arguments: str) -> list[str]:
        return [arguments]

    def frames(self, events: list[Body]) -> list[bytes]:
        """Writes one frame per event; there is no end mark."""
        return [self.named_frame(event) for event in events]

    def named_frame(self, event: Body) -> bytes:
        name = str(event["type"]).encode()
        return b"event: " + name + b"\ndata: " + self.dumps(event) + b"\n\n"
