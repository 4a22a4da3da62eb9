"""The rules by which answers are judged, with the sentences that a report has when they fail.

`harness list --rules` prints them, `python -m harness.report.causes.rule_list` docs/rules.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Final, NamedTuple

from harness.decode.streams.rules import load_rules
from harness.report.causes.wording import lookup, sentence
from harness.report.labels import WORDING, rule_sentence

HEAD: Final = """\
<!-- Generated from the wording of reports by `python -m harness.report.causes.rule_list`. -->

# Rules

An assertion has a rule. A report names the rule of each fault, in small type below its sentence.
Rules of a case's own checks consist of the check and the place, such as
`body $.choices[0].finish_reason`; they are under the name of the check.
"""
HOME: Final = "https://github.com/OWNER/llm-gateway-conformance"
PAGE: Final = f"{HOME}/blob/main/docs/rules.md"
PROTOCOLS: Final = {"openai": "Chat Completions", "anthropic": "Messages", "responses": "Responses"}


# The names under which the reason and the hint of other rules are.
KINDS: Final = {
    "status": ("status.4",),
    **dict.fromkeys(("body", "events", "sum", "same", "present", "always", "when"), ("answer",)),
    **dict.fromkeys(("any_of", "always_empty"), ("field",)),
}


class Rule(NamedTuple):
    """A rule: what is wrong if it fails, why that matters, and where to search for the cause.

    `parts` are the requirements of a rule of streams: (protocol, level, requirement, reason).
    """

    id: str
    wrong: str
    why: str
    hint: str
    parts: tuple[tuple[str, str, str, str], ...] = ()


def list_rules() -> Iterator[Rule]:
    """Yield every rule: of behaviours and streams by their ids, of checks by the check."""
    parts: dict[str, list[tuple[str, str, str, str]]] = {}
    for protocol in PROTOCOLS:
        for rule in load_rules(protocol).values():
            part = protocol, rule.level, rule.expected.replace("{}", "N"), rule.why
            parts.setdefault(rule.id, []).append(part)
    checks = {name: text.format("PLACE") for name, text in WORDING["checks"].items()}
    for name in sorted({*WORDING["rules"], *parts, *checks}):
        kind = "status" if name.endswith((".refused", ".status")) else name.partition(".")[0]
        yield Rule(
            name,
            sentence(checks.get(name) or rule_sentence(name)),
            sentence(lookup("why", name, *KINDS.get(kind, (kind,)))),
            sentence(lookup("hint", name, *KINDS.get(kind, (kind,)))),
            tuple(parts.get(name, ())),
        )


@cache
def rule_ids() -> frozenset[str]:
    return frozenset(rule.id for rule in list_rules())


def rule_url(rule: str) -> str:
    """Return the address of a rule on the page of rules; that of its check for a case's own rule.

    Example:
        `.../docs/rules.md#body` for `body $.choices[0].finish_reason`.
    """
    known = next((name for name in (rule, rule.partition(" ")[0]) if name in rule_ids()), "")
    return f"{PAGE}#{known}" if known else PAGE


def markdown() -> Iterator[str]:
    """Yield the blocks of docs/rules.md; each rule has an anchor with its id."""
    yield HEAD
    for rule in list_rules():
        yield f'## {rule.id}\n\n<a id="{rule.id}"></a>{rule.wrong}\n'
        for protocol, level, expected, why in rule.parts:
            yield f"- {PROTOCOLS[protocol]}, {level}: {expected}. {sentence(why)}"
        if rule.parts:
            yield ""
        if rule.why:
            yield f"Why it matters: {rule.why}\n"
        if rule.hint:
            yield f"Where to search first: {rule.hint}\n"


if __name__ == "__main__":
    print("\n".join(markdown()).strip())
