"""A web search that the provider runs: what the model searches for, and what it finds."""

from __future__ import annotations

import base64
import re

from harness.testbed.gateway.model_types import Json, ModelRequest

_QUERY = re.compile(r"\bsearch the web for (\w[\w ]{0,80})", re.IGNORECASE)


def find_query(request: ModelRequest, question: str) -> str:
    """Returns what the model searches for; "" if it does not search."""
    match = _QUERY.search(question)
    return match[1] if match and "web_search" in request.server_tools else ""


def answer(request: ModelRequest, question: str) -> str | None:
    """Answers with the words that were searched for."""
    query = find_query(request, question)
    return f"The web has a page about {query}." if query else None


def result(query: str) -> dict[str, Json]:
    """Returns the only page that a search finds."""
    return {
        "type": "web_search_result",
        "url": f"https://example.org/{query.replace(' ', '-')}",
        "title": query.capitalize(),
        "encrypted_content": base64.b64encode(query.encode()).decode(),
        "page_age": None,
    }


def blocks(query: str, call_id: str) -> list[dict[str, Json]]:
    """Returns the blocks of a search; none without a query."""
    if not query:
        return []
    call = {"id": call_id, "name": "web_search", "input": {"query": query}}
    page = {"tool_use_id": call_id, "content": [result(query)]}
    return [{"type": "server_tool_use", **call}, {"type": "web_search_tool_result", **page}]


def citation(query: str) -> dict[str, Json]:
    """Returns the reference of the answer to that page."""
    page = result(query)
    return {
        "type": "web_search_result_location",
        "url": page["url"],
        "title": page["title"],
        "encrypted_index": page["encrypted_content"],
        "cited_text": f"A page about {query}.",
    }
