"""Upgrade of a transcript's header from format 1, which used other names for some fields.

Fields of the dataclasses in `harness.model` are keys of the header, so that a renamed field needs
an entry in RENAMED here; stored transcripts stay readable then.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from harness.model import Json
from harness.model.renamed_rules import RENAMED_ARGUMENTS, RENAMED_CHECKS, current_rule

# Where the objects stand (`*` is every item) -> old name -> new name.
RENAMED: Final[Mapping[tuple[str, ...], Mapping[str, str]]] = {
    ("target",): {"fronts": "endpoints", "claims": "deviations"},
    ("packs", "*"): {"other": "other_protocols", "base": "body"},
    ("plans", "*"): {"demands": "assertions"},
    ("packs", "*", "rows", "*"): {"status": "documented_as"},
}


def upgrade_header(header: Mapping[str, Json]) -> dict[str, Json]:
    """Return a header of format 1 with today's names."""
    renamed = dict(_renamed(header, ()))
    plans = [
        {**plan, "assertions": [_current_assertion(one) for one in plan.get("assertions", ())]}
        for plan in renamed.get("plans", ())
    ]
    return {**renamed, "plans": plans}


def _current_assertion(assertion: Mapping[str, Json]) -> dict[str, Json]:
    """Return a planned assertion with today's rule, check and argument names."""
    args = assertion["args"]
    if assertion["check"] == "forwarded":
        args = _rename_keys(args)
    return {
        **assertion,
        "rule": current_rule(assertion["rule"]),
        "check": RENAMED_CHECKS.get(assertion["check"], assertion["check"]),
        "args": args,
        "parts": [[_current_assertion(one) for one in part] for part in assertion["parts"]],
    }


def _rename_keys(arguments: Mapping[str, Json]) -> dict[str, Json]:
    """Return arguments of `forwarded`, with the keys of the providers renamed too."""
    return {
        RENAMED_ARGUMENTS.get(key, key): (
            {RENAMED_ARGUMENTS.get(inner, inner): args for inner, args in value.items()}
            if key not in RENAMED_ARGUMENTS
            else value
        )
        for key, value in arguments.items()
    }


def _renamed(data: Json, path: tuple[str, ...]) -> Json:
    if isinstance(data, list):
        return [_renamed(item, (*path, "*")) for item in data]
    if not isinstance(data, dict) or not any(at[: len(path)] == path for at in RENAMED):
        return data
    names = RENAMED.get(path, {})
    return {names.get(key, key): _renamed(value, (*path, key)) for key, value in data.items()}
