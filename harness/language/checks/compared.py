"""Values that a field could have changed, and that the check `untouched` has compared.

The members of an answer are mostly the same whatever was sent. Evidence that a field has no effect
needs a text or a count on which equal requests agree.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from harness.model import Finding, Json

TEXTS: Final = frozenset({"content", "text", "arguments", "refusal", "reasoning_content"})
COUNT: Final = "_tokens"
Values = Mapping[str, Json]


def observation(
    own: Json, controls: Sequence[Json], members: Values, expected: Sequence[Values]
) -> Finding:
    """Return the finding that holds, with what was compared and the grade of that.

    Args:
        own: The answer. `controls` are the answers without the field.
        members: Its members by pointer that do not vary; `expected` those of the controls.
    """
    texts, others = dict(texts_in(own)), [dict(texts_in(control)) for control in controls]
    agreed = agreed_values(others)
    if changed := [at for at, text in agreed.items() if texts.get(at) != text]:
        got = f"{changed[0]} differs from the text that {len(controls)} equal requests agree on"
        return Finding(got=f"{got}; an effect cannot be excluded", status="holds", grade="accepted")
    counts = [at for at in agreed_values(expected) if at.endswith(COUNT) and at in members]
    if places := [*agreed, *counts]:
        got = f"compared with {len(controls)} equal requests: {', '.join(places)}"
        return Finding(got=got, status="holds", grade="differential")
    got = "compared: the members only, since equal requests agree on no text and no token count"
    return Finding(got=got, status="holds", grade="shape")


def agreed_values(values: Sequence[Values]) -> Values:
    """Return the values that all have; that equal requests agree takes two of them."""
    if len(values) < 2:
        return {}
    first, *others = values
    return {at: v for at, v in first.items() if all(each.get(at) == v for each in others)}


def texts_in(value: Json, at: str = "", is_text: bool = False) -> Iterator[tuple[str, str]]:
    """Yield (pointer, text) of every text that a model has written."""
    if isinstance(value, str) and value and is_text:
        yield at, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from texts_in(inner, f"{at}/{key}", key in TEXTS)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from texts_in(inner, f"{at}/{index}", is_text)
