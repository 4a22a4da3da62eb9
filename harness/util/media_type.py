"""Media types, compared as RFC 9110, section 8.3.1, defines.

Type, subtype and names of parameters are case-insensitive, and blanks around `;` have no meaning.
JSON and event streams define no parameter but `charset`, which can only be UTF-8 there.
"""

from __future__ import annotations

import re
from typing import Final

EVENT_STREAM: Final = "text/event-stream"
# A text in ASCII is the same text in UTF-8.
UTF_8: Final = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})
_PARAMETER: Final = re.compile(r';\s*([^\s=;"]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))')


def essence(value: str) -> str:
    """Return type and subtype in lower case, without parameters.

    >>> essence('Application/JSON ;charset="UTF-8"')
    'application/json'
    """
    return value.partition(";")[0].strip().lower()


def charset(value: str) -> str:
    """Return the charset parameter in lower case; empty if there is none.

    >>> charset('application/json; Charset="UTF-8"')
    'utf-8'
    """
    for name, quoted, token in _PARAMETER.findall(value):
        if name.lower() == "charset":
            return str(re.sub(r"\\(.)", r"\1", quoted) or token).lower()
    return ""


def canonical(value: str) -> str:
    """Return the form in which media types are compared.

    It is the essence. A charset other than UTF-8 is kept, because clients decode by it.

    >>> canonical("application/json; profile=x; charset=ISO-8859-1")
    'application/json; charset=iso-8859-1'
    """
    declared = charset(value)
    kept = f"; charset={declared}" if declared and declared not in UTF_8 else ""
    return essence(value) + kept


def first_of(headers: tuple[tuple[str, str], ...]) -> str:
    """Return the essence of the first content type among headers; empty if there is none."""
    values = (value for name, value in headers if name.lower() == "content-type")
    return essence(next(values, ""))
