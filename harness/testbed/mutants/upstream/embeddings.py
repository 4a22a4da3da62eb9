"""Mutants of the embeddings endpoint in front of a provider."""

from __future__ import annotations

import base64
import struct
from collections.abc import Callable

from harness.testbed.base import Mutant
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.model_types import Json
from harness.testbed.mutants.upstream.operators import Body, changes_request, mutant_factory

mutant = mutant_factory("openai-embeddings", "embeddings.upstream")
SIDE = "forward.embeddings"
AGREE = "steps_agree"
Answer = Callable[[Body], Body]


def inputs(change: Callable[[list[Json]], Json]) -> Overrides:
    """Changes the texts, or the lists of tokens, on the way to the provider."""

    def change_input(body: Body) -> None:
        value = body["input"]
        is_list = isinstance(value, list) and not isinstance(value[0], int)
        body["input"] = change(value if is_list else [value])

    return changes_request(SIDE, change_input)


def in_halves(original: Answer, body: Body) -> Body:
    """Sends the halves of a list apart, and joins their answers in the wrong order."""
    items = body["input"]
    if not isinstance(items, list) or len(items) < 2 or isinstance(items[0], int):
        return original(body)
    middle = len(items) // 2
    later, earlier = (original({**body, "input": i}) for i in (items[middle:], items[:middle]))
    data = [{**item, "index": at} for at, item in enumerate(later["data"] + earlier["data"])]
    return {**earlier, "data": data}


def packs(form: str) -> Overrides:
    """Asks for floats, and writes Base64 in another form itself."""

    def answer(original: Answer, body: Body) -> Body:
        if body.get("encoding_format") != "base64":
            return original(body)
        whole = original({**body, "encoding_format": "float"})
        for item in whole["data"]:
            code = f"{form[0]}{len(item['embedding'])}{form[1]}"
            item["embedding"] = base64.b64encode(struct.pack(code, *item["embedding"])).decode()
        return whole

    return {f"{SIDE}.answer": answer}


EMBEDDINGS_UPSTREAM: tuple[Mutant, ...] = (
    mutant("adds-text", "embeds a text of its own as well", "upstream.additions",
           "forward.additions",
           inputs(lambda items: [*items, "query: "] if isinstance(items[0], str) else items)),
    mutant("lower", "writes texts in lower case", "upstream.lost", "forward.lost",
           inputs(lambda items: [i.lower() if isinstance(i, str) else i for i in items])),
    mutant("halves", "joins the answers to parts of a list in the wrong order", "input.order",
           AGREE, {f"{SIDE}.answer": in_halves}),
    mutant("big-endian", "writes Base64 itself, with the most significant byte first",
           "encoding.base64.numbers", AGREE, packs(">f")),
    mutant("doubles", "writes Base64 itself, of 64-bit numbers", "encoding.base64.numbers", AGREE,
           packs("<d")),
)  # fmt: skip
