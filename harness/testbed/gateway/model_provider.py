"""The built-in provider: the toy model with token limits, stop sequences and usage."""

from __future__ import annotations

import json

from harness.testbed.gateway import tokenizer, tool_calls, toy_model, web_search
from harness.testbed.gateway.model_types import (
    Finish,
    Image,
    Json,
    ModelReply,
    ModelRequest,
    Part,
    Result,
    Text,
    Tool,
)

IMAGE_TOKENS = 100
SERVER_TOOL_TOKENS = 300  # what a provider adds to the prompt for a tool of its own


def complete(request: ModelRequest) -> ModelReply:
    """Returns one complete reply. Tool calls that exceed the token limit are left out."""
    output = toy_model.respond(request)
    thinking = "The user wants something; let me think." if is_thinking(request) else ""
    input_tokens = count_input_tokens(request)
    if isinstance(output, tuple):
        output_tokens = sum(
            tokenizer.count(name) + tokenizer.count(arguments) for name, arguments in output
        )
        if request.limit is not None and output_tokens > request.limit:
            return ModelReply("", (), "length", input_tokens, request.limit, thinking)
        return ModelReply("", output, "calls", input_tokens, output_tokens, thinking)
    text = remove_prefill(request, output or "")
    if request.json_schema is not None:
        text = tool_calls.as_json(request.json_schema, text)
    text, finish, sequence = truncate(text, request.limit, request.stop)
    output_tokens = tokenizer.count(text)
    query = web_search.find_query(request, toy_model.last_question(request))
    search = query if query and query in text else ""
    citations = cite_all(request, search) if text else ()
    counts = (input_tokens, output_tokens)
    return ModelReply(text, (), finish, *counts, thinking, sequence, search, citations)


def is_thinking(request: ModelRequest) -> bool:
    """With `between_tools`, the model thinks about the results of tools only."""
    kind = request.thinking.get("type") if isinstance(request.thinking, dict) else "disabled"
    last = request.turns[-1].parts if request.turns else ()
    after_result = any(isinstance(part, Result) for part in last)
    return after_result if kind == "between_tools" else kind != "disabled"


def cite_all(request: ModelRequest, search: str) -> tuple[Json, ...]:
    """Cites each document, and the page that a search found."""
    cited = tuple(cite(index, document) for index, document in enumerate(request.cited))
    return (*cited, web_search.citation(search)) if search else cited


def cite(index: int, document: tuple[str, str]) -> Json:
    """Cites the first sentence of a document."""
    title, text = document
    cited = text.partition(". ")[0]
    place = {"start_char_index": 0, "end_char_index": len(cited)}
    head = {"type": "char_location", "document_index": index, "document_title": title or None}
    return {**head, "cited_text": cited, **place}


def remove_prefill(request: ModelRequest, text: str) -> str:
    """Removes the part of the answer that the caller has already written."""
    last = request.turns[-1] if request.turns else None
    return text.removeprefix(last.text) if last and last.role == "assistant" else text


def truncate(text: str, limit: int | None, stop: tuple[str, ...]) -> tuple[str, Finish, str]:
    """Cuts the text at the token limit or before the first stop sequence.

    Returns:
        The text, the finish reason, and the stop sequence that was found.
    """
    finish: Finish = "end"
    if limit is not None and tokenizer.count(text) > limit:
        text, finish = tokenizer.truncate(text, limit), "length"
    matches = [(text.find(sequence), sequence) for sequence in stop if sequence in text]
    if not matches:
        return text, finish, ""
    position, sequence = min(matches)
    return text[:position], "stop", sequence


def count_input_tokens(request: ModelRequest) -> int:
    """Counts the tokens of everything that reaches the model."""
    total = 3
    if request.system:
        total += 4 + tokenizer.count(request.system)
    for turn in request.turns:
        total += 4 + sum(_part_tokens(part) for part in turn.parts)
    total += SERVER_TOOL_TOKENS * len(request.server_tools)
    return total + sum(_tool_tokens(tool) for tool in request.tools)


def _part_tokens(part: Part) -> int:
    if isinstance(part, Text):
        return tokenizer.count(part.text)
    if isinstance(part, Image):
        return IMAGE_TOKENS
    if isinstance(part, Result):
        return 2 + tokenizer.count(part.text)
    return 4 + tokenizer.count(part.name) + tokenizer.count(part.arguments)


def _tool_tokens(tool: Tool) -> int:
    schema = json.dumps(tool.parameters, ensure_ascii=False)
    return 8 + sum(map(tokenizer.count, (tool.name, tool.description, schema)))
