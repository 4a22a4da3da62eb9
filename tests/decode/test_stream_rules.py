"""The rules of streams are complete, and the code uses exactly these."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.decode.streams import rules
from harness.decode.streams.rules import load_rules, load_table
from harness.model import LEVELS

TABLES = [
    ("openai", "choice"),
    ("openai", "stream"),
    ("anthropic", "stream"),
    ("responses", "stream"),
]
PROTOCOLS = ("openai", "anthropic", "responses")


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_every_rule_has_a_level_and_a_reason(protocol: str) -> None:
    listed = load_rules(protocol).values()
    assert len(listed) > 20
    assert all(rule.why and rule.expected and rule.level in LEVELS for rule in listed)
    assert all(rule.id.startswith("stream.") for rule in listed)


def names_in_code(protocol: str) -> Iterator[str]:
    """Yield the names in calls of `log.add(NAME, at, got)`."""
    folder = Path(rules.__file__).parent
    for file in (*folder.glob(f"{protocol}*.py"), folder / "rules.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "add":
                first = node.args[0]
                names = (first.body, first.orelse) if isinstance(first, ast.IfExp) else (first,)
                yield from (str(n.value) for n in names if isinstance(n, ast.Constant))


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_every_rule_is_used_and_every_used_rule_exists(protocol: str) -> None:
    tables = [load_table(*table) for table in TABLES if table[0] == protocol]
    in_tables = {rule for table in tables for _, rule in table.values() if rule}
    assert in_tables.union(names_in_code(protocol)) == set(load_rules(protocol))
