"""OpenAI's answer -> what was said. May not invent what OpenAI does not tell.

Each method is a hook that a mutant can override.
"""

from __future__ import annotations

from harness.testbed.forward import errors, response_parser
from harness.testbed.forward.provider_client import ProviderClient
from harness.testbed.gateway.endpoint import Body
from harness.testbed.gateway.model_types import Ask, Said, Usage, Why

WHY: dict[str, Why] = {
    "stop": "end",
    "length": "length",
    "tool_calls": "calls",
    "function_call": "calls",
    "content_filter": "refused",
}


class FromOpenAI(ProviderClient):
    def said(self, ask: Ask, whole: Body) -> Said:
        choices = whole.get("choices")
        if not isinstance(choices, list) or not choices:
            raise errors.no_answer()
        message, used = choices[0].get("message") or {}, self.usage(whole)
        calls = [self.function(call) for call in message.get("tool_calls") or ()]
        text = str(message.get("content") or message.get("refusal") or "")
        return Said(
            text=text,
            calls=tuple((name, arguments) for _, name, arguments in calls),
            why=self.why(choices[0], bool(message.get("refusal"))),
            read=used.read + used.cache_read + used.cache_write,
            wrote=used.wrote,
            ids=tuple(id_ for id_, _, _ in calls),
            blocks=None if ask.spoken == self.protocol else self.shown(text, calls),
            usage=used,
        )

    def function(self, call: Body) -> tuple[str, str, str]:
        function = call["function"]
        return str(call["id"]), str(function["name"]), str(function.get("arguments") or "{}")

    def shown(self, text: str, calls: list[tuple[str, str, str]]) -> tuple[Body, ...]:
        """A text if there is one, then the calls; a call that was cut short is none."""
        told: list[Body] = [{"type": "text", "text": text}] if text else []
        for id_, name, arguments in calls:
            given = response_parser.arguments(arguments)
            if given is not None:
                told.append({"type": "tool_use", "id": id_, "name": name, "input": given})
        return tuple(told)

    def why(self, choice: Body, refused: bool) -> Why:
        """Whoever calls has stopped for that, whatever else the provider says."""
        told = choice.get("finish_reason")
        if refused:
            return "refused"
        if told == "stop" and (choice.get("message") or {}).get("tool_calls"):
            return "calls"
        return WHY.get(str(told), "end")

    def usage(self, whole: Body) -> Usage:
        """OpenAI counts the cached tokens among those of the prompt."""
        told = whole.get("usage") or {}
        details = told.get("prompt_tokens_details") or {}
        cached, written = details.get("cached_tokens") or 0, details.get("cache_write_tokens") or 0
        read = (told.get("prompt_tokens") or 0) - cached - written
        return Usage(max(read, 0), told.get("completion_tokens") or 0, cached, written)

    def fold(self, events: list[Body]) -> tuple[Body, bool]:
        text, refused, reason = "", "", None
        calls: dict[int, Body] = {}
        whole: Body = {}
        for event in events:
            if event.get("usage"):
                whole["usage"] = event["usage"]
            for choice in event.get("choices") or ():
                delta = choice.get("delta") or {}
                text += delta.get("content") or ""
                refused += delta.get("refusal") or ""
                reason = choice.get("finish_reason") or reason
                for piece in delta.get("tool_calls") or ():
                    self.add(calls, piece)
        ordered = [calls[number] for number in sorted(calls)]
        if reason is None:
            ordered = [call for call in ordered if self.complete(call)]
        message = {"content": text, "refusal": refused, "tool_calls": ordered}
        whole["choices"] = [{"message": message, "finish_reason": reason}]
        return whole, reason is not None

    def add(self, calls: dict[int, Body], piece: Body) -> None:
        """One fragment to the call of its index."""
        call = calls.setdefault(piece.get("index", 0), {"id": "", "function": {}})
        call["id"] = piece.get("id") or call["id"]
        function = piece.get("function") or {}
        for key in ("name", "arguments"):
            call["function"][key] = call["function"].get(key, "") + (function.get(key) or "")

    def complete(self, call: Body) -> bool:
        """Of an answer that broke off the last call may be cut anywhere."""
        return bool(response_parser.arguments(call["function"].get("arguments", "-")))
