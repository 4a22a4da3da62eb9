"""Compares the content of a forwarded request with what the caller sent: added, lost, exchanged.

Texts are compared without regard to blanks; cases of their own check these.
"""

from __future__ import annotations

from harness.language.checks.base import Findings
from harness.language.checks.chat_request import ChatRequest, format_call, squeeze
from harness.model import Finding, Level


def added_tools(own: ChatRequest, forwarded: ChatRequest) -> Findings:
    """Yield tools of the gateway. One that has the definition of a missing one is that tool.

    None is certain to be the gateway's own beside a tool that a provider defines: for another
    provider, that one becomes a tool with a definition.
    """
    if own.has_provider_tools:
        return
    missing = [own.tools[name] for name in own.tools.keys() - forwarded.tools.keys()]
    for name, definition in forwarded.tools.items():
        if name not in own.tools and definition not in missing:
            yield Finding("forwarded $.tools", "only the caller's tools", f"a tool `{name}`")


def added_texts(own: ChatRequest, forwarded: ChatRequest) -> Findings:
    """Yield what is left of the forwarded texts without the caller's texts."""
    if own.has_other_parts:
        return  # another protocol can need words for such a part
    texts = sorted({squeeze(text) for _, text in own.texts}, key=len, reverse=True)
    for role, text in forwarded.texts:
        rest = squeeze(text)
        for known in filter(None, texts):
            rest = rest.replace(known, " ")
        if rest.strip():
            got = f"{rest.strip()[:120]!r}"
            yield Finding(f"forwarded {role} text", "only the caller's texts", got)


def lost_texts(own: ChatRequest, forwarded: ChatRequest) -> Findings:
    """Yield texts that are missing, or that arrive in another role."""
    by_role = {
        role: squeeze(" ".join(text for each, text in forwarded.texts if each == role))
        for role, _ in (*own.texts, *forwarded.texts)
    }
    for role, text in own.texts:
        words = squeeze(text)
        if not words or words in by_role[role]:
            continue
        place = f"forwarded {role} text"
        roles = [other for other, known in by_role.items() if words in known]
        if roles:
            level: Level = "should" if role == "system" else "must"
            yield Finding(place, f"with the role {role}", f"with the role {roles[0]}", level=level)
        elif not all(line in by_role[role] for line in map(squeeze, text.splitlines())):
            yield Finding(place, "every text of the caller", f"nothing of {text[:120]!r}")


def lost_calls(own: ChatRequest, forwarded: ChatRequest) -> Findings:
    """Yield calls that are missing, and results that arrive as those of another call."""
    calls = {format_call(call) for call in forwarded.calls}
    for call in map(format_call, own.calls):
        if call not in calls:
            expected = "every tool call of the caller"
            yield Finding("forwarded tool calls", expected, f"nothing of {call[:120]}")
    results: dict[str, str] = {}
    for call, text in forwarded.bound_results():
        results[call] = f"{results.get(call, '')} {squeeze(text)}"
    for call, text in own.bound_results():
        words = squeeze(text)
        if call in calls and words not in results.get(call, ""):
            expected = "each tool result with its own call"
            yield Finding("forwarded tool results", expected, f"not {text[:80]!r} for {call[:80]}")


def lost_images(own: ChatRequest, forwarded: ChatRequest) -> Findings:
    if forwarded.images < own.images:
        got = f"{forwarded.images} of {own.images}"
        yield Finding("forwarded images", "every image of the caller", got)


def lost_tools(own: ChatRequest, forwarded: ChatRequest) -> Findings:
    definitions = list(forwarded.tools.values())
    for name, (description, schema) in own.tools.items():
        if name not in forwarded.tools and (description, schema) not in definitions:
            yield Finding("forwarded $.tools", "every tool of the caller", f"no `{name}`")
        elif squeeze(description) not in squeeze(forwarded.tools.get(name, (description, 0))[0]):
            expected = "the description of every tool"
            yield Finding("forwarded $.tools", expected, f"not that of `{name}`")


def changed_order(own: ChatRequest, forwarded: ChatRequest) -> Findings:
    """Yield a finding if turns arrive in another order. Results can come before or after texts."""
    turns = [squeeze(text) for role, text in own.texts if role in ("user", "assistant")]
    arrived = [squeeze(text) for role, text in forwarded.texts if role in ("user", "assistant")]
    together, last = " ".join(arrived), -1
    for words in turns:
        if turns.count(words) > 1 or together.count(words) != 1:
            continue  # its position is not certain
        at = together.find(words)
        if at < last:
            expected = "the turns in the caller's order"
            yield Finding(
                "forwarded $.messages", expected, f"{words[:80]!r} before an earlier turn"
            )
            return
        last = at
