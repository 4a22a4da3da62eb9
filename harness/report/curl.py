"""curl command lines that repeat a request; redacted keys become shell variables."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable

# Headers that curl writes itself, or that would keep it from showing the answer.
OMITTED_HEADERS = (
    *("host", "content-length", "connection"),
    *("accept-encoding", "user-agent", "transfer-encoding"),
)
KEY = re.compile(r"\[key:([a-z-]+)\]")
CALLER = "caller"  # the name of the caller's key in a redacted text
DEFAULT_VARIABLE = "API_KEY"
SPECIAL = re.compile(r'([\\"$`])')
MAX_BODY = 16_000


def curl_command(
    method: str, url: str, headers: Iterable[tuple[str, str]], body: str, key_variable: str = ""
) -> str:
    """The command; a body that is too long for a command line is read from body.json.

    Args:
        key_variable: The environment variable that has the caller's key.
    """

    def quote(text: str) -> str:
        return quoted_word(text, key_variable or DEFAULT_VARIABLE)

    words = ["curl -sS -i -N"]
    if method != ("POST" if body else "GET"):
        words.append(f"-X {shlex.quote(method)}")
    words.append(quote(url))
    sent = [(name, value) for name, value in headers if name.lower() not in OMITTED_HEADERS]
    # curl omits a header without a value, unless it ends in a semicolon.
    words += [f"-H {quote(f'{name}: {value}' if value else f'{name};')}" for name, value in sent]
    if body and not any(name.lower() == "content-type" for name, _ in sent):
        words.append("-H 'content-type:'")
    if len(body) > MAX_BODY:
        words.append("--data-binary @body.json")
    elif body:
        words.append(f"--data-raw {quote(body)}")
    return " \\\n  ".join(words)


def quoted_word(text: str, key_variable: str) -> str:
    """One word for a POSIX shell, in which only the variables of keys are expanded."""
    parts = KEY.split(text)
    if len(parts) == 1:
        return single_quote(text)
    if "!" not in text:
        texts = [SPECIAL.sub(r"\\\1", part) for part in parts[::2]]
        names = [f"${variable(name, key_variable)}" for name in parts[1::2]]
        return f'"{"".join(a + b for a, b in zip(texts, [*names, ""], strict=True))}"'
    pieces = [
        f'"${variable(part, key_variable)}"' if index % 2 else single_quote(part)
        for index, part in enumerate(parts)
        if part
    ]
    return "".join(pieces)


def single_quote(text: str) -> str:
    """`shlex.quote`, with a shorter form for a quote within quotes."""
    return shlex.quote(text).replace("'\"'\"'", r"'\''")


def variable(name: str, key_variable: str) -> str:
    return key_variable if name == CALLER else f"{name.upper().replace('-', '_')}_KEY"
