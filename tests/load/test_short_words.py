"""No case takes a short word of an answer for another one that contains it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from harness.language.behaviours import BY_ID
from harness.load.packs import load_packs
from harness.load.semantics import assertions
from harness.model import Json
from harness.plan.needs import TEXT

# Longer words, such as pineapple, are in no others but their plurals.
SHORT: Final = re.compile(r"(\(\?[is]\))?(\w|\[[A-Za-z]+\]){1,5}")


def patterns_in(schema: Json) -> Iterator[str]:
    if isinstance(schema, dict):
        yield from (value for key, value in schema.items() if key == "pattern")
        yield from (pattern for value in schema.values() for pattern in patterns_in(value))
    elif isinstance(schema, list):
        yield from (pattern for value in schema for pattern in patterns_in(value))


def test_short_words_of_answers_are_matched_as_whole_words() -> None:
    unbounded = [
        f"{pack.id}/{case.id}: {pattern}"
        for pack in load_packs([], tuple(BY_ID))
        for case in pack.cases
        for _, check, args in assertions(case.spec)
        if check == "body"
        for path, schema in args.items()
        if TEXT.search(path)
        for pattern in patterns_in(schema)
        if any(SHORT.fullmatch(part) for part in pattern.split("|"))
    ]
    assert unbounded == []
