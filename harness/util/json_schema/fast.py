"""Whether an instance is valid, decided by a compiled validator.

It answers in microseconds and needs no memory for the instance. It describes no errors: the slower
validator examines what this one does not accept, and decides where the two can differ.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from harness.model import Json
from harness.util import patterns
from harness.util.json_schema import files

if TYPE_CHECKING:
    from jsonschema_rs import Draft202012Validator, Registry

# Keywords that the two validators compute in different ways.
EXCLUDED: Final = ('"multipleOf"', '"$dynamicRef"', '"$recursiveRef"')


class FastValidator:
    """Accepts instances of one schema.

    Args:
        formats: What decides about values of a `format`; without it formats are not checked.

    Attributes:
        validator: None if the slower one decides alone.
        failed: Whether a pattern could not be searched for since `accepts` was called.
    """

    def __init__(
        self, schema: Json, formats: Mapping[str, Callable[[str], bool]] | None = None
    ) -> None:
        self.failed, self.formats = False, formats
        self.validator = self.compiled(schema)

    def accepts(self, instance: Json) -> bool:
        """Return whether an instance is certainly valid."""
        if self.validator is None:
            return False
        self.failed = False
        try:
            return self.validator.is_valid(instance) and not self.failed
        except (ValueError, TypeError, RecursionError):  # no JSON, such as half a surrogate pair
            return False

    def compiled(self, schema: Json) -> Draft202012Validator | None:
        """Return the validator; None for a schema that it does not read or treats differently.

        None too where the address space is limited: compiled code ends the process at the limit.
        """
        if is_address_space_limited():
            return None
        from jsonschema_rs import Draft202012Validator, RegexOptions, ValidationError

        text = json.dumps(schema)
        if any(keyword in text for keyword in EXCLUDED):
            return None
        has_patterns = '"pattern"' in text or '"$ref"' in text
        try:
            return Draft202012Validator(
                schema,
                registry=registry(is_reference(schema)) if '"$ref"' in text else None,
                offline=True,
                formats=dict(self.formats or {}),
                validate_formats=self.formats is not None,
                pattern_options=RegexOptions(),  # of `patternProperties`; in linear time
                keywords={"pattern": self.pattern_keyword()} if has_patterns else {},
            )
        except (ValidationError, ValueError, TypeError):
            return None

    def pattern_keyword(self) -> type:
        """Return the keyword `pattern` with the searches, and the time limit, of the other one."""
        owner = self

        class Pattern:
            def __init__(self, parent: Any, value: Any, path: Any) -> None:
                self.pattern = value

            def validate(self, instance: Any) -> None:
                if isinstance(instance, str) and not owner.matches(self.pattern, instance):
                    raise ValueError

        return Pattern

    def matches(self, pattern: str, text: str) -> bool:
        """Return whether a text matches a pattern, and note if that cannot be decided."""
        try:
            return patterns.search(pattern, text)
        except Exception:
            self.failed = True  # the other validator raises it again
            raise


@cache
def is_address_space_limited() -> bool:
    """Return whether `ulimit -v` or its like limits this process."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return False
    return resource.getrlimit(resource.RLIMIT_AS)[0] != resource.RLIM_INFINITY


def is_reference(schema: Json) -> bool:
    """Return whether a schema is nothing but a reference to a URL, such as the `$id` of another."""
    return isinstance(schema, dict) and schema.keys() == {"$ref"} and "://" in str(schema["$ref"])


@cache
def registry(by_id: bool) -> Registry:
    """Return the shipped schemas by their `$id`, or under each of their names; each is a copy."""
    from jsonschema_rs import Registry

    spellings = files.schemas().items() if by_id else files.spellings()
    return Registry([(each.get("$id", name) if by_id else name, each) for name, each in spellings])
