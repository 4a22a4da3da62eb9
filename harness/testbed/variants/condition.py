"""Type of the right gateways whose transport is limited, and the error replies they give."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Request = Mapping[str, Any]
Reply = Mapping[str, Any]
Respond = Callable[[Request], Reply]
RespondLater = Callable[[Request], Any]
Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """A right gateway whose transport is limited.

    Attributes:
        wrap: Takes the function that answers requests, for all connections of the server together,
            and returns it with the limitation.
    """

    id: str
    description: str
    wrap: Callable[[Respond], RespondLater]


def reply(status: int, kind: str, body: bytes, headers: Headers = ()) -> Reply:
    """Return a whole reply with this body."""
    return {
        "status": status,
        "headers": [("content-type", kind), *headers],
        "chunks": [body],
        "pauses": [0.0],
        "framing": "length",
        "end": "keep",
    }


def error_reply(
    status: int, message: str, headers: Headers = (), kind: str = "rate_limit_error"
) -> Reply:
    """Return an error that both protocols read."""
    error = {"message": message, "type": kind, "param": None, "code": None}
    body = json.dumps({"type": "error", "error": error}).encode()
    return reply(status, "application/json", body, headers)
