"""Mutants of the embeddings endpoint in front of a provider."""

from __future__ import annotations

import base64
import copy
import struct
from collections.abc import Callable

from harness.testbed.base import Mutant
from harness.testbed.gateway.endpoint import Headers
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.model_types import Json, ModelRequest
from harness.testbed.keys import GATEWAY_KEY
from harness.testbed.mutants.upstream.operators import (
    Body,
    changes_body,
    changes_headers,
    changes_request,
    drops,
    mutant_factory,
    sends_html,
    sends_twice,
    sets,
    without,
)
from harness.testbed.mutants.upstream.provider_failures import passes_errors_on, status_500
from harness.testbed.mutants.upstream.secrets import discloses_refusal

make = mutant_factory("openai-embeddings", "embeddings.upstream")
SIDE = "forward.embeddings"
AGREE, EMBEDDING = "steps_agree", "body $.data[*].embedding"
BLANKS = "forwarded $..[?@=='  A line,\\n\\tand another  one.\\n\\n']"
KEYS = "body $..[?search(@, 'Zx81Q|x81Qw|81Qw7|1Qw77|Qw77L|w77Lm|77Lm4|7Lm42')]"
Answer = Callable[[Body], Body]


def inputs(change: Callable[[list[Json]], Json]) -> Overrides:
    """Changes the texts, or the lists of tokens, on the way to the provider."""

    def change_input(body: Body) -> None:
        value = body["input"]
        is_list = isinstance(value, list) and not isinstance(value[0], int)
        body["input"] = change(value if is_list else [value])

    return changes_request(SIDE, change_input)


def texts(change: Callable[[str], str]) -> Overrides:
    return inputs(lambda items: [change(i) if isinstance(i, str) else i for i in items])


def answers(change: Callable[[Answer, Body], Body]) -> Overrides:
    """Replaces how the whole request is answered."""
    return {f"{SIDE}.answer": change}


def in_halves(original: Answer, body: Body) -> Body:
    """Sends the halves of a list apart, and joins their answers in the wrong order."""
    items = body["input"]
    if not isinstance(items, list) or len(items) < 2 or isinstance(items[0], int):
        return original(body)
    middle = len(items) // 2
    later, earlier = (original({**body, "input": i}) for i in (items[middle:], items[:middle]))
    data = [{**item, "index": at} for at, item in enumerate(later["data"] + earlier["data"])]
    return {**earlier, "data": data}


def first_half(original: Answer, body: Body) -> Body:
    """Sends no more than 32 texts, and forgets the others."""
    items = body["input"]
    return original({**body, "input": items[:32]} if isinstance(items, list) else body)


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

    return answers(answer)


def other_model(original: Answer, body: Body) -> Body:
    """Uses another model for lists."""
    is_list = isinstance(body["input"], list)
    return original({**body, "model": "other-embedding"} if is_list else body)


def forwards_key(original: Callable[[ModelRequest], Headers], request: ModelRequest) -> Headers:
    return [("authorization", f"Bearer {GATEWAY_KEY}")]


def counts_itself(original: Answer, body: Body) -> Body:
    whole = copy.deepcopy(original(body))
    whole["usage"] = {"prompt_tokens": 7, "total_tokens": 7}
    return whole


def without_embeddings(body: Body) -> Body:
    """Takes an answer that cannot be read for an empty list."""
    return body or {"object": "list", "data": [], "model": "", "usage": {}}


def mutant(name: str, description: str, case: str, rule: str, override: Overrides) -> Mutant:
    return make(name, description, case, rule, override)


def arrival() -> tuple[Mutant, ...]:
    added, lost = ("upstream.additions", "forward.additions"), ("upstream.lost", "forward.lost")
    sent: tuple[tuple[str, str, tuple[str, str], Overrides], ...] = (
        ("adds-dimensions", "adds dimensions", added,
         changes_request(SIDE, lambda body: body.setdefault("dimensions", 64))),
        ("adds-parameter", "adds a parameter of another provider", added,
         changes_request(SIDE, sets(input_type="passage"))),
        ("adds-text", "embeds a text of its own as well", added,
         inputs(lambda items: [*items, "query: "] if isinstance(items[0], str) else items)),
        ("prefix", "writes a word before each text", lost, texts(lambda text: f"query: {text}")),
        ("lower", "writes texts in lower case", lost, texts(str.lower)),
        ("ascii", "drops letters that are not ASCII", lost,
         texts(lambda text: text.encode("ascii", "ignore").decode() or "-")),
        ("cut", "drops the first words of long texts", lost, texts(lambda text: text[-80:])),
        ("batch", "forwards 32 texts at most", lost, answers(first_half)),
        ("tokens", "cuts lists of tokens", lost,
         inputs(lambda items: [i if isinstance(i, str) else i[:2] for i in items])),
        ("dimensions", "forwards another number of dimensions",
         ("upstream.values", "forward.values"),
         changes_request(SIDE, sets(dimensions=48), lambda body: "dimensions" in body)),
        ("twice", "sends each request twice", ("upstream.once", "forward.once"),
         sends_twice(SIDE)),
        ("strips", "strips texts", ("upstream.sent.blanks", BLANKS), texts(str.strip)),
        ("lines", "replaces line ends", ("upstream.sent.blanks", BLANKS),
         texts(lambda text: text.replace("\n", " "))),
        ("key", "forwards the caller's key", ("upstream.key", "forwarded header authorization"),
         {f"{SIDE}.auth": forwards_key}),
    )  # fmt: skip
    return tuple(mutant(name, words, *at, override) for name, words, at, override in sent)


EMBEDDINGS_UPSTREAM: tuple[Mutant, ...] = (
    *arrival(),
    mutant("dimensions-lost", "drops dimensions on the way to the provider", "dimensions.fewer",
           EMBEDDING, changes_request(SIDE, drops("dimensions"))),
    mutant("encoding-lost", "drops encoding_format on the way to the provider",
           "encoding.base64", EMBEDDING, changes_request(SIDE, drops("encoding_format"))),
    mutant("halves", "joins the answers to parts of a list in the wrong order", "input.order",
           AGREE, answers(in_halves)),
    mutant("other-model", "uses another model for lists", "input.order", AGREE,
           answers(other_model)),
    mutant("big-endian", "writes Base64 itself, with the most significant byte first",
           "encoding.base64.numbers", AGREE, packs(">f")),
    mutant("doubles", "writes Base64 itself, of 64-bit numbers", "encoding.base64.numbers", AGREE,
           packs("<d")),
    mutant("usage", "counts tokens itself", "upstream.answer.usage", "body $.usage.prompt_tokens",
           answers(counts_itself)),
    mutant("429-lost", "drops retry-after", "upstream.failed.429", "headers retry-after",
           changes_headers(SIDE, without("retry-after"))),
    mutant("400-500", "returns a 500 for every error of the provider", "upstream.failed.400",
           "status", {f"{SIDE}.status": status_500}),
    mutant("page", "hands a page of the provider on", "upstream.failed.page",
           "headers content-type", sends_html("embeddings.")),
    mutant("garbled", "takes an unreadable answer for an empty list", "upstream.failed.garbled",
           "status", changes_body(SIDE, without_embeddings)),
    mutant("401-key", "hands a key in the provider's message on", "upstream.error.401", KEYS,
           passes_errors_on(SIDE, mask=True)),
    mutant("401-relayed", "passes a 401 of the provider on", "upstream.error.401", "status",
           passes_errors_on(SIDE)),
    mutant("organisation", "hands the message of every error on", "upstream.error.401", KEYS,
           discloses_refusal(SIDE)),
)  # fmt: skip
