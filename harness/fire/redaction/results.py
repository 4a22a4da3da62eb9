"""Hides secrets in what is concluded from exchanges and written: verdicts and reports.

The exchanges have none left, but a conclusion can join what was apart in them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar, cast

from harness.model import Finding, Verdict
from harness.util.serialization import compact_text

Hide = Callable[[str], str]
Data = TypeVar("Data")


def hidden_data(value: Data, hide: Hide) -> Data:
    """Returns data of a report without secrets; the same object if they have none."""
    text = compact_text(value)
    return value if hide(text) == text else cast(Data, _hidden(value, hide))


def hidden_verdict(verdict: Verdict, hide: Hide) -> Verdict:
    """Returns the verdict without secrets in its reason, its findings and what blocks it."""
    blockers = [text for each in verdict.blocked_by for text in (each.rule, each.got, each.case)]
    findings = [text for each in verdict.findings for text in texts_of(each)]
    joined = "\n\n".join([verdict.reason, *blockers, *findings])
    if hide(joined) == joined:
        return verdict
    return replace(
        verdict,
        reason=hide(verdict.reason),
        findings=tuple(
            replace(each, at=hide(each.at), expected=hide(each.expected), got=hide(each.got))
            for each in verdict.findings
        ),
        blocked_by=tuple(replace(each, got=hide(each.got)) for each in verdict.blocked_by),
    )


def texts_of(finding: Finding) -> tuple[str, str, str]:
    return finding.at, finding.expected, finding.got


def _hidden(value: Any, hide: Hide) -> Any:
    if isinstance(value, str):
        return hide(value)
    if isinstance(value, Mapping):
        return {hide(key): _hidden(item, hide) for key, item in value.items()}
    return [_hidden(item, hide) for item in value] if isinstance(value, list | tuple) else value
