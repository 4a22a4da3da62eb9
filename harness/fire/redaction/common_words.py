"""Separates keys that are words of the protocol from keys that can be hidden.

Local gateways often take any key, and users give them a word such as `message`. If it were hidden
wherever it stands, right answers would lose their members, and a right gateway would fail. Such
a key protects nothing: it stands in the cases and in every answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Final

from harness.model import Target
from harness.util import paths

LONGEST: Final = 20  # a longer key is no word
LONGEST_NUMBER: Final = 10  # as long as the time in an answer
HTTP: Final = (
    "content-type content-length content-encoding transfer-encoding application/json "
    "text/event-stream text/plain text/html charset=utf-8 chunked keep-alive connection "
    "no-cache no-store max-age private retry-after x-request-id request-id date server "
    "cache-control location set-cookie authorization bearer www-authenticate data: event: "
    "retry: [DONE] true false null"
)


def common_words(secrets: Iterable[str], target: Target, packs: Iterable[str] = ()) -> set[str]:
    """Returns the secrets that are parts of the cases, of the protocols or of a model's name.

    Args:
        packs: Packs of the run by name or folder; those with a folder are read as well.
    """
    short = {each for each in secrets if len(each) < LONGEST}
    if not short:
        return set()
    models = (endpoint.model for endpoint in target.endpoints.values())
    files = (path for pack in packs for path in sorted(Path(pack).glob("*.yaml")))
    own = "\n".join((*models, *(path.read_text("utf-8", "replace") for path in files))).lower()
    return {each for each in short if is_common(each.lower(), own)}


def is_common(secret: str, own: str) -> bool:
    is_number = secret.isdigit() and len(secret) <= LONGEST_NUMBER
    return is_number or secret in own or secret in public_text()


@cache
def public_text() -> str:
    """Returns the words of the shipped cases and schemas, and those of HTTP, in small letters."""
    phrases = (status.phrase for status in HTTPStatus)
    folders = (paths.cases_dir(), paths.schemas_dir())
    files = (path for folder in folders for path in sorted(folder.rglob("*")))
    texts = (path.read_text("utf-8") for path in files if path.suffix in (".yaml", ".json"))
    return "\n".join((HTTP, *phrases, *texts)).lower()
