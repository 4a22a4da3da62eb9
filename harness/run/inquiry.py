"""Asks a target that does not answer as needed: which base URL answers, and which models exist."""

from __future__ import annotations

import asyncio
import difflib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlsplit

from harness.fire.connection import Limits
from harness.fire.http import HttpTransport
from harness.fire.urls import Trust
from harness.model import Call, Exchange, Script, Target
from harness.model.options import Options
from harness.model.protocol import PROTOCOLS
from harness.run.first_answer import describe_other_answer
from harness.util.errors import UsageError
from harness.util.printable import printable_name

TIMEOUT: Final = 5.0  # seconds of a request
MAX_BODY: Final = 1024 * 1024  # bytes of an answer
MAX_URLS: Final = 5  # base URLs that are tried
MAX_NAMES: Final = 5  # models that are named
MAX_NAME: Final = 80  # characters of a model's name
OPERATIONS: Final = re.compile(
    r"(/v1)?/(chat/completions|completions|messages(/count_tokens)?|responses|embeddings|models)$"
)
# Where gateways and providers have their API, below the root of the host.
PLACES: Final = {
    "openai": ("/v1", "/api/v1", "/openai/v1", ""),
    "anthropic": ("", "/anthropic", "/api"),
    "responses": ("/v1", "/api/v1", "/openai/v1", ""),
    "embeddings": ("/v1", "/api/v1", "/openai/v1", ""),
}
# Statuses with which an API answers a request that has come to the right place.
AT_THE_RIGHT_PLACE: Final = frozenset({400, 401, 403, 422, 429})


@dataclass(frozen=True, slots=True)
class Inquiry:
    """Sends single requests to a target, before or instead of its run."""

    options: Options
    target: Target
    keys: Mapping[str, str]

    def send(self, base_url: str, call: Call) -> Exchange | None:
        """Send a call once to another base URL of the target; None if that is not possible."""
        endpoint = replace(self.target.endpoints[call.protocol], base_url=base_url)
        target = replace(self.target, endpoints={call.protocol: endpoint})
        limits = Limits(min(TIMEOUT, self.options.timeout), body=MAX_BODY, tries=1)
        trust = Trust(self.options.ca, self.options.insecure)

        async def send() -> Exchange:
            transport = HttpTransport(target, self.keys, limits, float, trust=trust)
            connection = transport.connection()
            try:
                return await transport.send(connection, "inquiry", call, is_first)
            finally:
                await connection.close()

        try:
            return asyncio.run(send())
        except UsageError:
            return None

    def better_base_url(self, script: Script) -> str:
        """Return a sentence about the base URL at which an API answers the first call, or ""."""
        call, sentences = script.shots[0].call, list[str]()
        endpoint = self.target.endpoints[call.protocol]
        for url in other_base_urls(endpoint.base_url, call.protocol):
            exchange = self.send(url, call)
            if exchange is None or not is_right_place(exchange, endpoint.model):
                continue
            if exchange.status == 200:
                return f"the base URL that answers is {url}"
            sentences.append(f"an API answers with {exchange.status} at the base URL {url}")
        return sentences[0] if sentences else ""

    def models(self, call: Call) -> list[str]:
        """Return the models that the target lists, the most similar to the requested one first."""
        endpoint = self.target.endpoints[call.protocol]
        path = "/models" if PROTOCOLS[call.protocol].root else "/v1/models"
        listing = replace(call, method="GET", path=path, body=None, raw=None)
        exchange = self.send(endpoint.base_url, listing)
        names = names_in(exchange) if exchange is not None and exchange.status == 200 else []
        similar = difflib.get_close_matches(endpoint.model, names, MAX_NAMES, 0.5)
        return [*similar, *(name for name in names if name not in similar)]


async def is_first(delay: float) -> bool:
    """Let a request be sent at once, and not again after a pause."""
    return not delay


def other_base_urls(base_url: str, protocol: str) -> list[str]:
    """Return the base URLs that can be meant by one that does not answer, the likeliest first."""
    url, (path, mark, query) = urlsplit(base_url), base_url.partition("?")
    root = f"{url.scheme}://{url.netloc}"
    given = path.removeprefix(root).rstrip("/")
    version = PROTOCOLS[protocol].root
    short = OPERATIONS.sub(r"\1" if version else "", given)
    bare = short.removesuffix("/v1")
    likely = (short, f"{bare}{version}", bare, *PLACES[protocol])
    paths = [each for each in dict.fromkeys(likely) if each != given]
    return [f"{root}{each}{mark}{query}" for each in paths[:MAX_URLS]]


def is_right_place(exchange: Exchange, model: str) -> bool:
    """Return whether an answer to the first call comes from an API, also if that refuses it."""
    if exchange.end != "complete" or exchange.status is None or describe_other_answer(exchange):
        return False
    text = exchange.body.decode("utf-8", "replace")
    is_known = exchange.status == 404 and names_model(text, model)
    return exchange.status == 200 or is_known or exchange.status in AT_THE_RIGHT_PLACE


def names_model(text: str, model: str) -> bool:
    """Return whether a text has the name of a model, and not only as a part of another word."""
    return re.search(rf"(?<![\w-]){re.escape(model)}(?![\w-])", text) is not None


def names_in(exchange: Exchange) -> list[str]:
    """Return the ids in a list of models; none if the answer has another form."""
    try:
        data = json.loads(exchange.body).get("data", ())
        ids = [entry.get("id") for entry in data]
    except (ValueError, RecursionError, AttributeError, TypeError):
        return []
    return [name for name in ids if isinstance(name, str) and 0 < len(name) <= MAX_NAME]


def sentence_of_models(names: Sequence[str]) -> str:
    """Return "it has `a`, `b` and 3 more"; "" without a name."""
    shown = [f"`{printable_name(name)}`" for name in names[:MAX_NAMES]]
    more = [f"{len(names) - MAX_NAMES:,} more"] if len(names) > MAX_NAMES else []
    words = [*shown, *more]
    joined = " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))
    return f"it has {joined}" if names else ""
