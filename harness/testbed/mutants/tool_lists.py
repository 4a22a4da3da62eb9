"""A change of the tools of requests, in both protocols."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Body = dict[str, Any]


def keep_tools(test: Callable[[Body], bool]) -> Callable[[Body], None]:
    """Returns a change that drops the tools that fail the test, and the choice if none is left."""

    def change(body: Body) -> None:
        if isinstance(body.get("tools"), list):
            body["tools"] = [tool for tool in body["tools"] if test(tool)]
            if not body["tools"]:
                del body["tools"]
                body.pop("tool_choice", None)

    return change
