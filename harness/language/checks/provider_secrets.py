"""The check `error.provider`: an answer gives nothing away that is behind the gateway.

The played provider's errors and headers name machines and an organisation that no caller knows, and
the harness knows the key with which the gateway calls the provider. All headers and the whole body
are searched, since a gateway can put what it got into any of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote

from harness.language.checks.base import Controls, Findings, check
from harness.model import Answer, Finding
from harness.testbed.keys import PROVIDER_KEY

SECRETS: Final = "error.provider"
# A whole key is redacted before it is judged, however it is encoded.
WHOLE_KEY: Final = "[key:provider]"
PART: Final = 8  # characters of a part of a key that cannot be there by chance
# What the cases let the played provider report about itself.
NAMED: Final = re.compile(
    r"(?<![\w-])[\w-]+[.]cluster[.]internal(:\d+)?|10[.]11[.]12[.]13(:\d+)?|org-operator-5521"
)
LOOPBACK: Final = ("127.0.0.1", "localhost", "[::1]", "0.0.0.0")


@check(SECRETS, "effect", in_cases=False)
def secrets(args: object, answer: Answer, controls: Controls) -> Findings:
    """Report parts of the provider's key (a must), and its address or organisation (a should)."""
    addresses = set(provider_addresses(answer))
    for place, text in texts_of(answer):
        if part := key_part(text):
            yield Finding(place, "no part of the gateway's key for the provider", part)
        named = [match[0] for match in NAMED.finditer(text)]
        named += [address for address in addresses if address in text]
        if named:
            expected = "no address or organisation of the provider"
            yield Finding(place, expected, named[0], level="should")


def texts_of(answer: Answer) -> Iterator[tuple[str, str]]:
    """Yield the places of an answer and their texts, without escapes of URLs."""
    for name, value in answer.headers:
        yield f"header {name.lower()}", unquote(value)
    yield "body", unquote(answer.text)


def key_part(text: str) -> str:
    """Return the first part of the provider's key in a text, or "".

    A part without a digit is a word, such as `upstream`.
    """
    if WHOLE_KEY in text:
        return WHOLE_KEY
    parts = (PROVIDER_KEY[at : at + PART] for at in range(len(PROVIDER_KEY) - PART + 1))
    return next((p for p in parts if any(map(str.isdigit, p)) and p in text), "")


def provider_addresses(answer: Answer) -> Iterator[str]:
    """Yield the addresses under which the gateway called the provider.

    A name of this machine counts only with the provider's port.
    """
    for request in answer.forwarded or ():
        for name, value in request.headers:
            host, colon, port = value.rpartition(":")
            if name.lower() != "host" or not value:
                continue
            if colon and port.isdigit():
                yield from (f"{each}:{port}" for each in LOOPBACK if host in LOOPBACK)
            if (host or value) not in LOOPBACK:
                yield host if colon and port.isdigit() else value
