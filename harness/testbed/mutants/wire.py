"""Mutants of HTTP itself: media types, lengths and content codings, on both endpoints."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from harness.testbed.base import Mutant
from harness.testbed.gateway.endpoint import header_values
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.http_server.reply_format import Spelling

Reply = dict[str, Any]
Change = Callable[[Reply], Reply]
# The cases that must detect a mutant, by pack.
PLAIN = {"openai-chat": "shape.plain", "anthropic-messages": "response.shape"}
STREAM = {"openai-chat": "stream.chunks", "anthropic-messages": "stream.events"}
# These send the accept-encoding of the SDKs.
COMPRESSED = {
    "openai-chat": "shape.compressed",
    "openai-compat": "behaviour.endpoint.compressed",
    "anthropic-messages": "accept-encoding",
}


def of_each_pack(
    name: str, description: str, cases: Mapping[str, str], rule: str, override: Overrides
) -> Iterator[Mutant]:
    """Yields the mutant for the case of each pack."""
    [(hook, function)] = override.items()
    for pack, case in cases.items():
        endpoint = "anthropic." if pack == "anthropic-messages" else ""
        id_ = f"http.{name}" if pack == "openai-chat" else f"{pack}.http.{name}"
        yield Mutant(id_, description, f"{pack}/{case}", rule, {f"{endpoint}{hook}": function})


def changes(change: Change) -> Overrides:
    """Changes every reply."""
    return {"finish": lambda original, reply: change(original(reply))}


def if_accepted(coding: str, change: Change) -> Overrides:
    """Changes the replies to clients that accept a content coding."""

    def respond(original: Callable[..., Reply], request: Mapping[str, Any], *args: Any) -> Reply:
        reply = original(request, *args)
        accepted = ",".join(header_values(request["headers"], "accept-encoding"))
        return change(reply) if coding in accepted else reply

    return {"respond": respond}


def adds_header(name: str, value: str) -> Change:
    return lambda reply: {**reply, "headers": [*reply["headers"], (name, value)]}


def spells(framing: str, **options: Any) -> Change:
    """Writes replies of one framing in a wrong spelling."""

    def change(reply: Reply) -> Reply:
        if reply["framing"] != framing:
            return reply
        return {**reply, "end": "close", "spelling": Spelling(**options)}

    return change


def length_in_characters(reply: Reply) -> Reply:
    """States the number of characters as the length, so that clients lose the last bytes."""
    body = b"".join(reply["chunks"])
    error = len(body.decode("utf-8", "replace")) - len(body)
    return spells("length", error=error)(reply)


def compressed(reply: Reply) -> Reply:
    """Compresses the whole body, without saying so."""
    return {**reply, "chunks": [gzip.compress(b"".join(reply["chunks"]), mtime=0)], "pauses": [0.0]}


WIRE_MUTANTS = (
    *of_each_pack("two-lengths", "sends content-length with chunked streams", STREAM,
                      "http.length", changes(spells("chunked", extra=("content-length: 100",)))),
    *of_each_pack("length-long", "announces more bytes than it sends", PLAIN,
                      "transport", changes(spells("length", error=1))),
    *of_each_pack("length-short", "announces fewer bytes than it sends", PLAIN,
                      "schema", changes(spells("length", error=-1))),
    *of_each_pack("length-characters", "states the length of plain answers in characters",
                  {"openai-chat": "messages.unicode", "anthropic-messages": "messages.unicode"},
                  "schema", changes(length_in_characters)),
    *of_each_pack("unfinished", "closes the connection without the last chunk", STREAM,
                      "transport", changes(spells("chunked", end=""))),
    *of_each_pack("coding-undeclared", "compresses without saying so", COMPRESSED,
                      "http.coding", if_accepted("gzip", compressed)),
    *of_each_pack("coding-unasked", "compresses although the client does not accept it", PLAIN,
                      "http.coding", changes(lambda reply: adds_header("content-encoding", "gzip")(
                          compressed(reply)))),
)  # fmt: skip
