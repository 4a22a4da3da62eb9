"""The check `headers`: JSON Schemas on the headers of an answer."""

from __future__ import annotations

from collections.abc import Mapping

from harness.language.checks.base import Controls, Findings, check
from harness.model import Answer, Finding, Json, Pairs
from harness.util import json_schema, media_type
from harness.util.format_value import format_value


@check("headers", "effect")
def headers(args: Json, answer: Answer, controls: Controls) -> Findings:
    yield from check_headers(args, answer.headers)


# Several fields of these names mean the same as one field with a list (RFC 9110, section 5.3).
LIST_HEADERS = frozenset({
    "accept", "access-control-allow-headers", "access-control-allow-methods",
    "access-control-expose-headers", "allow", "anthropic-beta", "cache-control", "connection",
    "content-encoding", "transfer-encoding", "vary", "via", "www-authenticate",
})  # fmt: skip


def check_headers(schemas: Mapping[str, Json], pairs: Pairs, prefix: str = "") -> Findings:
    """Validate every occurrence of each header of `{name: JSON Schema}`.

    A content type is compared in its canonical form: other spellings mean the same.
    """
    for key, schema in schemas.items():
        name = key.removesuffix("?")
        values = [value for header, value in pairs if header.lower() == name.lower()]
        if len(values) > 1 and name.lower() in LIST_HEADERS:
            values = [", ".join(values)]
        place = f"{prefix}header {name}"
        if schema is False and values:
            yield Finding(place, "no such header", format_value(values))
        elif schema is not False and not values and not key.endswith("?"):
            yield Finding(place, "the header", "no such header")
        elif schema is not False:
            is_media_type = name.lower() == "content-type"
            for value in values:
                compared = media_type.canonical(value) if is_media_type else value
                for _, error in json_schema.errors_inline(schema, compared):
                    yield Finding(place, error, format_value(value))
