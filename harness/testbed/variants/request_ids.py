"""Variants of the headers with the id of a request."""

from __future__ import annotations

from harness.testbed.base import Variant
from harness.testbed.gateway.ids import ResponseIds
from harness.testbed.variants.wire import Pairs, headers


class LongIds(ResponseIds):
    """Writes longer request ids."""

    @property
    def request_id(self) -> str:
        return f"{super().request_id}/{self.digest}"


def own_id(pairs: Pairs) -> Pairs:
    return [pair for pair in pairs if pair[0] != "x-request-id"]


def both_ids(pairs: Pairs) -> Pairs:
    added = [("x-request-id", value) for name, value in pairs if name == "request-id"]
    return [*own_id(pairs), *added]


REQUEST_IDS = (
    Variant("headers.x-request-id", "sends x-request-id in addition to request-id",
            headers(both_ids)),
    Variant("headers.request-id", "sends request-id only", headers(own_id),
            affects=("openai-chat/header.request-id", "openai-responses/header.request-id")),
    Variant("headers.long-id", "sends long request ids",
            {"both.respond": lambda original, request,
                ids: original(request, LongIds(ids.digest))}),
)  # fmt: skip
